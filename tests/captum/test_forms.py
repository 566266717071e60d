"""What goes in and comes out: Captum's forms, from a bare tensor to lists of layers."""

from __future__ import annotations

from typing import Any

import captum.attr
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import attriboard.captum as ours
from attriboard.engine import InvalidInput

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


class Net(nn.Module):
    """Token ids or vectors in, three scores out; a layer that gives two tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.first, self.relu, self.last = nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)

    def forward(self, ids: Tensor) -> Tensor:
        return self.vectors(self.embedding(ids).mean(1))

    def vectors(self, x: Tensor) -> Tensor:
        return self.last(self.relu(self.first(x)))


class Vectors(nn.Module):
    """The same from vectors, with a second input and an extra argument."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, shift: Tensor, scale: float = 1.0) -> Tensor:
        return self.net.vectors(x + shift) * scale


class Joined(nn.Module):
    """Two layers whose activations meet in a product."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.left, self.right, self.last = net.first, nn.Linear(4, 6).double(), net.last

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.left(x) * torch.sigmoid(self.right(x)))


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return Net().double().eval()


@pytest.fixture
def x() -> Tensor:
    return torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_a_bare_tensor_for_a_bare_tensor(net: Net, x: Tensor):
    model = Vectors(net)
    one = ours.Saliency(net.last).attribute(torch.ones(2, 6).double(), target=0)
    assert isinstance(one, Tensor)
    two = ours.Saliency(model).attribute((x, x), target=0, additional_forward_args=2.0)
    assert isinstance(two, tuple)
    assert len(two) == 2
    single = ours.Saliency(net.last).attribute((torch.ones(2, 6).double(),), target=0)
    assert isinstance(single, tuple)
    assert len(single) == 1


DELTAS = (
    ("IntegratedGradients", {}),
    ("DeepLift", {}),
    ("LRP", {}),
    ("LayerIntegratedGradients", {}),
    ("LayerConductance", {}),
    ("LayerDeepLift", {}),
    ("LayerLRP", {}),
)


@pytest.mark.parametrize(("kind", "args"), DELTAS, ids=[kind for kind, _ in DELTAS])
def test_deltas(kind: str, args: dict[str, Any], net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    layer = (dense[0],) if kind.startswith("Layer") else ()
    asked = {"inputs": x, "target": 1, "return_convergence_delta": True, **args}
    mine, delta = getattr(ours, kind)(dense, *layer).attribute(**asked)
    theirs, expected = getattr(captum.attr, kind)(dense, *layer).attribute(**asked)
    assert torch.allclose(mine, theirs, atol=1e-7)
    assert delta.shape == expected.shape
    assert torch.allclose(delta, expected, atol=1e-7)


@pytest.mark.parametrize("kind", ["GradientShap", "DeepLiftShap"])
def test_the_delta_of_a_distribution_is_the_mean_of_captums(kind: str, net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    pool = torch.randn(4, 4, dtype=torch.float64)
    asked = {"inputs": x, "baselines": pool, "target": 1, "return_convergence_delta": True}
    _, delta = getattr(ours, kind)(dense).attribute(**asked)
    _, each = getattr(captum.attr, kind)(dense).attribute(**asked)
    assert torch.equal(each.reshape(3, -1).mean(1), each.reshape(3, -1).mean(1))
    assert delta.shape == (3,)
    assert delta.reshape(3, -1).mean(1).shape == each.reshape(3, -1).mean(1).shape
    if kind == "DeepLiftShap":
        assert torch.allclose(delta, each.reshape(3, -1).mean(1), atol=1e-12)


def test_the_delta_may_be_computed_later(net: Net, x: Tensor):
    model = Vectors(net)
    inputs, low = (x, x), (0.1 * x, 0.0)
    values = []
    for library in (ours, captum.attr):
        made = library.IntegratedGradients(model)
        tensors = made.attribute(inputs, low, target=2, n_steps=5)
        values.append(made.compute_convergence_delta(tensors, low, inputs, target=2))
    assert torch.allclose(*values, atol=1e-7)


def test_a_function_of_a_model_is_differentiated(net: Net):
    ids = torch.randint(0, 10, (3, 5))

    def chance(tokens: Tensor, temperature: float) -> Tensor:
        return F.softmax(net(tokens) / temperature, 1)

    args = {"inputs": ids, "baselines": 0, "target": 1, "additional_forward_args": 2.0}
    mine = ours.LayerIntegratedGradients(chance, net.embedding).attribute(**args, n_steps=8)
    other = captum.attr.LayerIntegratedGradients(chance, net.embedding)
    assert torch.allclose(mine, other.attribute(**args, n_steps=8), atol=1e-7)
    assert not net.embedding._forward_hooks
    assert ours.Saliency(net.vectors).attribute(torch.ones(1, 4).double(), target=0).any()


def test_a_function_of_arrays_is_ablated():
    import numpy as np

    def rows(x: Tensor) -> Any:
        return np.asarray(x.numpy().sum(1))

    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(ours.FeatureAblation(rows).attribute(x), x)


def test_token_ids_at_the_inputs(net: Net):
    ids = torch.randint(0, 10, (3, 5))
    assert ours.IntegratedGradients(net).attribute(ids, target=1).shape == (3, 5)


def test_several_layers_in_a_list(net: Net, x: Tensor):
    joined = Joined(net)
    layers = [joined.left, joined.right]
    for kind, args in (
        ("LayerActivation", {}),
        ("LayerGradientXActivation", {"target": 1}),
        ("LayerIntegratedGradients", {"target": 1}),
    ):
        mine = getattr(ours, kind)(joined, layers).attribute(x, **args)
        theirs = getattr(captum.attr, kind)(joined, layers).attribute(x, **args)
        assert isinstance(mine, list)
        assert all(torch.allclose(m, t, atol=1e-8) for m, t in zip(mine, theirs, strict=True))


def test_a_distribution_may_be_a_function(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    pool = torch.randn(4, 4, dtype=torch.float64)
    made = ours.DeepLiftShap(dense)
    given = made.attribute(x, pool, target=0)
    for drawn in (lambda: pool, lambda inputs: pool.to(inputs)):
        assert torch.allclose(made.attribute(x, drawn, target=0), given, atol=1e-12)


@pytest.mark.parametrize("kind", ["DeepLift", "DeepLiftShap", "LayerDeepLift", "NeuronDeepLift"])
def test_a_function_of_the_multipliers(kind: str, net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    low = torch.randn(3, 4, dtype=torch.float64)

    def squared(multipliers: Any, inputs: Any, baselines: Any) -> Any:
        return tuple(
            m * (a - b).square() for m, a, b in zip(multipliers, inputs, baselines, strict=True)
        )

    site = () if kind in ("DeepLift", "DeepLiftShap") else (dense[0],)
    args = {"neuron_selector": 2} if kind.startswith("Neuron") else {"target": 1}
    values = [
        getattr(library, kind)(dense, *site).attribute(
            x, baselines=low, custom_attribution_func=squared, **args
        )
        for library in (ours, captum.attr)
    ]
    assert torch.allclose(*values, atol=1e-9)


def test_one_number_per_feature(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    mask = torch.tensor([[3, 3, 5, 4]])
    torch.manual_seed(0)
    flat = ours.KernelShap(dense).attribute(
        x, target=1, feature_mask=mask, return_input_shape=False
    )
    torch.manual_seed(0)
    whole = ours.KernelShap(dense).attribute(x, target=1, feature_mask=mask)
    assert flat.shape == (3, 3)
    assert torch.allclose(flat, whole[:, [0, 3, 2]], atol=1e-12)


def test_torchs_seed_governs_the_draws(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    made = ours.GradientShap(dense)
    torch.manual_seed(3)
    first = made.attribute(x, torch.zeros(1, 4).double(), target=0)
    other = made.attribute(x, torch.zeros(1, 4).double(), target=0)
    torch.manual_seed(3)
    again = made.attribute(x, torch.zeros(1, 4).double(), target=0)
    assert torch.allclose(first, again, atol=1e-12)
    assert not torch.allclose(first, other, atol=1e-12)


def test_what_the_planner_makes_pointless_is_accepted(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    plain = ours.IntegratedGradients(dense).attribute(x, target=1)
    same = ours.IntegratedGradients(dense).attribute(x, target=1, internal_batch_size=1)
    assert torch.allclose(plain, same, atol=1e-12)
    plain = ours.FeatureAblation(dense).attribute(x, target=1)
    many = {"perturbations_per_eval": 4, "show_progress": True}
    assert torch.equal(plain, ours.FeatureAblation(dense).attribute(x, target=1, **many))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("Lime", {"perturb_func": lambda *_: None}),
        ("Lime", {"similarity_func": lambda *_: 1.0}),
        ("Lime", {"interpretable_model": object()}),
        ("FeaturePermutation", {"perm_func": lambda *_: None}),
    ],
)
def test_functions_of_ones_own_are_refused(kind: str, given: dict[str, Any], x: Tensor):
    with pytest.raises(InvalidInput, match=next(iter(given))):
        getattr(ours, kind)(nn.Linear(4, 1).double(), **given).attribute(x)


def test_limes_options(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    near = ours.get_exp_kernel_similarity_function("euclidean", kernel_width=2.0)
    torch.manual_seed(0)
    made = ours.Lime(dense, ours.SkLearnRidge(alpha=0.5), near).attribute(x, target=1)
    torch.manual_seed(0)
    assert not torch.equal(made, ours.Lime(dense).attribute(x, target=1))


def test_baselines_drawn_for_each_noisy_copy(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    pool = torch.randn(5, 4, dtype=torch.float64)
    tunnel = ours.NoiseTunnel(ours.IntegratedGradients(dense))
    args = {"baselines": pool, "target": 1, "stdevs": 0.0, "nt_samples": 400}
    mean = tunnel.attribute(x, draw_baseline_from_distrib=True, **args)
    each = torch.stack([ours.IntegratedGradients(dense).attribute(x, b, target=1) for b in pool])
    spread = each.std(0) / 20
    assert ((mean - each.mean(0)).abs() <= 4 * spread + 1e-12).all()
    var = tunnel.attribute(x, "vargrad", draw_baseline_from_distrib=True, **args)
    assert torch.allclose(var, each.var(0, unbiased=False), rtol=0.5, atol=1e-3)


def test_rules_on_modules(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    plain = ours.LRP(dense).attribute(x, target=1)
    dense[0].rule = ours.Alpha1_Beta0_Rule()
    changed = ours.LRP(dense).attribute(x, target=1)
    assert not torch.allclose(plain, changed)
    dense[0].rule = "epsilon"
    with pytest.raises(InvalidInput, match="rule of '0'"):
        ours.LRP(dense).attribute(x, target=1)


def test_interpolation():
    tensor = torch.arange(4.0).reshape(1, 1, 2, 2)
    mine = ours.LayerAttribution.interpolate(tensor, (4, 4))
    assert torch.equal(mine, captum.attr.LayerAttribution.interpolate(tensor, (4, 4)))


def test_warnings_of_the_engine_reach_the_caller(net: Net, x: Tensor):
    dense = nn.Sequential(net.first, net.relu, net.last)
    with pytest.warns(UserWarning, match="miss 34%") as seen:
        ours.IntegratedGradients(dense).attribute(50 * x, target=1, n_steps=1)
    assert [warning.filename for warning in seen] == [__file__]
