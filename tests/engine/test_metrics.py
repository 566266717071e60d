"""Each metric against its definition in plain loops, against Captum, and on known truths."""

from __future__ import annotations

import math

import pytest
import torch
from captum.metrics import infidelity as captum_infidelity
from captum.metrics import infidelity_perturb_func_decorator
from captum.metrics import sensitivity_max as captum_sensitivity
from torch import Tensor, nn

from attriboard import engine
from engine.cases import inputs, patches, picture
from engine.problems import by_name

X = torch.randn(4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
WEIGHTS = torch.tensor([1.0, -2.0, 0.5, 0.0, 3.0], dtype=torch.float64)


class Line(nn.Module):
    """A linear score: the truth of every attribution is known."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ WEIGHTS.to(x)


def _mlp() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)).double()


@pytest.mark.parametrize("perturbation", [engine.GaussianNoise(0.3), engine.Removal(0.5)])
def test_infidelity_of_the_truth_is_zero(perturbation: engine.Perturbation):
    local = engine.infidelity(
        Line(), X, WEIGHTS.expand(4, 5), perturbation=perturbation, form="local", baselines=0.2
    )
    overall = engine.infidelity(
        Line(), X, (X - 0.2) * WEIGHTS, perturbation=perturbation, baselines=0.2
    )
    wrong = engine.infidelity(
        Line(), X, (X - 0.2) * WEIGHTS.flip(0), perturbation=perturbation, baselines=0.2
    )
    assert local.max() < 1e-20
    assert overall.max() < 1e-20
    assert wrong.min() > 1e-3


def test_infidelity_equals_captums_with_the_same_draws():
    model = _mlp()
    noise = 0.2 * torch.randn(4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    phi = engine.attribute(model, X, engine.Saliency(abs=False), 1).attributions[0]

    def ours(rows, baselines):
        assert len(rows[0]) == 4
        return noise, rows[0] - noise

    @infidelity_perturb_func_decorator(False)
    def theirs(rows, baselines=None):
        return rows - noise

    for scaled in (False, True):
        a = engine.infidelity(
            model,
            X,
            phi,
            1,
            perturbation=engine.Custom(ours),
            form="local",
            n_samples=1,
            scaled=scaled,
        )
        b = captum_infidelity(
            model, theirs, X, phi, target=1, n_perturb_samples=1, normalize=scaled
        )
        assert torch.allclose(a, b, rtol=1e-6, atol=1e-18)


def test_infidelity_in_plain_loops():
    model, method = _mlp(), engine.IntegratedGradients()
    phi = engine.attribute(model, X, method, 1, baselines=0.1).attributions[0]
    found = engine.infidelity(model, X, phi, 1, baselines=0.1, n_samples=2000)
    generator, total = torch.Generator().manual_seed(9), torch.zeros(4, dtype=torch.float64)
    with torch.no_grad():
        for _ in range(2000):
            e = 0.03 * torch.randn(5, generator=generator, dtype=torch.float64)
            fall = model(X)[:, 1] - model(X - e)[:, 1]
            total += ((e / (X - 0.1) * phi).sum(1) - fall) ** 2
    assert torch.allclose(found, total / 2000, rtol=0.25)


def test_infidelity_of_tokens_is_by_removal():
    problem = by_name("words")
    model = problem.model()
    phi = engine.attribute(model, problem.inputs, engine.FeatureAblation(), 1).attributions
    found = engine.infidelity(model, problem.inputs, phi, 1, perturbation=engine.Removal(0.1))
    shuffled = tuple(a.flip(1) for a in phi)
    worse = engine.infidelity(model, problem.inputs, shuffled, 1, perturbation=engine.Removal(0.1))
    assert found.mean() < worse.mean()
    with pytest.raises(engine.Unsupported, match="Removal"):
        engine.infidelity(model, problem.inputs, phi, 1)


def test_sensitivity_equals_captums_with_the_same_steps():
    model = _mlp()
    step = 0.02 * torch.randn(4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    found = engine.sensitivity_max(
        model, X, engine.Saliency(), 1, ball=lambda rows: rows[0] + step, n_samples=2
    )
    from captum.attr import Saliency

    theirs = captum_sensitivity(
        lambda x: Saliency(model).attribute(x, target=1),
        X,
        perturb_func=lambda x, r=0.02: x + step.repeat_interleave(len(x) // 4, 0),
        n_perturb_samples=2,
    )
    assert torch.allclose(found, theirs, rtol=1e-6)


@pytest.mark.parametrize("ball", ["linf", "l2"])
def test_sensitivity_is_zero_for_a_linear_model_and_grows_with_the_ball(ball: str):
    flat = engine.sensitivity_max(Line(), X, engine.Saliency(), ball=ball)
    assert flat.max() == 0
    sizes = [
        engine.sensitivity_max(_mlp(), X, engine.Saliency(), 1, ball=ball, radius=r, n_samples=20)
        for r in (0.01, 0.1)
    ]
    assert (sizes[1] > sizes[0]).all()


def test_sensitivity_moves_tokens_at_their_embedding():
    problem = by_name("words")
    found = engine.sensitivity_max(problem.model(), problem.inputs, engine.InputXGradient(), 1)
    assert found.shape == (3,)
    assert (found > 0).all()
    with pytest.raises(engine.Unsupported, match="nothing lies near a token"):
        engine.sensitivity_max(problem.model(), problem.inputs, engine.FeatureAblation(), 1)


def test_curves_in_plain_loops():
    model = picture()
    x, groups = inputs(2), patches()
    phi = engine.attribute(model, x, engine.FeatureAblation(), 1, features=groups).attributions[0]
    for kind in ("deletion", "insertion"):
        found = engine.curve(model, x, phi, 1, kind=kind, features=groups, baselines=0.1, n_steps=9)
        assert found.shares.tolist() == pytest.approx([k / 9 for k in range(10)])
        for i in range(2):
            strength = [phi[i][groups[0].expand(2, 6, 6) == g].mean() for g in range(9)]
            order = sorted(range(9), key=lambda g: -float(strength[g]))
            for k in range(10):
                whole = x[i : i + 1]
                changed = whole.clone() if kind == "deletion" else torch.full_like(whole, 0.1)
                for g in order[:k]:
                    place = (groups == g).expand_as(changed)
                    changed[place] = 0.1 if kind == "deletion" else whole[place]
                expected = model.eval()(changed)[0, 1].detach()
                assert float(found.scores[k, i]) == pytest.approx(float(expected), abs=1e-5)
        area = torch.trapezoid(found.scores, found.shares, dim=0)
        assert torch.allclose(found.auc, area)


def test_a_true_attribution_beats_the_random_control():
    phi = X * WEIGHTS
    out = engine.curve(Line(), X, phi, kind="deletion")
    into = engine.curve(Line(), X, phi, kind="insertion")
    assert (out.auc < out.control_auc).all()
    assert (into.auc > into.control_auc).all()
    found = engine.erasure(Line(), X, phi)
    backwards = engine.erasure(Line(), X, -phi)
    assert (found.comprehensiveness > backwards.comprehensiveness).all()
    assert (found.sufficiency < backwards.sufficiency).all()


def test_sparseness_and_complexity():
    one, even = torch.zeros(1, 100), torch.ones(1, 100)
    one[0, 3] = -5.0
    assert engine.sparseness(one).item() == pytest.approx(0.99)
    assert engine.sparseness(even).item() == pytest.approx(0, abs=1e-12)
    assert engine.complexity(one).item() == pytest.approx(0, abs=1e-12)
    assert engine.complexity(even).item() == pytest.approx(math.log(100))
    assert engine.sparseness(torch.zeros(1, 4)).item() == 0


def test_agreement():
    a = torch.tensor([[1.0, 2.0, 3.0, 4.0, 10.0]])
    assert engine.rank_agreement(a, a**3).item() == pytest.approx(1)
    assert engine.rank_agreement(a, -a).item() == pytest.approx(-1)
    ties = torch.tensor([[1.0, 1.0, 2.0, 3.0, 3.0]])
    scipy_answer = 0.9486832980505138  # scipy.stats.spearmanr of the two rows
    assert engine.rank_agreement(a, ties).item() == pytest.approx(scipy_answer)
    assert engine.top_agreement(a, a.flip(1), k=2).item() == 0
    assert engine.top_agreement(a, -a, k=2).item() == 1
    with pytest.raises(engine.InvalidInput, match="5 and 4 numbers"):
        engine.rank_agreement(a, a[:, :4])


def test_pointing_and_mass():
    phi = torch.zeros(2, 3, 4, 4)
    phi[0, :, 1, 1], phi[1, :, 3, 3] = 2.0, -1.0
    phi[1, 0, 0, 0] = 0.5
    mask = torch.zeros(2, 4, 4, dtype=torch.bool)
    mask[:, 1:3, 1:3] = True
    assert engine.pointing(phi, mask).tolist() == [True, False]
    assert engine.mass_inside(phi, mask).tolist() == pytest.approx([1.0, 0.0])


def test_randomisation_tells_methods_that_follow_the_model_from_those_that_do_not():
    model, x = picture(), inputs(2)
    found = engine.randomisation(model, x, engine.IntegratedGradients(n_steps=10), 1)
    assert found.layers == ("head", "norm", "conv")
    assert found.similarity.shape == (3, 2)
    assert (found.similarity[-1] < 0.9).all()
    before = [p.clone() for p in model.parameters()]
    engine.randomisation(model, x, engine.Saliency(), 1)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    with pytest.raises(engine.Unsupported, match="randomisation check"):
        engine.randomisation(lambda rows: rows.sum(1), X, engine.FeatureAblation())


def test_randomisation_compares_what_it_is_told_to():
    model, x = picture(), inputs(2)
    method = engine.InputXGradient()
    seen: list[tuple[Tensor, ...]] = []

    def rows(attributions: tuple[Tensor, ...]) -> Tensor:
        seen.append(attributions)
        return attributions[0].sum(1).flatten(1)

    found = engine.randomisation(model, x, method, 1, compared=rows)
    assert len(seen) == 1 + len(found.layers)
    first, *others = (attributions[0].sum(1, keepdim=True).abs() for attributions in seen)
    wanted = torch.stack([engine.rank_agreement(first, other) for other in others])
    assert torch.allclose(found.similarity, wanted)
    elements = engine.randomisation(model, x, method, 1)
    assert not torch.allclose(found.similarity, elements.similarity)


def test_attributions_must_have_their_inputs_shape():
    with pytest.raises(engine.InvalidInput, match="one number for each element"):
        engine.infidelity(_mlp(), X, X[:, :3], 1)
    with pytest.raises(engine.InvalidInput, match="2 attributions for 1 inputs"):
        engine.curve(_mlp(), X, (X, X), 1)
