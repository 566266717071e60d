"""Channels last where it is faster, and never where a model cannot take it or answers otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine import planner as planners
from attriboard.engine.model_tree import prepare
from attriboard.engine.prepared import layout as layouts
from attriboard.engine.prepared.layout import Layout

METHOD = engine.IntegratedGradients(n_steps=64)


class Convolution(nn.Module):
    """Says in which format its rows came."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4 * 36, 2)
        self.seen: list[bool] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Convolution:
        twin = type(self)()
        twin.load_state_dict(self.state_dict())
        twin.seen = self.seen  # so that the test sees what the engine's tree saw
        return twin

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(not x.is_contiguous())
        return self.flat(self.conv(x).relu())

    def flat(self, x: Tensor) -> Tensor:
        return self.head(x.flatten(1))


class Views(Convolution):
    """`view` fails on channels last."""

    def flat(self, x: Tensor) -> Tensor:
        return self.head(x.view(len(x), -1))


class Strides(Convolution):
    """Reads memory in the order it lies in, as no model should."""

    def flat(self, x: Tensor) -> Tensor:
        return self.head(torch.as_strided(x, (len(x), 144), (144, 1)))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch):
    """The first guess is four rows, so that there are blocks enough for a trial."""
    monkeypatch.setattr(planners, "CACHE", 1)


def _layouts(model: nn.Module) -> list[bool | None]:
    planners = prepare(model).learned.planners
    return [p.layout.last for key, p in planners.items() if key[0] == "observe"]  # type: ignore[index]


def _run(model: nn.Module) -> Tensor:
    x = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    found: Tensor = engine.attribute(model, x, METHOD, 1).attributions[0]
    return found


def _timed(monkeypatch: pytest.MonkeyPatch, last_takes: float) -> None:
    """As if channels last took `last_takes` of the time of the usual format."""

    def timed(self: Layout, work: Any, last: bool) -> Any:
        self._best[last] = last_takes if last else 1.0
        return work(last)

    monkeypatch.setattr(Layout, "_timed", timed)


@pytest.mark.parametrize(("takes", "last"), [(0.5, True), (0.99, False), (2.0, False)])
def test_the_faster_format_is_kept(takes: float, last: bool, monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, takes)
    model = Convolution()
    expected = _run(model)
    assert _layouts(model) == [last]
    model.seen.clear()
    assert torch.allclose(_run(model), expected, atol=1e-6)
    assert model.seen.count(True) == (len(model.seen) - 1 if last else 0)  # all but the two ends
    assert expected.is_contiguous()


@pytest.mark.parametrize("kind", [Views, Strides], ids=lambda k: k.__name__)
def test_a_model_that_depends_on_the_format_keeps_its_own(
    kind: type[Convolution], monkeypatch: pytest.MonkeyPatch
):
    _timed(monkeypatch, 0.1)
    model, plain = kind(), Convolution()
    found = _run(model)
    assert _layouts(model) == [False]
    monkeypatch.setattr(planners, "ENOUGH", 10**9)
    assert torch.allclose(found, _run(plain), atol=1e-6)
    assert not any(plain.seen)


def test_a_view_met_later_changes_the_format_back(monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, 0.1)
    model = Views()
    prepared = prepare(model)
    _run(model)
    for planner in prepared.learned.planners.values():
        planner.layout.last = True
    assert torch.allclose(_run(model), _run(Views()), atol=1e-6)
    assert _layouts(model) == [False]


def test_short_runs_that_come_again_and_again_are_tried_as_well(monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, 0.5)
    model, x = Convolution(), torch.randn(1, 3, 8, 8)
    ask = partial(engine.attribute, model, x, engine.IntegratedGradients(n_steps=16), 1)
    expected = ask().attributions[0]
    assert _layouts(model) == [None]
    for _ in range(2 * planners.ENOUGH):
        assert torch.allclose(ask().attributions[0], expected, atol=1e-6)
    assert _layouts(model) == [True]


def test_much_larger_blocks_are_tried_again(monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, 0.5)
    model = Convolution()
    expected = _run(model)  # in blocks of four at first
    assert _layouts(model) == [True]
    _timed(monkeypatch, 2.0)
    for _ in range(3 * planners.ENOUGH):
        assert torch.allclose(_run(model), expected, atol=1e-6)
    assert _layouts(model) == [False]


def test_a_format_that_a_model_refused_is_not_tried_again(monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, 0.1)
    model = Strides()
    for _ in range(3 * planners.ENOUGH):
        _run(model)
    assert model.seen.count(True) == 1


def test_memory_that_runs_out_says_nothing_about_a_format(monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, 0.5)
    model = Convolution()
    expected = _run(model)
    layout = next(p for p in prepare(model).learned.planners.values() if p.layout.last).layout

    def failing(last: bool) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        layout.trial(failing, lambda a, b: True, 64)
    with pytest.raises(torch.OutOfMemoryError):
        layout.tested(failing, lambda a, b: True, torch.zeros(1))
    assert layout.last
    assert torch.allclose(_run(model), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("usual", "last", "blocks", "chosen"),
    [
        ((1.0, 1.0), (0.5, 0.5), 2, True),
        ((1.0, 1.0), (2.0, 2.0), 2, False),
        ((1.0, 1.0, 1.0, 1.0), (1.0, 1.03, 0.8, 0.9), 3, True),
        ((1.0, 1.0, 1.0, 1.0), (1.0, 1.03, 0.9, 1.0), 4, True),
        ((1.0, 1.0, 1.0, 1.0), (1.0, 1.03, 0.98, 1.0), 4, False),
    ],
)
def test_formats_that_are_close_are_compared_more_often(
    usual: tuple[float, ...],
    last: tuple[float, ...],
    blocks: int,
    chosen: bool,
    monkeypatch: pytest.MonkeyPatch,
):
    clock = 0.0
    monkeypatch.setattr(layouts.time, "thread_time", lambda: clock)
    layout, rows = Layout(), (torch.zeros(1, 3, 8, 8),)
    times = {False: iter(usual), True: iter(last)}

    def work(last: bool) -> None:
        nonlocal clock
        clock += next(times[last])

    done = 0
    while layout.open_for(rows, 8, many=True, often=False):
        layout.trial(work, lambda a, b: True, 8)
        done += 1
    assert (done, layout.last) == (blocks, chosen)
    assert not layout.open_for(rows, 8, many=True, often=True)


@pytest.mark.parametrize("answer", [lambda y: y.argmax(1), lambda y: y[:, 0] > 0])
def test_answers_that_are_no_numbers_are_compared_as_well(
    answer: Callable[[Tensor], Tensor], monkeypatch: pytest.MonkeyPatch
):
    class Answers(Convolution):
        def flat(self, x: Tensor) -> Tensor:
            return answer(super().flat(x))

    _timed(monkeypatch, 0.5)
    model, x = Answers(), torch.randn(32, 3, 8, 8)
    expected = engine.predict(model, x)
    for _ in range(2 * planners.ENOUGH):
        assert torch.equal(engine.predict(model, x), expected)
    (planner,) = prepare(model).learned.planners.values()
    assert planner.layout.last is True


def test_few_rows_and_rules_are_no_trial():
    model = Convolution()
    engine.attribute(model, torch.randn(1, 3, 8, 8), engine.Saliency(), 1)
    engine.attribute(model, torch.randn(40, 3, 8, 8), engine.GuidedBackprop(), 1)
    assert not any(model.seen)


def test_weights_laid_out_with_the_rows_follow_the_users(monkeypatch: pytest.MonkeyPatch):
    _timed(monkeypatch, 0.1)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    before = _run(model)
    folded = prepare(model).fast.folded
    assert folded is not None
    (laid,) = folded._laid
    assert laid.last is not None
    assert laid.last.plain.is_contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        model[0].weight.data.mul_(2)  # bumps no version
        model[0].bias.data.mul_(2)
    assert torch.allclose(_run(model), 2 * before, atol=1e-6)
    assert model[0].weight.is_contiguous()


LARGE = (3, 112, 112)


def _saliency(model: nn.Module, count: int = 2) -> Tensor:
    x = torch.randn(count, *LARGE, generator=torch.Generator().manual_seed(1))
    found: Tensor = engine.attribute(model, x, engine.Saliency(), 1).attributions[0]
    return found


class Wide(Convolution):
    """The same on large pictures; copies keep what they are."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4 * 110 * 110, 2)


class WideViews(Wide, Views):
    pass


class WideStrides(Wide):
    def flat(self, x: Tensor) -> Tensor:
        return self.head(torch.as_strided(x, (len(x), 4 * 110 * 110), (4 * 110 * 110, 1)))


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="without oneDNN")
def test_a_few_large_pictures_go_channels_last_untried(monkeypatch: pytest.MonkeyPatch):
    model, plain = Wide(), Wide()
    first = _saliency(model)
    assert model.seen[-1]
    model.seen.clear()
    again = _saliency(model)
    assert model.seen == [True]
    assert _layouts(model) == [None]
    monkeypatch.setattr(layouts, "LARGE", 10**9)
    expected = _saliency(plain)
    assert not any(plain.seen)
    for found in (first, again):
        assert found.is_contiguous()
        assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="without oneDNN")
@pytest.mark.parametrize("kind", [WideViews, WideStrides], ids=lambda k: k.__name__)
def test_a_few_rows_keep_the_format_that_a_model_needs(
    kind: type[Wide], monkeypatch: pytest.MonkeyPatch
):
    model = kind()
    found = [_saliency(model) for _ in range(2)]
    assert _layouts(model) == [False]
    monkeypatch.setattr(layouts, "LARGE", 10**9)
    assert all(torch.equal(each, _saliency(kind())) for each in found)


def test_a_few_rows_of_a_refused_format_leave_the_usual_ones_behind():
    """What is read beside the result is what ran last."""

    class Doubles(Wide):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * (1 if x.is_contiguous() else 2)

    model, x = Doubles(), torch.randn(1, *LARGE)
    with torch.no_grad():
        expected = model(x)
    for _ in range(2):
        assert torch.allclose(engine.predict(model, x), expected, atol=1e-6)
    assert any(model.seen)


def test_heavy_weights_keep_a_few_rows_as_they_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(layouts, "WEIGHTS", 0.001)
    model = Wide()
    _saliency(model)
    assert not any(model.seen)


def test_a_black_box_is_asked_once_in_its_own_format():
    seen: list[tuple[int, bool]] = []

    def box(x: Tensor) -> Tensor:
        seen.append((len(x), x.is_contiguous()))
        return x.flatten(1)[:, :2]

    features = torch.arange(3 * 16).reshape(1, 3, 4, 4).repeat_interleave(LARGE[1] // 4, 2)
    features = features.repeat_interleave(LARGE[2] // 4, 3)
    for _ in range(2 * planners.ENOUGH):
        seen.clear()
        run = engine.Run()
        x = torch.randn(1, *LARGE)
        engine.attribute(box, x, engine.FeatureAblation(), 1, features=features, run=run)
        assert sum(rows for rows, _ in seen) == run.rows
        assert all(usual for _, usual in seen)
