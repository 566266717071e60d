"""Every method over coalitions of features against the same in the plainest loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import Lasso
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.features import resolve
from attriboard.engine.methods.rise import _Masks
from attriboard.engine.methods.shapley import _ranks
from attriboard.engine.methods.surrogate import _drawn
from attriboard.engine.model_tree import prepare
from attriboard.engine.probe import Probe
from engine import slow
from engine import slow_coalitions as plain
from engine.problems import Problem, by_name
from engine.slow_coalitions import Game, Tensors

QUARTERS = torch.arange(4) // 2


@dataclass(frozen=True)
class Grouped:
    """A problem with its features; None where each element is one."""

    label: str
    problem: str
    ids: Tensors | None

    def __str__(self) -> str:
        return self.label


GROUPED = (
    Grouped("mlp, elements", "mlp", None),
    Grouped("mlp, shared", "mlp", (torch.tensor([[4, 4, 7, 9, 9, 7]]),)),
    Grouped(
        "mlp, per example",
        "mlp",
        (torch.tensor([[0, 0, 1, 2, 3, 1], [3, 2, 1, 0, 0, 0], [1, 1, 1, 2, 2, 2]]),),
    ),
    Grouped(
        "product, apart", "product", (torch.tensor([[0, 1, 1, 0]]), torch.tensor([2, 3, 3, 2, 4]))
    ),
    Grouped(
        "product, across", "product", (torch.tensor([[0, 1, 1, 2]]), torch.tensor([2, 3, 0, 3, 3]))
    ),
    Grouped("words, shared", "words", (torch.tensor([0, 0, 1, 1, 2, 3, 3]),)),
    Grouped("words, per example", "words", ((torch.arange(21).reshape(3, 7) * 5) % 4,)),
    Grouped("maps, shared", "maps", ((QUARTERS[:, None] * 2 + QUARTERS)[None, None],)),
    Grouped("maps, per example", "maps", ((torch.arange(48).reshape(3, 1, 4, 4) * 7) % 5,)),
)
grouped = pytest.mark.parametrize("case", GROUPED, ids=str)


def _game(problem: Problem, ids: Tensors | None) -> Game:
    model = problem.model()

    def score(rows: Tensors, n: int) -> float:
        with torch.no_grad():
            return float(slow.score(model, rows, problem.target))

    return Game(score, problem.inputs, problem.baselines, ids)


def _setting(case: Grouped) -> tuple[Problem, Game, Probe]:
    """The problem, its game, and a probe that draws what the engine's does."""
    problem = by_name(case.problem)
    probe = Probe(
        prepare(problem.model()),
        lambda rows, n: rows[0],
        problem.inputs,
        problem.baselines,
        examples=torch.arange(3),
        features=resolve(case.ids, problem.inputs),
    )
    return problem, _game(problem, case.ids), probe


def _ours(
    problem: Problem, method: engine.Method, features: Tensors | None, **site: Any
) -> Tensors:
    more = {"baselines": problem.baselines} if method.uses_baseline else {}
    asked = engine.attribute(
        problem.model(), problem.inputs, method, problem.target, features=features, **more, **site
    )
    return asked.attributions


def _assert_close(ours: Tensors, theirs: Tensors, tol: float = 1e-8) -> None:
    largest = max(float(b.abs().max()) for b in theirs)
    assert largest > 1e-6
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert float((a - b).abs().max()) <= tol * largest


@grouped
def test_shapley_values(case: Grouped):
    problem, game, _ = _setting(case)
    ours = _ours(problem, engine.ShapleyValues(), case.ids)
    _assert_close(ours, plain.shapley_by_subsets(game))
    _assert_close(ours, plain.shapley_by_orders(game))


@grouped
@pytest.mark.parametrize("antithetic", [False, True])
def test_shapley_value_sampling(case: Grouped, antithetic: bool):
    problem, game, probe = _setting(case)
    method = engine.ShapleyValueSampling(n_samples=5, antithetic=antithetic)
    ranks = _ranks(probe, len(game.players), 5, antithetic)
    _assert_close(_ours(problem, method, case.ids), plain.shapley_sampling(game, ranks))


@grouped
def test_kernel_shap_over_every_coalition(case: Grouped):
    problem, game, _ = _setting(case)
    ours = _ours(problem, engine.KernelShap(n_samples=62), case.ids)
    _assert_close(ours, plain.kernel_shap(game))
    _assert_close(ours, plain.shapley_by_subsets(game))


@pytest.mark.parametrize("paired", [False, True])
def test_kernel_shap_over_drawn_coalitions(paired: bool):
    case = Grouped("mlp", "mlp", None)
    problem, game, probe = _setting(case)
    drawn, weights = _drawn(probe, 6, 31, paired)
    assert len(drawn) == 31
    assert (weights == 1).all()
    ours = _ours(problem, engine.KernelShap(n_samples=31, paired=paired), None)
    _assert_close(ours, plain.kernel_shap(game, drawn))


def _lasso_of_scikit(alpha: float) -> plain.Fit:
    def fit(z: np.ndarray, w: np.ndarray, y: np.ndarray) -> np.ndarray:
        model = Lasso(alpha=alpha, tol=1e-14, max_iter=100_000)
        return model.fit(z, y, sample_weight=w).coef_

    return fit


def _check_lime(case: Grouped, distance: str, penalty: str, fit: plain.Fit) -> None:
    problem, game, probe = _setting(case)
    width = 6.0 if distance == "euclidean" else 0.6
    method = engine.Lime(
        n_samples=30, alpha=0.003, penalty=penalty, distance=distance, kernel_width=width
    )
    shape = (30, len(game.players))
    masks = torch.randint(0, 2, shape, generator=probe.generator(4)) == 1
    ours = _ours(problem, method, case.ids)
    _assert_close(ours, plain.lime(game, masks, distance, width, fit))


@pytest.mark.parametrize("case", GROUPED, ids=str)
@pytest.mark.parametrize("distance", ["coalition", "cosine", "euclidean"])
def test_lime_by_ridge(case: Grouped, distance: str):
    _check_lime(case, distance, "ridge", plain.ridge(0.003))


@pytest.mark.parametrize("case", GROUPED[:4], ids=str)
@pytest.mark.parametrize("distance", ["coalition", "cosine"])
def test_lime_by_lasso(case: Grouped, distance: str):
    _check_lime(case, distance, "lasso", plain.lasso(0.003))


@pytest.mark.parametrize("case", GROUPED, ids=str)
@pytest.mark.parametrize("distance", ["coalition", "cosine"])
def test_lime_by_the_lasso_of_scikit(case: Grouped, distance: str):
    _check_lime(case, distance, "lasso", _lasso_of_scikit(0.003))


@grouped
def test_feature_permutation(case: Grouped):
    problem, game, probe = _setting(case)
    method = engine.FeaturePermutation()
    orders = method._orders(probe, len(game.players))
    _assert_close(_ours(problem, method, case.ids), plain.permutation(game, orders))


PICTURE = Grouped("maps, soft masks", "maps", None)


@pytest.mark.parametrize("case", [*GROUPED, PICTURE], ids=str)
def test_rise(case: Grouped):
    problem, game, probe = _setting(case)
    method = engine.Rise(n_samples=12, keep=0.4, cells=2)
    drawn = _Masks(probe, method)

    def masks(k: int, n: int) -> Tensors:
        return tuple(m[0] for m in drawn.rows(torch.tensor([k]), torch.tensor([n])))

    tol = 1e-8 if problem.differentiable else 1e-6  # token attributions come in single precision
    _assert_close(_ours(problem, method, case.ids), plain.rise(game, masks, 12, 0.4), tol)


@grouped
def test_feature_ablation(case: Grouped):
    problem, game, _ = _setting(case)
    _assert_close(_ours(problem, engine.FeatureAblation(), case.ids), plain.ablation(game))


def _before(name: str, model: nn.Module, inputs: Tensors) -> Tensor:
    """The activation of the problem's layer."""
    if name == "words":
        return model.conv(model.embedding(inputs[0]).transpose(1, 2))
    layer = {"mlp": "first", "product": "left", "maps": "conv"}[name]
    return getattr(model, layer)(inputs[0])


def _after(name: str, model: nn.Module, hidden: Tensor, inputs: Tensors) -> Tensor:
    """The output, given the activation of the problem's layer."""
    if name == "mlp":
        return model.second(model.act(hidden))
    if name == "product":
        return model.head(torch.sigmoid(hidden) * F.relu(model.right(inputs[1])))
    if name == "maps":
        return model.out(F.softplus(hidden))
    return model.head(F.silu(hidden).amax(2))


def _at_layer(problem: Problem, ids: Tensors | None) -> Game:
    model, name = problem.model(), problem.name

    def score(rows: Tensors, n: int) -> float:
        with torch.no_grad():
            output = _after(name, model, rows[0], slow.row(problem, n))[0]
        return float(output[problem.target])

    with torch.no_grad():
        point, absent = (_before(name, model, x) for x in (problem.inputs, problem.baselines))
    return Game(score, (point,), (absent,), ids)


def _of_neuron(problem: Problem, neuron: tuple[int, ...], ids: Tensors | None) -> Game:
    model = problem.model()

    def score(rows: Tensors, n: int) -> float:
        with torch.no_grad():
            return float(_before(problem.name, model, rows)[0][neuron])

    return Game(score, problem.inputs, problem.baselines, ids)


LAYER_IDS = {
    "mlp": torch.tensor([0, 1, 1, 2, 0, 3, 3, 2]),
    "product": torch.tensor([[0, 0, 1, 2, 2, 1], [0, 1, 2, 3, 3, 3], [1, 1, 1, 1, 0, 0]]),
    "words": (torch.arange(7) // 2)[None, None],
    "maps": torch.arange(4).reshape(1, 4, 1, 1),
}
NEURONS = {"mlp": (2,), "product": (1,), "words": (3, 4), "maps": (1, 2, 2)}
names = pytest.mark.parametrize("name", NEURONS)


@names
@pytest.mark.parametrize("whole", [True, False], ids=["groups", "elements"])
def test_feature_ablation_at_a_layer(name: str, whole: bool):
    problem = by_name(name)
    ids = (LAYER_IDS[name],) if whole else None
    ours = _ours(problem, engine.FeatureAblation(), ids, layer=problem.layer)
    _assert_close(ours, plain.ablation(_at_layer(problem, ids)))


@names
def test_shapley_values_at_a_layer(name: str):
    problem = by_name(name)
    ids = (LAYER_IDS[name],)
    ours = _ours(problem, engine.ShapleyValues(), ids, layer=problem.layer)
    _assert_close(ours, plain.shapley_by_subsets(_at_layer(problem, ids)))


@grouped
def test_feature_ablation_of_a_neuron(case: Grouped):
    problem, neuron = by_name(case.problem), NEURONS[case.problem]
    site = {"layer": problem.layer, "neuron": neuron}
    ours = _ours(problem, engine.FeatureAblation(), case.ids, **site)
    _assert_close(ours, plain.ablation(_of_neuron(problem, neuron, case.ids)))


def _windows(game: Game) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(min(3, s) for s in x.shape[1:]) for x in game.point)


@names
def test_occlusion_at_a_layer(name: str):
    problem = by_name(name)
    game = _at_layer(problem, None)
    method = engine.Occlusion(sliding_window_shapes=_windows(game), strides=2)
    ours = _ours(problem, method, None, layer=problem.layer)
    _assert_close(ours, plain.occlusion(game, _windows(game), 2))


@names
def test_occlusion_of_a_neuron(name: str):
    problem, neuron = by_name(name), NEURONS[name]
    game = _of_neuron(problem, neuron, None)
    method = engine.Occlusion(sliding_window_shapes=_windows(game), strides=2)
    ours = _ours(problem, method, None, layer=problem.layer, neuron=neuron)
    _assert_close(ours, plain.occlusion(game, _windows(game), 2))
