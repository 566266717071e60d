"""Attribution jobs on a real board, compared with the engine called directly."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load

import attriboard as ab
from attriboard import engine
from attriboard.board import Board
from attriboard.jobs.job import Job
from attriboard.jobs.session import Session
from tests.jobs.boards import CLASSES, SIZE, Questions, Watch, board
from tests.jobs.conftest import Open, arrays, ask, job_of, results

IG = {"n_steps": 8}


def direct(
    on: Board, index: int, method: engine.Method, target: Any, **fields: Any
) -> engine.Result:
    example = on.example(index)
    baselines = on.baseline(fields.pop("baseline", None), example, 0)
    model = on.models["model"]
    result: engine.Result = engine.attribute(
        model, on.tensors([example]), method, target, baselines=baselines, **fields
    )
    return result


def assert_same(found: dict[str, Any], expected: engine.Result) -> None:
    assert set(found) == {"photo", "question"}
    for name, tensor in zip(("photo", "question"), expected.attributions, strict=True):
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], tensor[0].numpy(), atol=1e-6)


def test_results_equal_those_of_the_engine(session: Session) -> None:
    indices = tuple(range(9))
    for meta in results(session, ask(indices, "IntegratedGradients", params=IG, target=1)):
        expected = direct(session.board, meta["example"], engine.IntegratedGradients(n_steps=8), 1)
        assert_same(arrays(session, meta), expected)
        assert expected.delta is not None
        assert expected.score is not None
        assert meta["delta"] == pytest.approx(expected.delta.item(), abs=1e-5)
        assert meta["score"] == pytest.approx(expected.score.item(), abs=1e-5)
        assert meta["target"] == {"index": 1, "name": "green"}
        assert meta["baseline"] == {"photo": "mean", "question": "pad"}


def test_a_contrast_a_baseline_and_features_reach_the_engine(session: Session) -> None:
    choices = {"photo": "black", "question": {"example": 4}}
    request = ask(
        (0, 4, 8),
        "FeatureAblation",
        target={"contrast": [2, 0]},
        baseline=choices,
        features={"photo": "patches"},
    )
    for meta in results(session, request):
        example = session.board.example(meta["example"])
        groups = session.board.features({"photo": "patches"}, example)
        assert groups is not None
        expected = direct(
            session.board,
            meta["example"],
            engine.FeatureAblation(),
            engine.Contrast(2, 0),
            baseline=choices,
            features=engine.distinct(groups),
        )
        assert_same(arrays(session, meta), expected)
        assert meta["target"] == {"contrast": [2, 0], "name": "blue rather than red"}
        assert meta["features"] == {"photo": "patches", "question": "tokens"}
        assert meta["baseline"] == choices


def test_occlusion_takes_its_windows_from_the_inputs(session: Session) -> None:
    (meta,) = results(session, ask(3, "Occlusion", target=0))
    pairs = [
        entry.window(tensor[0])
        for entry, tensor in zip(
            session.board.inputs, session.board.tensors([session.board.example(3)]), strict=True
        )
    ]
    method = engine.Occlusion(
        sliding_window_shapes=tuple(window for window, _ in pairs),
        strides=tuple(stride for _, stride in pairs),
    )
    assert meta["method"] == method.to_json()
    assert_same(arrays(session, meta), direct(session.board, 3, method, 0))


def test_a_picture_is_ablated_by_patches_unless_the_user_says_otherwise(session: Session) -> None:
    (meta,) = results(session, ask(0, "FeatureAblation", target=0))
    assert meta["features"] == {"photo": "patches", "question": "tokens"}
    assert meta["passes"] < 50
    (single,) = results(
        session, ask(0, "FeatureAblation", target=0, features={"photo": "elements"})
    )
    assert single["features"] == {"photo": "elements", "question": "tokens"}
    assert single["passes"] > 400


def test_without_a_target_each_examples_own_prediction_is_explained(session: Session) -> None:
    metas = results(session, ask(tuple(range(SIZE))))
    board = session.board
    for meta in metas:
        output = engine.predict(
            board.models["model"], board.tensors([board.example(meta["example"])])
        )
        own = int(output.argmax())
        assert meta["target"] == {"index": own, "name": CLASSES[own]}
    assert len({meta["target"]["index"] for meta in metas}) > 1
    assert [meta["example"] for meta in metas] == list(range(SIZE))


def test_a_result_does_not_depend_on_the_other_examples_of_its_request(open_session: Open) -> None:
    together, alone = open_session(board()), open_session(board())
    for method, params in (("IntegratedGradients", IG), ("FeatureAblation", {}), ("Occlusion", {})):
        for meta in results(together, ask(tuple(range(12)), method, params=params, seed=5)):
            (other,) = results(alone, ask(meta["example"], method, params=params, seed=5))
            assert other["key"] == meta["key"]
            assert other["features"] == meta["features"]
            assert other["method"] == meta["method"]
            for name, array in arrays(together, meta).items():
                np.testing.assert_allclose(array, arrays(alone, other)[name], atol=1e-6)


def test_contributions_are_given_in_three_measures(session: Session) -> None:
    (meta,) = results(session, ask(2, "IntegratedGradients", params=IG, target=2))
    found = meta["contributions"]
    assert sum(abs(value) for value in found["net"].values()) == pytest.approx(1)
    assert sum(found["magnitude"].values()) == pytest.approx(1)
    shapley = found["shapley"]
    assert sum(shapley["values"].values()) == pytest.approx(shapley["total"], abs=1e-5)
    assert sum(shapley["shares"].values()) == pytest.approx(1)
    assert shapley["total"] == pytest.approx(meta["score"] - meta["baseline_score"], abs=1e-5)
    assert [pair["inputs"] for pair in shapley["interactions"]] == [["photo", "question"]]
    photo = arrays(session, meta)["photo"].sum()
    text = arrays(session, meta)["question"].sum()
    assert found["net"]["photo"] == pytest.approx(photo / (abs(photo) + abs(text)), abs=1e-5)


def test_stored_results_answer_at_once_without_a_pass(session: Session, watch: Watch) -> None:
    request = ask((1, 2), "IntegratedGradients", params=IG)
    first = results(session, request)
    before = watch.rows
    assert session.attributions(request) == first
    assert watch.rows == before
    assert session.figures()["cache_hits_total"] == 2
    assert session.figures()["cache_misses_total"] == 2


def test_stored_results_are_found_by_the_next_session(tmp_path: Path, watch: Watch) -> None:
    request = ask((1, 2, 3), "IntegratedGradients", params=IG)
    session = Session(board(watch=watch), tmp_path)
    first = results(session, request)
    job = session.start()
    assert job is not None
    assert job.wait(30)
    session.close()
    again = Session(board(watch=watch), tmp_path)
    before = watch.rows
    assert again.start() is None
    assert again.attributions(request) == first
    assert watch.rows == before
    again.close()


def test_only_what_is_missing_is_computed(session: Session, watch: Watch) -> None:
    results(session, ask((1, 5), "IntegratedGradients", params=IG, target=0))
    before = watch.rows
    metas = results(session, ask((1, 9, 5), "IntegratedGradients", params=IG, target=0))
    assert [meta["example"] for meta in metas] == [1, 9, 5]
    one = 8 + 2 + 2  # path, its two ends, and the coalitions between them
    assert one <= watch.rows - before < 2 * one  # a few rows where the thread is a new one


def test_a_damaged_result_is_computed_again(tmp_path: Path, open_session: Open) -> None:
    session = open_session(board(), tmp_path)
    request = ask(1, target=0)
    (meta,) = results(session, request)
    kept = arrays(session, meta)
    file = next((tmp_path / "results").rglob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-3])
    assert session.result(meta["key"]) is None
    (again,) = results(session, request)
    assert again["key"] == meta["key"]
    for name, array in arrays(session, again).items():
        np.testing.assert_array_equal(array, kept[name])


def test_equal_examples_share_a_result_that_says_whose_it_is(open_session: Open) -> None:
    class Twins(Questions):
        def __getitem__(self, index: int) -> dict[str, Any]:
            return super().__getitem__(index % 4)

    session = open_session(board(dataset=Twins()))
    first, second = results(session, ask((1, 5), target=0))
    assert first["key"] == second["key"]
    assert (first["example"], second["example"]) == (1, 5)
    stored = session.attributions(ask((5, 1), target=0))
    assert isinstance(stored, list)
    assert [meta["example"] for meta in stored] == [5, 1]


def test_events_tell_of_each_result_and_then_of_all(session: Session) -> None:
    job = job_of(session, ask((3, 0, 2), "IntegratedGradients", params=IG))
    assert job.wait(30)
    events = job.events()
    final = [event.data for event in events if event.name == "partial"]
    assert sorted(data["example"] for data in final) == [0, 2, 3]
    assert all(data["final"] and data["result"]["key"] == data["key"] for data in final)
    assert events[-1].name == "done"
    assert [meta["example"] for meta in events[-1].data["results"]] == [3, 0, 2]
    assert job.done == job.total > 0


def test_a_progressive_method_can_be_watched(open_session: Open, watch: Watch) -> None:
    session = open_session(board(watch=watch))
    watch.seconds = 0.01
    job = job_of(session, ask(0, "IntegratedGradients", params={"n_steps": 200}, target=0))
    seen = threading.Event()
    job.subscribe(lambda event: seen.set() if event.data.get("final") is False else None)
    assert seen.wait(20)
    event = next(event for event in job.events() if event.name == "partial")
    body = session.snapshot(event.data["key"])
    assert body is not None
    assert session.result(event.data["key"]) is None
    assert job.wait(30)
    assert session.snapshot(event.data["key"]) is None
    final = arrays(session, job.results[0])
    early = load(body)
    assert {n: a.shape for n, a in early.items()} == {n: a.shape for n, a in final.items()}
    cosine = np.corrcoef(early["photo"].flatten(), final["photo"].flatten())[0, 1]
    assert cosine > 0.9
    assert not np.array_equal(early["photo"], final["photo"])


def test_eight_threads_get_the_results_of_their_own_requests(open_session: Open) -> None:
    session, alone = open_session(board()), open_session(board())
    methods = [("Saliency", {}), ("IntegratedGradients", IG), ("Occlusion", {})]
    failures: list[str] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for step in range(6):
            method, params = methods[(number + step) % 3]
            index, target = (number * 5 + step) % SIZE, step % 3
            (meta,) = results(session, ask(index, method, params=params, target=target))
            asked = (meta["example"], meta["method"]["id"], meta["target"]["index"])
            if asked != (index, method, target):
                failures.append(f"{asked} is not {(index, method, target)}")
            (other,) = results(alone, ask(index, method, params=params, target=target))
            for name, array in arrays(session, meta).items():
                if not np.allclose(array, arrays(alone, other)[name], atol=1e-6):
                    failures.append(f"{asked} {name}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_layer_gives_one_array_and_no_shares_of_its_own(session: Session) -> None:
    (meta,) = results(session, ask(0, target=0, layer="picture.0"))
    assert list(arrays(session, meta)) == ["layer"]
    assert meta["layer"] == "picture.0"
    assert meta["shapes"] == {"layer": [4, 5, 5]}
    assert meta["contributions"]["net"] is None
    assert meta["contributions"]["shapley"] is not None


def test_a_prediction_is_made_once(session: Session, watch: Watch) -> None:
    before = watch.rows
    output = session.predict("model", 7)
    board = session.board
    expected = engine.predict(board.models["model"], board.tensors([board.example(7)]))
    torch.testing.assert_close(output, expected)
    after = watch.rows
    assert after > before
    torch.testing.assert_close(session.predict("model", 7), expected)
    assert watch.rows == after


def test_estimates_are_what_is_then_computed(session: Session, watch: Watch) -> None:
    for method, params in (("IntegratedGradients", IG), ("Occlusion", {}), ("FeatureAblation", {})):
        request = ask((0, 4), method, params=params, target=0)
        found = session.estimate(request)
        assert found["examples"] == 2
        assert found["stored"] == 0
        fresh = watch.rows
        results(session, request)
        spent = watch.rows - fresh
        assert abs(found["passes"] - spent) <= 10, method  # what methods share is not foreseen
        assert session.estimate(request) == {"passes": 0, "examples": 2, "stored": 2}


def test_a_board_of_one_input_has_no_players(open_session: Open) -> None:
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 1))
    pictures = [(np.full((4, 4, 3), i, np.uint8), float(i)) for i in range(8)]
    session = open_session(
        ab.Board(model, pictures, ab.Image("photo"), ab.Regression("price", "k$"))
    )
    (meta,) = results(session, ask(1))
    assert meta["target"] == {"index": None, "name": "price"}
    assert meta["contributions"]["shapley"] is None
    assert meta["baseline"] == {}
    (other,) = results(session, ask(1, "IntegratedGradients", params=IG, target=0))
    assert other["target"] == {"index": None, "name": "price"}
    assert other["baseline"] == {"photo": "mean"}
    assert other["gap"] < 1e-3


def test_two_sessions_cannot_have_one_store(tmp_path: Path, open_session: Open) -> None:
    open_session(board(), tmp_path)
    with pytest.raises(ValueError, match="already open"):
        open_session(board(), tmp_path)


def test_closing_a_session_cancels_its_jobs_in_time(open_session: Open, watch: Watch) -> None:
    session = open_session(board(watch=watch))
    watch.seconds = 0.02
    job = session.attributions(ask(0, "IntegratedGradients", params={"n_steps": 1000}, target=0))
    assert isinstance(job, Job)
    session.close(timeout=5)
    assert job.state == "cancelled"
