"""Board: examples, batches, baselines and features."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import InvalidInput
from tests.board.made import WORDS, board, classifier, inputs, picture_board, pictures, rows


def test_a_board_knows_its_parts() -> None:
    made = board(name="VQA", version="3")
    assert (made.name, made.version, len(made)) == ("VQA", "3", 20)
    assert [entry.name for entry in made.inputs] == ["photo", "question"]
    assert list(made.models) == ["model"]
    assert made.labelled
    assert made.warnings == ()
    assert made.parameter_count("model") == sum(
        p.numel() for p in made.models["model"].parameters()
    )
    assert not made.is_black_box("model")
    assert repr(made) == "<Board 'VQA': 20 examples of photo, question>"


def test_examples_hold_raw_values_label_and_metadata() -> None:
    example = board().example(4)
    assert example.index == 4
    assert example.label == 0
    assert example.raw["question"] == "what colour is the"
    assert example.raw["photo"].shape == (16, 16, 3)
    assert example.metadata == {}


@pytest.mark.parametrize("index", [-1, 20, True, "3", 1.0])
def test_an_index_outside_the_dataset_is_refused(index: Any) -> None:
    with pytest.raises(InvalidInput, match="the dataset has 20") as caught:
        board().example(index)
    assert caught.value.field == "index"


def test_tensors_are_stacked_batch_first() -> None:
    made = board()
    photo, question = made.tensors([made.example(0), made.example(3)])
    assert photo.shape == (2, 3, 16, 16)
    assert question.tolist() == [[1, 2, 3], [1, 2, 3]]


def test_unequal_shapes_share_no_batch() -> None:
    made = board()
    with pytest.raises(InvalidInput, match=r"'question' has shape \(3,\) in example 0 and \(4,\)"):
        made.tensors([made.example(0), made.example(1)])
    with pytest.raises(InvalidInput, match="no examples"):
        made.tensors([])


def test_a_sample_is_seeded_and_ordered() -> None:
    made = board(dataset=rows(200))
    first = [example.index for example in made.sample(10, seed=3)]
    assert first == sorted(set(first))
    assert len(first) == 10
    assert first == [example.index for example in made.sample(10, seed=3)]
    assert first != [example.index for example in made.sample(10, seed=4)]
    assert len(made.sample(1000)) == 200


def test_a_sample_leaves_out_what_cannot_be_read() -> None:
    class Broken(list[Any]):
        def __getitem__(self, index: Any) -> Any:
            if index == 7:
                raise OSError("no such file")
            return super().__getitem__(index)

    made = picture_board(dataset=Broken(pictures(200)))
    assert [e.index for e in made.sample(200)] == [i for i in range(200) if i != 7]
    with pytest.raises(InvalidInput, match="failed on item 7: OSError: no such file"):
        made.example(7)


def test_baselines_have_a_batch_of_one_and_the_inputs_shapes() -> None:
    made = board()
    example = made.example(2)
    for choices in (None, {"photo": "blur"}, {"photo": "noise", "question": "pad"}):
        photo, question = made.baseline(choices, example)
        assert photo.shape == (1, 3, 16, 16)
        assert question.tolist() == [[0] * 5]


def test_the_mean_is_that_of_the_data() -> None:
    made = board()
    photo = made.baseline({"photo": "mean"}, made.example(0))[0]
    every = np.stack([row[0][0] for row in rows()]).mean((0, 1, 2)) / 255
    np.testing.assert_allclose(photo[0, :, 3, 3], every, atol=1e-5)


def test_noise_follows_the_seed() -> None:
    made = board()
    first, again, other = (
        made.baseline({"photo": "noise"}, made.example(0), seed)[0] for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_another_example_serves_as_baseline() -> None:
    made = board()
    photo, question = made.baseline(
        {"photo": {"example": 5}, "question": {"example": 0}}, made.example(2)
    )
    assert torch.equal(photo, made.tensors([made.example(5)])[0])
    assert question.tolist() == [[1, 2, 3, 0, 0]]


def test_a_file_of_ones_own_serves_as_baseline() -> None:
    buffer = io.BytesIO()
    Pillow.new("RGB", (30, 20), (255, 0, 0)).save(buffer, "PNG")
    made = board()
    choices = {"photo": {"file": buffer.getvalue()}, "question": {"file": b"red square"}}
    photo, question = made.baseline(choices, made.example(0))
    assert photo.shape == (1, 3, 16, 16)
    assert photo[0, :, 8, 8].tolist() == [1, 0, 0]
    assert question.tolist() == [[WORDS.index("red") + 1, WORDS.index("square") + 1, 0]]


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"photo": "silence"}, "no baseline 'silence'; choose one of mean, black"),
        ({"sound": "mean"}, "no input 'sound'; the board has photo, question"),
        ({"photo": {"example": 99}}, "no example 99"),
        ({"photo": {"file": "/etc/passwd"}}, "must be a name"),
        ({"photo": 3}, "must be a name"),
    ],
)
def test_baselines_that_do_not_exist_are_refused(choices: Any, sentence: str) -> None:
    made = board()
    with pytest.raises(InvalidInput, match=sentence):
        made.baseline(choices, made.example(0))


def test_features_count_from_zero_in_each_input() -> None:
    made = board()
    example = made.example(0)
    assert made.features(None, example) is None
    assert made.features({"photo": "elements", "question": "tokens"}, example) is None
    found = made.features({"photo": "patches"}, example)
    assert found is not None
    photo, question = found
    assert photo.shape == (3, 16, 16)
    assert photo.unique().tolist() == list(range(64))
    assert question.tolist() == [0, 1, 2]
    with pytest.raises(InvalidInput, match="no way to group tokens 'patches'"):
        made.features({"question": "patches"}, example)


def test_an_attribution_runs_on_what_the_board_gives() -> None:
    made = board()
    example = made.example(1)
    result = engine.attribute(
        made.models["model"],
        made.tensors([example]),
        engine.FeatureAblation(),
        1,
        baselines=made.baseline(None, example),
        features=made.features({"photo": "superpixels", "question": "words"}, example),
    )
    assert [made.inputs[i].summed(a[0]).shape for i, a in enumerate(result.attributions)] == [
        (16, 16),
        (4,),
    ]


def test_examples_are_read_by_one_thread_at_a_time() -> None:
    class Guarded(list[Any]):
        inside = 0
        most = 0

        def __getitem__(self, index: Any) -> Any:
            Guarded.inside += 1
            Guarded.most = max(Guarded.most, Guarded.inside)
            threading.Event().wait(0.001)
            Guarded.inside -= 1
            return super().__getitem__(index)

    made = picture_board(dataset=Guarded(pictures(100)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: made.example(i % 100).index, range(300)))
    assert found == [i % 100 for i in range(300)]
    assert Guarded.most == 1


def test_the_last_examples_are_kept() -> None:
    class Counted(list[Any]):
        reads = 0

        def __getitem__(self, index: Any) -> Any:
            Counted.reads += 1
            return super().__getitem__(index)

    made = picture_board(dataset=Counted(pictures(10)))
    before = Counted.reads
    for _ in range(5):
        made.example(3)
    assert Counted.reads <= before + 1


def test_a_single_input_needs_no_list() -> None:
    made = ab.Board(classifier(), pictures(), ab.Image("photo"), ab.Classes(["a", "b"]))
    assert [entry.name for entry in made.inputs] == ["photo"]


def test_several_models_are_known_by_name() -> None:
    made = picture_board({"small": classifier(), "blind": lambda photo: torch.zeros(len(photo), 2)})
    assert list(made.models) == ["small", "blind"]
    assert made.is_black_box("blind")
    assert made.parameter_count("blind") == 0
    with pytest.raises(InvalidInput, match="no model 'large'; the board has small, blind"):
        made.model_fingerprint("large")


def test_serve_and_show_hand_over_to_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    from attriboard.api import launch

    calls: list[tuple[str, ab.Board, dict[str, Any]]] = []
    monkeypatch.setattr(launch, "serve", lambda b, **o: calls.append(("serve", b, o)))
    monkeypatch.setattr(launch, "show", lambda b, **o: calls.append(("show", b, o)))
    made = board()
    made.serve(host="127.0.0.1", port=8321, open_browser=False)
    made.show(height=500)
    assert [(name, b is made) for name, b, _ in calls] == [("serve", True), ("show", True)]
    assert calls[0][2]["port"] == 8321
    assert calls[1][2]["height"] == 500


def test_second_preprocessing_float64_grey_channels_last() -> None:
    """Grey float64 pictures, channels last, in a model of float64, as dicts."""
    draw = np.random.default_rng(0)
    data = [
        {"scan": draw.random((9, 11)), "note": [1 + i % 3, 2], "label": "b" if i % 2 else "a"}
        for i in range(12)
    ]

    class Scan(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(99, 2).double()
            self.words = torch.nn.Embedding(5, 2).double()

        def forward(self, scan: torch.Tensor, note: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.layer(scan.flatten(1)) + self.words(note).sum(1)
            return out

    made = ab.Board(
        Scan().eval(),
        data,
        [
            ab.Image("scan", lambda raw: torch.from_numpy(raw)[..., None] * 2 - 1),
            ab.Text("note", vocabulary=["<pad>", "one", "two", "three"]),
        ],
        ab.Classes(["a", "b"]),
    )
    example = made.example(1)
    assert example.label == 1
    scan, note = made.tensors([example])
    assert (scan.shape, scan.dtype, note.tolist()) == ((1, 9, 11, 1), torch.float64, [[2, 2]])
    assert made.baseline({"scan": "black"}, example)[0].unique().tolist() == [-1]
    assert made.inputs[1].search_text(example.raw["note"]) == "two two"
    picture = np.array(Pillow.open(io.BytesIO(made.inputs[0].media(example.raw["scan"]).body)))  # type: ignore[union-attr]
    np.testing.assert_allclose(picture, data[1]["scan"] * 255, atol=1)


def test_the_users_inputs_are_left_as_they_are() -> None:
    given = inputs()
    before = [dict(vars(entry)) for entry in given]
    board(inputs=given)
    assert [dict(vars(entry)) for entry in given] == before
