"""Several layers at once, baselines and distributions at a layer, and noise before one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine


class Branches(nn.Module):
    """Two layers that meet in a product, and an extra argument that moves the first."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.head = nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor, shift: Tensor | float = 0.0) -> Tensor:
        return self.head(torch.tanh(self.left(x + shift)) * torch.sigmoid(self.right(x)))


@pytest.fixture
def model() -> Branches:
    torch.manual_seed(0)
    return Branches().double()


@pytest.fixture
def x() -> Tensor:
    return torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_several_layers_share_one_path(model: Branches, x: Tensor):
    method = engine.IntegratedGradients(n_steps=30)
    result = engine.attribute(model, x, method, 1, layer=["left", model.right])
    assert [a.shape for a in result.attributions] == [(3, 4), (3, 4)]
    sums = sum(a.sum(1) for a in result.attributions)
    change = (model(x) - model(torch.zeros_like(x)))[:, 1]
    assert torch.allclose(sums, change, atol=1e-9)


def test_several_layers_are_read_one_after_another(model: Branches, x: Tensor):
    read = engine.attribute(model, x, engine.LayerActivation(), layer=["right", "left"])
    assert torch.allclose(read.attributions[0], model.right(x))
    assert torch.allclose(read.attributions[1], model.left(x))


def test_an_empty_list_of_layers_is_refused(model: Branches, x: Tensor):
    with pytest.raises(engine.InvalidInput, match="empty list"):
        engine.attribute(model, x, engine.Saliency(), 1, layer=[])


def test_baselines_at_the_layer(model: Branches, x: Tensor):
    asked: dict[str, Any] = {"layer": "left", "layer_baselines": 0.5}
    result = engine.attribute(model, x, engine.FeatureAblation(), 1, **asked)
    for unit in range(4):
        changed = model.left(x).detach()
        changed[:, unit] = 0.5
        handle = model.left.register_forward_hook(lambda *_, values=changed: values)
        without = model(x)[:, 1]
        handle.remove()
        expected = model(x)[:, 1] - without
        assert torch.allclose(result.attributions[0][:, unit], expected, atol=1e-12)


def test_baselines_at_a_layer_need_a_layer(model: Branches, x: Tensor):
    with pytest.raises(engine.InvalidInput, match="`layer_baselines` needs"):
        engine.attribute(model, x, engine.FeatureAblation(), 1, layer_baselines=0)


@pytest.mark.parametrize("method", [engine.DeepLiftShap(), engine.GradientShap(n_samples=4000)])
def test_a_distribution_at_a_layer_follows_each_examples_arguments(
    model: Branches, x: Tensor, method: engine.Method
):
    pool, shift = torch.randn(4, 3, dtype=torch.float64), 3 * x
    asked: dict[str, Any] = {"baselines": pool, "layer": ["left", "right"]}
    whole = engine.attribute(model, x, method, 1, extra_args=(shift,), **asked)
    alone = engine.attribute(model, x[1:2], method, 1, extra_args=(shift[1:2],), **asked)
    for a, b in zip(whole.attributions, alone.attributions, strict=True):
        assert torch.allclose(a[1:2], b, atol=1e-10)
    low = torch.stack([model(row.expand_as(x), shift)[:, 1] for row in pool]).mean(0)
    sums = sum(a.sum(1) for a in whole.attributions)
    tolerance = 1e-9 if isinstance(method, engine.DeepLiftShap) else 0.05
    assert torch.allclose(sums, model(x, shift)[:, 1] - low, atol=tolerance)


def test_noise_is_added_to_the_inputs_where_a_layer_is_explained(model: Branches, x: Tensor):
    smooth = engine.SmoothGrad(method=engine.LayerActivation(), n_samples=4000, stdevs=0.7)
    read = engine.attribute(model, x, smooth, layer="left").attributions[0]
    assert torch.allclose(read, model.left(x), atol=0.1)
    spread = engine.VarGrad(method=engine.LayerActivation(), n_samples=4000, stdevs=0.7)
    var = engine.attribute(model, x, spread, layer="left").attributions[0]
    expected = 0.49 * model.left.weight.square().sum(1)
    assert torch.allclose(var, expected.expand_as(var), rtol=0.1)


def test_smoothing_takes_no_features_at_a_layer(model: Branches, x: Tensor):
    smooth = engine.SmoothGrad(method=engine.FeatureAblation(), n_samples=2)
    mask = torch.tensor([[0, 0, 1]])
    with pytest.raises(engine.Unsupported, match="no features at a layer"):
        engine.attribute(model, x, smooth, 1, layer="left", features=mask)


def test_a_function_of_a_layer_is_explained(model: Branches, x: Tensor):
    total = engine.attribute(
        model, x, engine.Saliency(abs=False), layer="left", neuron=lambda a: a.sum(1)
    )
    assert torch.allclose(total.attributions[0], model.left.weight.sum(0).expand(3, 3))
    with pytest.raises(engine.InvalidInput, match="one number for each row"):
        engine.attribute(model, x, engine.Saliency(), layer="left", neuron=lambda a: a)
    with pytest.raises(engine.InvalidInput, match="give an index"):
        engine.attribute(
            model, x, engine.NeuronConductance(), 1, layer="left", neuron=lambda a: a.sum(1)
        )


def test_channels_may_be_kept_apart_and_need_no_places():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2)).double()
    x = torch.randn(2, 1, 5, 5, dtype=torch.float64)
    apart = engine.attribute(net, x, engine.GradCam(sum_channels=False), 1, layer="1")
    together = engine.attribute(net, x, engine.GradCam(), 1, layer="1")
    assert apart.attributions[0].shape == (2, 3, 3, 3)
    total = apart.attributions[0].sum(1, keepdim=True)
    assert torch.allclose(total, together.attributions[0], atol=1e-12)
    flat = engine.attribute(net, x, engine.GradCam(), 1, layer="2").attributions[0]
    assert torch.allclose(flat[:, 0], (net[:3](x) * net[3].weight[1]).sum(1))


def test_a_torch_function_is_differentiated_and_left_as_it_is(model: Branches, x: Tensor):
    def chance(rows: Tensor) -> Tensor:
        return model(rows).softmax(1)

    asked = engine.TorchFunction(chance, layers=[model.left])
    result = engine.attribute(asked, x, engine.IntegratedGradients(), 1)
    assert result.delta.abs().max() < 1e-9
    at_layer = engine.attribute(asked, x, engine.LayerActivation(), layer=model.left)
    assert torch.allclose(at_layer.attributions[0], model.left(x))
    assert not model.left._forward_hooks
    assert model.training
    with pytest.raises(engine.Unsupported, match="black box"):
        engine.attribute(chance, x, engine.Saliency(), 1)


def test_a_submodule_may_be_called_module(model: Branches, x: Tensor):
    class Wrapper(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = model

        def forward(self, rows: Tensor) -> Tensor:
            return self.module(rows)

    read = engine.attribute(Wrapper(), x, engine.LayerActivation(), layer="module.left")
    assert torch.allclose(read.attributions[0], model.left(x))


def test_shuffling_two_examples_swaps_them(x: Tensor):
    linear = nn.Linear(3, 1, bias=False).double()
    for seed in range(5):
        result = engine.attribute(linear, x[:2], engine.FeaturePermutation(), seed=seed)
        swapped = (x[:2] - x[:2].flip(0)) * linear.weight
        assert torch.allclose(result.attributions[0], swapped, atol=1e-12)
