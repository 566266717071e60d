"""Series and Tensor: shapes, layouts, features, baselines, and what cannot be read."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas
import pytest
import torch
from torch import nn

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Series, Tensor

WAVES = torch.arange(12.0).reshape(2, 6)


def sensors(**settings: Any) -> Series:
    return Series("sensors", ["pulse", "flow"], **settings)


@pytest.mark.parametrize(
    ("raw", "layout"),
    [(WAVES, "first"), (WAVES.numpy(), "first"), (WAVES.tolist(), "first"), (WAVES.T, "last")],
)
def test_a_series_is_seen_by_channel(raw: Any, layout: Any) -> None:
    entry = sensors(layout=layout, units=["1/min", None], rate=2.0)
    view = entry.view(raw)
    assert [(c["name"], c["unit"], [v for _, v in c["line"]]) for c in view["channels"]] == [
        ("pulse", "1/min", [0, 1, 2, 3, 4, 5]),
        ("flow", None, [6, 7, 8, 9, 10, 11]),
    ]
    assert (view["length"], view["rate"], view["time_unit"]) == (6, 2.0, "s")
    json.dumps(view, allow_nan=False)
    tensor = entry.tensor(raw)
    assert tensor.shape == ((2, 6) if layout == "first" else (6, 2))
    for kind, expected in {
        "slices": [[0, 1, 2, 3, 4, 5]] * 2,
        "channels": [[0] * 6, [1] * 6],
        "stretches": [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]],
    }.items():
        ids = entry.features(raw, tensor, kind)
        assert (ids if layout == "first" else ids.T).tolist() == expected
    assert entry.window(tensor)[0] == ((2, 1) if layout == "first" else (1, 2))


def test_a_long_series_is_cut_into_stretches_and_drawn_by_its_extremes() -> None:
    entry = Series("sound")
    raw = torch.zeros(3, 70_000)
    raw[1, 40_001] = 9.0
    assert entry.features(raw, raw, "slices").unique().numel() == 20
    assert entry.features(raw, raw, "stretches").unique().numel() == 60
    channels = entry.view(raw)["channels"]
    assert channels[2]["name"] == "channel 2"
    assert max(len(c["line"]) for c in channels) <= 1_200
    assert [40_001, 9.0] in channels[1]["line"]  # a single peak is not lost
    steps = [step for step, _ in channels[1]["line"]]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("layout", ["first", "last"])
def test_channels_by_name(layout: Any) -> None:
    entry = sensors(layout=layout)
    named = {"flow": [3, 4, 5], "pulse": [0, 1, 2], "other": ["x", "y", "z"]}
    expected = torch.tensor([[0.0, 1, 2], [3, 4, 5]])
    for raw in (named, pandas.DataFrame(named)):
        found = entry.tensor(raw)
        assert torch.equal(found if layout == "first" else found.T, expected)
    with pytest.raises(InvalidInput, match="lacks the channel 'flow'; it has: pulse"):
        entry.tensor({"pulse": [1, 2]})
    with pytest.raises(InvalidInput, match="differ in length: pulse has 2, flow has 3"):
        entry.tensor({"pulse": [1, 2], "flow": [1, 2, 3]})


def test_items_may_hold_the_channels_themselves() -> None:
    data = [{"pulse": [1, 2, i], "flow": [2, 2, 2], "label": i % 2, "ward": "B"} for i in range(4)]
    board = ab.Board(nn.Flatten(), data, sensors(), ab.Classes([str(i) for i in range(6)]))
    example = board.example(3)
    assert board.tensors([example])[0].tolist() == [[[1, 2, 3], [2, 2, 2]]]
    assert (example.label, example.metadata) == (1, {"sensors length": 3, "ward": "B"})


def test_whole_numbers_become_floats() -> None:
    assert sensors().tensor(torch.ones(2, 4, dtype=torch.int32)).dtype == torch.float32
    assert Series("x", dtype=torch.int64).tensor([[1, 2]]).dtype == torch.int64
    half = sensors().tensor(WAVES.bfloat16())
    assert half.dtype == torch.bfloat16
    assert sensors().view(WAVES.bfloat16())["channels"][0]["line"][1] == [1, 1.0]


def test_one_dimension_is_one_channel() -> None:
    assert Series("x").tensor([1, 2.5, 3]).shape == (1, 3)
    assert Series("x", layout="last").tensor(np.ones(4)).shape == (4, 1)


def test_baselines_of_a_series() -> None:
    entry, longer = sensors(), torch.full((2, 9), 20.0)
    mean = entry.baseline("mean", WAVES, WAVES, [WAVES, longer], 0)
    assert mean[:, 0].tolist() == [13.0, pytest.approx((51 + 180) / 15)]
    assert torch.equal(mean, mean[:, :1].expand(2, 6))
    assert entry.baseline("flat", WAVES, WAVES, [], 0)[:, 3].tolist() == [2.5, 8.5]
    assert entry.baseline("zero", WAVES, WAVES, [], 0).abs().max() == 0
    assert torch.equal(entry.baseline("sample", WAVES, WAVES, [longer, WAVES], 5), WAVES)
    with pytest.raises(InvalidInput, match=r"other examples of the shape \(2, 6\)"):
        entry.baseline("sample", WAVES, WAVES, [longer], 0)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (torch.zeros(3, 6), "has 3 channels, but channels= names 2"),
        (torch.zeros(2, 3, 4), r"has shape \(2, 3, 4\)"),
        (torch.zeros(2, 0), r"has shape \(2, 0\) and so holds no numbers"),
        ([], "holds no numbers"),
        (torch.zeros(6, 2), 'Give layout="last"'),
        (torch.tensor([[1.0, 2.0], [float("inf"), 3.0]]), "channel 'flow' holds infinity"),
        (torch.zeros(2, 3, dtype=torch.complex64), "view_as_real"),
        (torch.tensor([[1.0, 2.0], [3.0, float("nan")]]), "channel 'flow' holds NaN"),
        ([[1, 2], [3]], "cannot be made a tensor"),
        ("words", "cannot be made a tensor"),
    ],
)
def test_what_is_no_series_is_said(raw: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        sensors().tensor(raw)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_board_of_series(dtype: torch.dtype) -> None:
    class Rising(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            rise = (x[:, 0, 3:] - x[:, 0, :3]).sum(1)
            return torch.stack([-rise, rise], 1)

    data = [(np.random.default_rng(i).normal(size=(2, 6)), i % 2) for i in range(12)]
    board = ab.Board(Rising().to(dtype), data, sensors(dtype=dtype), ab.Classes(["falls", "rises"]))
    assert board.warnings == ()
    example = board.example(3)
    tensors = board.tensors([example])
    assert tensors[0].dtype == dtype
    features = board.features({"sensors": "stretches"}, example)
    for method in (engine.IntegratedGradients(), engine.FeatureAblation()):
        found = engine.attribute(
            board.models["model"], tensors, method, 1, baselines=board.baseline(None, example),
            features=features,
        ).attributions[0]  # fmt: skip
        assert found[0, 1].abs().max() == 0  # the second channel is never read
        assert found[0, 0].abs().max() > 0


def test_a_tensor_of_any_shape() -> None:
    entry = Tensor("state")
    raw = np.arange(24.0).reshape(2, 3, 4)
    tensor = entry.tensor(raw)
    assert (tensor.shape, tensor.dtype) == ((2, 3, 4), torch.float32)
    assert entry.view(raw) == {
        "kind": "tensor", "shape": [2, 3, 4], "least": 0.0, "most": 23.0, "mean": 11.5,
        "missing": 0, "values": raw.flatten().tolist(),
    }  # fmt: skip
    assert entry.features(raw, tensor, "slices")[:, 0, 0].tolist() == [0, 1]
    assert entry.features(raw, tensor, "elements").unique().numel() == 24
    assert entry.baseline("mean", raw, tensor, [tensor, tensor + 2], 0)[0, 0, 0] == 1
    assert entry.tensor(3.5).shape == (1,)
    assert entry.tensor([1, 2]).dtype == torch.int64
    assert Tensor("x", dtype=torch.float64).tensor([1, 2]).dtype == torch.float64
    assert Tensor("x", transform=lambda raw: raw["a"]).tensor({"a": [1.0]}).tolist() == [1.0]
    gaps = entry.view([float("nan"), 2.0, float("inf")])
    assert (gaps["mean"], gaps["missing"], gaps["values"]) == (2.0, 2, [None, 2.0, None])
    assert entry.view([float("nan")])["mean"] is None
    json.dumps(gaps, allow_nan=False)
    assert entry.view(torch.zeros(300, 300))["values"] is None  # too many to send
    file = io.BytesIO()
    np.save(file, raw)
    assert torch.equal(entry.tensor(entry.from_file(file.getvalue())), tensor)
    with pytest.raises(InvalidInput, match=r"cannot be read as \.npy"):
        entry.from_file(b"no array")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([[1, 2], [3]], "cannot be made a tensor"),
        ({"a": 1}, "cannot be made a tensor"),
        (torch.zeros(3, 0), r"shape \(3, 0\) and so holds no numbers"),
        (torch.zeros(2, dtype=torch.complex64), "view_as_real"),
    ],
)
def test_what_is_no_tensor_is_said(raw: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Tensor("state").tensor(raw)


def test_settings_that_cannot_be_are_refused() -> None:
    for settings, said in (
        ({"layout": "middle"}, 'layout= must be "first" or "last"'),
        ({"rate": 0}, "rate= must be above zero"),
        ({"units": ["mV"]}, "one unit a channel"),
    ):
        with pytest.raises(InvalidInput, match=said):
            sensors(**settings)
    with pytest.raises(InvalidInput, match="different names"):
        Series("x", ["a", "a"])
    with pytest.raises(InvalidInput, match="transform= must be a function"):
        Tensor("x", transform=3)  # type: ignore[arg-type]


def test_a_board_of_tensors_of_another_shape_and_type() -> None:
    """Recurrent states in double precision, and a grid of counts as whole numbers."""

    class Reader(nn.Module):
        def forward(self, state: torch.Tensor) -> torch.Tensor:
            return torch.stack([state[:, 0].sum((1, 2)), state[:, 1].sum((1, 2))], 1)

    rng = np.random.default_rng(0)
    data = [(rng.normal(size=(2, 4, 5)), i % 2) for i in range(8)]
    board = ab.Board(
        Reader().double(), data, ab.Tensor("state", dtype=torch.float64), ab.Classes(["a", "b"])
    )
    assert board.warnings == ()
    example = board.example(1)
    found = engine.attribute(
        board.models["model"], board.tensors([example]), engine.IntegratedGradients(), 1,
        baselines=board.baseline(None, example),
    )  # fmt: skip
    assert found.delta is not None
    assert found.delta.abs().max() < 1e-9
    assert found.attributions[0][0, 0].abs().max() == 0
    counts = ab.Board(
        lambda grid: grid.float().sum((1, 2))[:, None].expand(-1, 2),
        [rng.integers(0, 9, (3, 3)) for _ in range(4)],
        ab.Tensor("grid"),
        ab.Classes(["a", "b"]),
    )
    first = counts.example(0)
    base = counts.baseline(None, first)[0]
    assert base.dtype == torch.int64  # the mean of whole numbers, rounded
    ablated = engine.attribute(
        counts.models["model"], counts.tensors([first]), engine.FeatureAblation(), 0,
        baselines=base, features=counts.features({"grid": "slices"}, first),
    ).attributions[0]  # fmt: skip
    whole = (counts.tensors([first])[0] - base)[0].sum(1).float()
    assert torch.allclose(ablated[0, :, 0], whole)


@pytest.mark.parametrize(
    ("entry", "raw", "drawn"),
    [
        (Series("x"), torch.randn(3, 500), "<polyline"),
        (Series("x"), torch.zeros(1, 1), "<polyline"),
        (Tensor("x"), torch.randn(2, 5, 6), "<rect"),
        (Tensor("x"), [float("nan"), 1.0], "<rect"),
        (ab.Audio("x", rate=8), torch.zeros(1), "<rect"),
        (ab.Edges("x", of="y"), torch.eye(3).roll(1, 0), "<line"),
    ],
)
def test_a_card_shows_something(entry: Any, raw: Any, drawn: str) -> None:
    media = entry.thumbnail(raw)
    assert media is not None
    assert media.content_type == "image/svg+xml"
    text = media.body.decode()
    assert drawn in text
    assert "nan" not in text
    ElementTree.fromstring(text)
