"""Folded norms: only where a pass shows it is sound, and never with another result."""

from __future__ import annotations

from typing import Any, Literal

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.model_tree import prepare
from attriboard.engine.prepared.fast import Fast

METHODS = (
    engine.IntegratedGradients(n_steps=9),
    engine.SmoothGrad(n_samples=9),
    engine.Occlusion(sliding_window_shapes=(3, 2, 2)),
)


def _norm(channels: int) -> nn.BatchNorm2d:
    """A norm with statistics and weights of its own, so that leaving it out shows."""
    norm = nn.BatchNorm2d(channels)
    with torch.no_grad():
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        norm.weight.normal_()
        norm.bias.normal_()
    return norm


class Chain(nn.Module):
    """Two convolutions with norms; `forward` of the classes below goes other ways through them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.first_norm = nn.Conv2d(3, 4, 3, padding=1, bias=False), _norm(4)
        self.second, self.second_norm = nn.Conv2d(4, 4, 3, groups=2), _norm(4)
        self.head = nn.Linear(4, 3)

    def end(self, x: Tensor) -> Tensor:
        x = self.second_norm(self.second(x)).relu()
        return self.head(x.mean((2, 3)))

    def forward(self, x: Tensor) -> Any:
        return self.end(self.first_norm(self.first(x)).relu())


class ReadTwice(Chain):
    def forward(self, x: Tensor) -> Any:
        made = self.first(x)
        return self.end(self.first_norm(made).relu() + made)


class Changed(Chain):
    def forward(self, x: Tensor) -> Any:
        made = self.first(x)
        made.mul_(2)
        return self.end(self.first_norm(made))


class Viewed(Chain):
    def forward(self, x: Tensor) -> Any:
        made = self.first(x)
        made[:, 0].zero_()
        return self.end(self.first_norm(made))


class RunsTwice(Chain):
    def forward(self, x: Tensor) -> Any:
        once = self.first_norm(self.first(x))
        return self.end(once + self.first_norm(self.first(x.flip(3))))


class Shared(Chain):
    """The first convolution's weight works elsewhere too."""

    def forward(self, x: Tensor) -> Any:
        more = nn.functional.conv2d(x, self.first.weight, padding=1)
        return self.end(self.first_norm(self.first(x)) + more)


class OtherNorm(Chain):
    """The norm that stands next to the convolution reads another tensor."""

    def forward(self, x: Tensor) -> Any:
        made = self.first(x)
        return self.end(self.first_norm(torch.cat([x, x[:, :1]], 1)) + made)


class Spelt(Chain):
    """The norm is a call, not a module."""

    def forward(self, x: Tensor) -> Any:
        norm = self.first_norm
        made = nn.functional.batch_norm(
            self.first(x), norm.running_mean, norm.running_var, norm.weight, norm.bias
        )
        return self.end(made)


class Returned(Chain):
    """What the convolution made is an output as well."""

    def forward(self, x: Tensor) -> Any:
        made = self.first(x)
        return self.end(self.first_norm(made).relu()), made


class Hooked(Chain):
    """The user's own hook reads what the convolution made."""

    def __init__(self) -> None:
        super().__init__()
        self.first.register_forward_hook(lambda module, args, result: result * 2)


SOUND = {Chain: 2, ReadTwice: 1, Changed: 1, Viewed: 1, RunsTwice: 1, Shared: 1, OtherNorm: 1}
SOUND |= {Hooked: 1}


def _run(model: nn.Module, method: engine.Method, dtype: torch.dtype = torch.float32) -> Any:
    x = torch.randn(2, 3, 7, 7, generator=torch.Generator().manual_seed(0), dtype=dtype)
    target = engine.Output(0, 1) if isinstance(model, Returned) else 1
    return engine.attribute(model.to(dtype), x, method, target)


def _plain(model: nn.Module, method: engine.Method, dtype: torch.dtype = torch.float32) -> Any:
    """The same on a model whose tree is never folded."""
    prepared = prepare(model.to(dtype))
    prepared.fast.tried = True
    assert prepared.fast.folded is None
    return _run(model, method, dtype)


def _joints(model: nn.Module) -> int:
    folded = prepare(model).fast.folded
    return 0 if folded is None else len(folded._joints)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("kind", SOUND, ids=lambda k: k.__name__)
def test_results_are_those_of_the_plain_tree(
    kind: type[Chain], method: engine.Method, dtype: torch.dtype
):
    expected = _plain(kind(), method, dtype).attributions[0]
    model = kind()
    found = _run(model, method, dtype).attributions[0]
    assert _joints(model) == SOUND[kind]
    tolerance = 5e-5 if dtype == torch.float32 else 1e-12
    assert (found - expected).abs().max() <= tolerance * expected.abs().max()


@pytest.mark.parametrize("kind", [Spelt, Returned], ids=lambda k: k.__name__)
def test_a_fold_that_shows_in_the_output_is_undone(kind: type[Chain]):
    model = kind()
    found = _run(model, METHODS[0]).attributions[0]
    assert _joints(model) == 0
    assert torch.equal(found, _plain(kind(), METHODS[0]).attributions[0])


class Moody(Chain):
    """Skips the first norm for large pictures, which the watched pass did not show."""

    def forward(self, x: Tensor) -> Any:
        made = self.first(x)
        return self.end(made if x.shape[-1] > 7 else self.first_norm(made))


def test_a_pass_that_goes_another_way_undoes_the_fold():
    model = Moody()
    _run(model, METHODS[0])
    assert _joints(model) == 2
    x = torch.randn(2, 3, 9, 9)
    found = engine.attribute(model, x, METHODS[0], 1).attributions[0]
    assert _joints(model) == 0
    plain = Moody()
    prepare(plain).fast.tried = True
    assert torch.allclose(
        found, engine.attribute(plain, x, METHODS[0], 1).attributions[0], atol=1e-6
    )


@pytest.mark.parametrize("name", ["first.weight", "first_norm.running_var", "first_norm.bias"])
def test_the_fold_follows_the_users_weights(name: str):
    """Through `.data` and numpy, which leave no trace in a tensor's version."""
    model, fresh = Chain(), Chain()
    before = _run(model, METHODS[0]).attributions[0]
    assert _joints(model) == 2
    model.state_dict()[name].numpy()[:] *= 3
    fresh.load_state_dict(model.state_dict())
    after = _run(model, METHODS[0]).attributions[0]
    assert _joints(model) == 2
    assert not torch.allclose(after, before, rtol=1e-2)
    assert torch.allclose(after, _run(fresh, METHODS[0]).attributions[0], atol=1e-6)


class Within(nn.Module):
    """A convolution alone in a container, whose output is thus what the norm reads."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.box, self.norm = nn.Sequential(nn.Conv2d(3, 4, 3)), _norm(4)
        self.rest = nn.Sequential(nn.ReLU(), nn.Conv2d(4, 4, 3), _norm(4), nn.ReLU())
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rest(self.norm(self.box(x))).mean((2, 3)))


AT_LAYERS = (
    engine.LayerConductance(n_steps=9),
    engine.InternalInfluence(n_steps=9),
    engine.IntegratedGradients(n_steps=9),
    engine.FeatureAblation(),
)
APART: dict[tuple[str, Literal["input", "output"]], int] = {
    ("box", "input"): 0,
    ("box", "output"): 1,
    ("box.0", "input"): 0,
    ("box.0", "output"): 1,
    ("norm", "input"): 1,
    ("norm", "output"): 0,
    ("rest.0", "output"): 0,
    ("rest.1", "output"): 1,
    ("rest.2", "input"): 1,
    ("rest", "output"): 0,
}


@pytest.mark.parametrize(("layer", "side"), APART, ids="-".join)
@pytest.mark.parametrize("method", AT_LAYERS, ids=lambda m: type(m).__name__)
def test_a_layer_is_read_in_the_folded_tree_unless_it_lies_within_a_fold(
    method: engine.Method, layer: str, side: Literal["input", "output"]
):
    x = torch.randn(9, 3, 7, 7, dtype=torch.float64)
    found, expected = [], []
    for results, tried in ((found, False), (expected, True)):
        model = Within().double()
        prepare(model).fast.tried = tried
        for _ in range(2):
            result = engine.attribute(model, x, method, 1, layer=layer, layer_side=side)
            results.append(result.attributions[0])
        fast = prepare(model).fast
        assert _joints(model) == (0 if tried else 2)
        assert sum(map(len, fast._apart.values())) == (0 if tried else APART[layer, side])
        assert not any(twin._forward_hooks or twin._forward_pre_hooks for twin in fast._twins)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours - theirs).abs().max() <= 1e-12 * theirs.abs().max()


def test_what_is_read_in_one_place_is_folded_for_the_others():
    model, x = Within(), torch.randn(9, 3, 7, 7)
    engine.attribute(model, x, AT_LAYERS[0], 1, layer="box")
    fast = prepare(model).fast
    (apart,) = fast._apart.values()
    engine.attribute(model, x, METHODS[0], 1)
    assert _joints(model) == 2
    assert len(apart) == 1
    assert not any(joint.apart for joint in fast.folded._joints)  # type: ignore[union-attr]


def test_a_layer_within_a_fold_follows_the_users_weights():
    model, fresh, x = Within(), Within(), torch.randn(9, 3, 7, 7)
    before = engine.attribute(model, x, AT_LAYERS[1], 1, layer="box").attributions[0]
    model.state_dict()["box.0.weight"].numpy()[:] *= 3
    fresh.load_state_dict(model.state_dict())
    after = engine.attribute(model, x, AT_LAYERS[1], 1, layer="box").attributions[0]
    expected = engine.attribute(fresh, x, AT_LAYERS[1], 1, layer="box").attributions[0]
    assert not torch.allclose(after, before, rtol=1e-2)
    assert torch.allclose(after, expected, atol=1e-6)


class Graphs(nn.Module):
    """Says whether its rows bring a graph along."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bool] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Graphs:
        return self

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x.requires_grad)
        return x


def test_what_comes_before_a_layer_that_is_read_needs_no_graph():
    before, after = Graphs(), Graphs()
    model = nn.Sequential(before, nn.Linear(4, 4), nn.ReLU(), after, nn.Linear(4, 2))
    x = torch.randn(3, 4)
    for method in (engine.GradCam(), engine.LayerConductance(n_steps=9)):
        engine.attribute(model, x, method, 1, layer="2")
    assert not any(before.seen)
    assert all(after.seen)
    engine.attribute(model, x, engine.Saliency(), 1)
    assert before.seen[-1]


def test_a_layer_that_does_not_run_is_named():
    model = Chain()
    model.spare = nn.Linear(2, 2)
    with pytest.raises(engine.Unsupported, match="did not run"):
        engine.attribute(model, torch.randn(2, 3, 7, 7), engine.GradCam(), 1, layer="spare")


def test_layers_and_rules_see_what_the_plain_tree_gives():
    model = Chain()
    _run(model, METHODS[0])
    assert _joints(model) == 2
    x = torch.randn(9, 3, 7, 7)
    for layer in ("first", "first_norm"):
        read = engine.attribute(model, x, engine.LayerActivation(), 1, layer=layer)
        expected = model.eval().first(x)
        expected = expected if layer == "first" else model.first_norm(expected)
        assert torch.allclose(read.attributions[0], expected, atol=1e-6)
    method = engine.IntegratedGradients(n_steps=9)
    for site in ({"layer": "first"}, {"layer": "first", "neuron": (1, 2, 2)}):
        found = engine.attribute(model, x, method, 1, **site).attributions[0]
        plain = Chain()
        prepare(plain).fast.tried = True
        expected = engine.attribute(plain, x, method, 1, **site).attributions[0]
        assert torch.allclose(found, expected, atol=1e-6)


def test_half_types_are_left_alone():
    model = Chain()
    _run(model, METHODS[0], torch.bfloat16)
    assert _joints(model) == 0


def test_few_rows_do_not_pay_for_a_fold(monkeypatch: pytest.MonkeyPatch):
    made: list[Fast] = []
    monkeypatch.setattr(Fast, "make", lambda self, run: made.append(self))
    engine.attribute(Chain(), torch.randn(1, 3, 7, 7), engine.Saliency(), 1)
    engine.attribute(Chain(), torch.randn(1, 3, 7, 7), engine.GradCam(), 1, layer="second")
    assert not made
    engine.attribute(Chain(), torch.randn(9, 3, 7, 7), engine.GradCam(), 1, layer="second")
    assert made
