"""What one question to a model has answered, no other question asks again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from attriboard.jobs.session import Session
from tests.jobs.boards import Watch, board
from tests.jobs.conftest import Open, arrays, ask, results

PERTURBATIONS: list[tuple[str, dict[str, Any]]] = [
    ("FeatureAblation", {}),
    ("Occlusion", {}),
    ("ShapleyValueSampling", {"n_samples": 3}),
    ("KernelShap", {"n_samples": 30}),
    ("Lime", {"n_samples": 30}),
    ("Rise", {"n_samples": 20}),
    ("FeaturePermutation", {}),
]


@pytest.mark.parametrize(("method", "params"), PERTURBATIONS, ids=[m for m, _ in PERTURBATIONS])
def test_another_target_of_a_perturbation_method_runs_no_pass(
    method: str, params: dict[str, Any], session: Session, open_session: Open, watch: Watch
) -> None:
    examples = (1, 5, 9)
    results(session, ask(examples, method, params=params, target=0))
    before = watch.rows
    metas = results(session, ask(examples, method, params=params, target=2))
    contrast = ask(examples, method, params=params, target={"contrast": [2, 1]})
    assert len(results(session, contrast)) == 3
    assert watch.rows == before
    assert all(meta["passes"] == 0 for meta in metas)
    fresh = open_session(board())
    for meta, other in zip(
        metas, results(fresh, ask(examples, method, params=params, target=2)), strict=True
    ):
        assert meta["key"] == other["key"]
        assert meta["contributions"] == _about(other["contributions"])
        for name, array in arrays(session, meta).items():
            np.testing.assert_allclose(array, arrays(fresh, other)[name], atol=1e-6)


def test_another_seed_or_baseline_is_another_question(session: Session, watch: Watch) -> None:
    method, params = "KernelShap", {"n_samples": 30}
    results(session, ask(1, method, params=params, target=0))
    for change in ({"seed": 1}, {"baseline": {"photo": {"example": 3}}}):
        before = watch.rows
        results(session, ask(1, method, params=params, target=2, **change))
        assert watch.rows >= before + 30


def test_methods_share_the_passes_at_the_input_and_its_baseline(session: Session) -> None:
    results(session, ask(1, target=0))  # a gradient, and the modalities' values at both ends
    results(session, ask(2, target=0))
    # As the jobs count: a block that is tried in two memory formats runs through the model twice.
    before = session.figures()["model_rows_total"]
    results(session, ask(1, "IntegratedGradients", params={"n_steps": 8}, target=0))
    assert session.figures()["model_rows_total"] == before + 8
    (meta,) = results(session, ask(1, "ShapleyValueSampling", params={"n_samples": 2}, target=0))
    assert meta["passes"] == 2 * (meta_features(session) - 1)
    assert meta["score"] == pytest.approx(score_of(session, 1, 0), abs=1e-5)


def meta_features(session: Session) -> int:
    """Patches of the picture and words of the question of example 1."""
    example = session.board.example(1)
    ids = session.board.features({"photo": "patches", "question": "tokens"}, example)
    assert ids is not None
    return sum(int(group.max()) + 1 for group in ids)


def score_of(session: Session, index: int, target: int) -> float:
    return float(session.predict("model", index)[0, target])


def test_what_is_kept_weighs_no_more_than_it_may() -> None:
    from attriboard.jobs.heard import BYTES, Heard

    heard = Heard(own=None, most=1000)  # type: ignore[arg-type]
    for i in range(10):
        heard.put(("key", i), torch.zeros(50))
    assert heard.get(("key", 9)) is not None
    assert heard.get(("key", 0)) is None
    assert BYTES >= 1 << 20


def _about(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _about(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_about(each) for each in value]
    return pytest.approx(value, abs=1e-5) if isinstance(value, float) else value
