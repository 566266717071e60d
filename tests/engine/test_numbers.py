"""Types, sizes and shapes of what goes in and comes out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.planner import Planner
from engine.cases import Case, attribute, cases, inputs, picture
from engine.problems import by_name


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_float_type_in_gives_that_type_out(case: Case, dtype: torch.dtype):
    found = attribute(picture().to(dtype), case, inputs().to(dtype)).attributions
    assert all(a.dtype == dtype for a in found)
    assert all(a.isfinite().all() for a in found)


@pytest.mark.parametrize("case", [c for c in cases() if "layer" not in c.site], ids=str)
def test_no_examples_give_no_attributions(case: Case):
    found = attribute(picture(), case, inputs()[:0])
    assert found.attributions[0].shape == (0, 2, 6, 6)


def test_several_inputs_and_a_single_one():
    problem = by_name("product")
    found = engine.attribute(problem.model(), problem.inputs, engine.Saliency(), 1)
    assert [a.shape for a in found.attributions] == [x.shape for x in problem.inputs]
    single = by_name("mlp")
    assert (
        len(engine.attribute(single.model(), single.inputs[0], engine.Saliency(), 1).attributions)
        == 1
    )


def test_channels_last_changes_nothing():
    model, x = picture(), inputs()
    case = next(c for c in cases() if str(c) == "IntegratedGradients")
    plain = attribute(model, case, x).attributions[0]
    laid_out = attribute(model, case, x.to(memory_format=torch.channels_last)).attributions[0]
    assert torch.allclose(plain, laid_out, atol=1e-6)


class Wrapped(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self._orig_mod = inner

    def forward(self, x: Tensor) -> Tensor:
        raise AssertionError("the compiled form is not run")


@pytest.mark.parametrize("wrap", [nn.DataParallel, Wrapped], ids=["DataParallel", "compiled"])
def test_wrapped_models_are_unwrapped(wrap: type[nn.Module]):
    model, x = picture(), inputs()
    case = next(c for c in cases() if str(c) == "GradCam")
    expected = attribute(model, case, x).attributions[0]
    prefix = "module." if wrap is nn.DataParallel else "_orig_mod."
    for layer in ("conv", f"{prefix}conv", model.conv):
        found = engine.attribute(wrap(model), x, case.method, 1, layer=layer)
        assert torch.allclose(found.attributions[0], expected, atol=1e-6)


def test_torchscript_runs_as_it_is():
    model, x = picture().eval(), inputs()
    scripted = torch.jit.trace(model, x)
    for method in (engine.IntegratedGradients(n_steps=5), engine.Occlusion()):
        ours = engine.attribute(scripted, x, method, 1).attributions[0]
        theirs = engine.attribute(model, x, method, 1).attributions[0]
        assert torch.allclose(ours, theirs, atol=1e-6)


class Detached(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.detach() * 2


class Ignores(nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a * 2


def test_no_gradient_is_an_error_and_not_zeros():
    x = torch.randn(3, 4)
    with pytest.raises(engine.Unsupported, match="detached"):
        engine.attribute(Detached(), x, engine.Saliency(), 1)
    with pytest.raises(engine.Unsupported, match="No gradient reaches input 1"):
        engine.attribute(Ignores(), (x, x), engine.Saliency(), 1)


def test_integers_that_reach_no_embedding_say_so():
    class Counts(nn.Module):
        def forward(self, ids: Tensor) -> Tensor:
            return nn.functional.one_hot(ids, 5).float().sum(1)

    ids = torch.randint(0, 5, (3, 4))
    with pytest.raises(engine.Unsupported, match="reach no embedding"):
        engine.attribute(Counts(), ids, engine.Saliency(), 1)
    found = engine.attribute(Counts(), ids, engine.FeatureAblation(), 1).attributions[0]
    assert found.shape == ids.shape


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"baselines": torch.zeros(2, 2, 6, 6)}, "2 rows for 3 examples"),
        ({"baselines": torch.zeros(5)}, "does not fit its input"),
        ({"baselines": (0, 0)}, "2 entries for 1 inputs"),
        ({"features": torch.zeros(1, 2, 6, 6)}, "integer group ids"),
        ({"features": torch.zeros(7, dtype=torch.long)}, "does not broadcast"),
        ({"layer": "nowhere"}, "has no layer 'nowhere'"),
        ({"neuron": 1}, "needs the `layer`"),
        ({"layer": "conv", "neuron": (9, 0, 0)}, "outside the layer's shape"),
        ({"layer": "conv", "layer_side": "left"}, "'output' or 'input'"),
        ({"targets": []}, "names? at least one|name at least one"),
    ],
)
def test_bad_arguments_say_what_is_wrong(more: dict, sentence: str):
    target = None if "targets" in more else 1
    with pytest.raises(engine.InvalidInput, match=sentence):
        engine.attribute(picture(), inputs(), engine.FeatureAblation(), target, **more)


def test_features_group_across_inputs_and_examples():
    problem = by_name("product")
    model, (a, b) = problem.model(), problem.inputs
    first = torch.tensor([[0, 0, 1, 1]])
    second = torch.tensor([[1, 1, 2, 2, 2]])
    found = engine.attribute(model, (a, b), engine.ShapleyValues(), 1, features=(first, second))
    left, right = found.attributions
    assert torch.equal(left[:, 2], right[:, 0])  # one feature over two tensors
    assert found.delta is not None
    total = left[:, 0] + left[:, 2] + right[:, 4]
    assert torch.allclose(total, found.score - found.baseline_score)
    ragged = torch.tensor([[0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 0, 0]])
    found = engine.attribute(
        model, (a, b), engine.FeatureAblation(), 1, features=(ragged, second + 10)
    )
    for i in range(3):
        alone = engine.attribute(
            model,
            (a[i : i + 1], b[i : i + 1]),
            engine.FeatureAblation(),
            1,
            features=(ragged[i : i + 1], second + 10),
        )
        assert torch.allclose(alone.attributions[0], found.attributions[0][i : i + 1])


def test_contributions_add_up():
    problem = by_name("product")
    model, inputs_ = problem.model(), problem.inputs
    result = engine.attribute(model, inputs_, engine.IntegratedGradients(), 1)
    assert torch.allclose(engine.net(result.attributions).abs().sum(1), torch.ones(3).double())
    assert torch.allclose(engine.magnitude(result.attributions).sum(1), torch.ones(3).double())
    shares = engine.shapley(model, inputs_, 1)
    assert torch.allclose(shares.values.sum(1), shares.total)
    by_features = engine.attribute(
        model,
        inputs_,
        engine.ShapleyValues(),
        1,
        features=(torch.zeros(1, 4, dtype=torch.long), torch.ones(1, 5, dtype=torch.long)),
    )
    one_each = torch.stack([a[:, 0] for a in by_features.attributions], 1)
    assert torch.allclose(shares.values, one_each)
    empty, left, right, both = (
        shares.coalitions[0],
        shares.coalitions[2],
        shares.coalitions[1],
        shares.coalitions[3],
    )
    assert torch.allclose(shares.interactions[:, 0, 1], both - left - right + empty)


def test_partial_results_converge_to_the_final_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Planner, "size", lambda self, left, memory: min(8, left))
    model, x = picture(), inputs(1)
    seen: list[tuple[Tensor, int]] = []
    run = engine.Run(partial=lambda a, done, steps: seen.append((a[0][0], done)))
    final = engine.attribute(model, x, engine.IntegratedGradients(n_steps=64), 1, run=run)
    assert [done for _, done in seen] == [8, 16, 24, 32, 40, 48, 56]
    whole = final.attributions[0].flatten()
    likeness = [torch.cosine_similarity(part.flatten(), whole, dim=0) for part, _ in seen]
    assert likeness[0] > 0.9
    assert likeness[-1] > 0.99


def test_out_of_memory_halves_the_block():
    class Tight(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = nn.Linear(4, 2)

        def forward(self, rows: Tensor) -> Tensor:
            if len(rows) > 6:
                raise torch.OutOfMemoryError("not enough memory")
            return self.line(rows)

    model, x = Tight(), torch.randn(3, 4)
    found = engine.attribute(model, x, engine.IntegratedGradients(n_steps=50), 1)
    assert found.delta.abs().max() < 1e-5


def test_a_pixel_of_a_window_counts_as_a_share_of_it():
    """One window over all of the picture says as much of it as one word says of the words."""

    class Both(nn.Module):
        def forward(self, photo: Tensor, words: Tensor) -> Tensor:
            return (3 * photo.mean((1, 2, 3)) + words.sum(1))[:, None]

    photo, words = torch.ones(2, 3, 4, 4), torch.tensor([[1.0, 0.0], [2.0, 1.0]])
    method = engine.Occlusion(sliding_window_shapes=((3, 4, 4), (1,)))
    result = engine.attribute(Both(), (photo, words), method, 0)
    expected = torch.tensor([[3.0, 1.0], [3.0, 3.0]])
    shares = engine.magnitude(result.attributions, result.sizes)
    assert torch.allclose(shares, expected / expected.sum(1, keepdim=True), atol=1e-5)
    assert engine.magnitude(result.attributions)[0, 0] > 0.98  # 48 pixels with the whole fall each


def test_windows_cut_off_at_the_edge_count_by_what_they_cover():
    method = engine.Occlusion(sliding_window_shapes=(3,), strides=3)
    sizes = method.sizes(None, (torch.zeros(1, 7),))
    assert sizes is not None
    assert sizes[0].tolist() == [[3, 3, 3, 3, 3, 3, 1]]


def test_deep_lift_shap_costs_two_passes_a_baseline():
    assert engine.DeepLiftShap().passes(5, baselines=7) == 14
    smooth = engine.SmoothGrad(method=engine.DeepLiftShap(), n_samples=3)
    assert smooth.passes(5, baselines=7) == 42
