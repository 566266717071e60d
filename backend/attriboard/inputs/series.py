"""Series: several channels over time, such as sensors, prices or vital signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import torch

from attriboard.inputs.base import Choice, Media
from attriboard.inputs.drawing import lines, turning_points
from attriboard.inputs.tensor import ELEMENTS, SAMPLE, ZERO, Tensor

TIMES = Choice("slices", "Time slices", "A stretch of time, all channels together.")
CHANNELS = Choice("channels", "Channels", "A channel over all its time.")
STRETCHES = Choice("stretches", "Stretches", "A stretch of time of one channel.")
MEAN = Choice(
    "mean",
    "Channel means",
    "Each channel stays at its mean over time and over a sample of the data.",
)
FLAT = Choice(
    "flat",
    "Its own means",
    "Each channel stays at its mean over this example: its course is taken away, and its level "
    "gets no credit.",
)
SLICED = 20  # stretches a series is cut into
POINTS = 60_000  # of all lines of a series the browser draws
LONGEST_LINE = 1_200
DRAWN = 6  # channels on a card


class Series(Tensor):
    """Channels over time, as (channels, time) numbers for the model, or (time, channels).

    A raw value is an array or tensor of that shape, (time,) where there is one channel, a data
    frame whose columns are the channels, or a dict from each channel's name to its values.
    `channels` names them, `units` may give each its unit. `rate` is values in a unit of time
    (`time_unit`, seconds where left out); without it time is counted in steps. `layout` says where
    the model's tensors hold channels, "first" or "last". Whole numbers become float32.
    """

    modality = "series"

    def __init__(
        self,
        name: str,
        channels: Sequence[str] = (),
        transform: Callable[[Any], Any] | None = None,
        *,
        units: Sequence[str | None] = (),
        rate: float | None = None,
        time_unit: str = "s",
        layout: Literal["first", "last"] = "first",
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(name, transform, dtype=dtype)
        if isinstance(channels, str) or len(set(channels)) != len(channels):
            raise self.invalid("channels= must be a list of different names, one a channel.")
        if layout not in ("first", "last"):
            raise self.invalid('layout= must be "first" or "last".')
        if rate is not None and not rate > 0:
            raise self.invalid("rate= must be above zero: values in a unit of time.")
        if units and len(units) != len(channels):
            raise self.invalid("units= must name one unit a channel, in the order of channels=.")
        self.channels, self.units = tuple(channels), tuple(units)
        self.rate, self.time_unit, self.layout = rate, time_unit, layout

    @property
    def keys(self) -> tuple[str, ...]:
        return self.channels

    # From raw value to tensor

    def tensor(self, raw: Any) -> torch.Tensor:
        found = super().tensor(self._gathered(raw))
        if not found.is_floating_point() and self.dtype is None:
            found = found.float()
        if found.ndim == 1:
            found = found[None] if self.layout == "first" else found[:, None]
        if found.ndim != 2:
            raise self.invalid(
                f"a series has shape {tuple(found.shape)}; it must be (channels, time), or (time, "
                'channels) with layout="last".'
            )
        self._check(self._by_channel(found))
        return found

    def _check(self, rows: torch.Tensor) -> None:
        """Whether channels are as many as named, and every value is a number."""
        if self.channels and len(rows) != len(self.channels):
            other = "last" if self.layout == "first" else "first"
            turned = rows.shape[1] == len(self.channels)
            mend = f'Give layout="{other}".' if turned else "Name each, or leave channels= out."
            raise self.invalid(
                f"a series has {len(rows)} channels, but channels= names {len(self.channels)}. "
                f"{mend}"
            )
        broken = (~rows.isfinite()).any(1).nonzero()
        if len(broken):
            place = int(broken[0, 0])
            what = "NaN" if bool(rows[place].isnan().any()) else "infinity"
            raise self.invalid(
                f"channel {self._name(place)!r} holds {what}. Fill gaps as in training, in "
                "transform= or in the dataset."
            )

    def _gathered(self, raw: Any) -> Any:
        """Named channels as one tensor in the model's layout; anything else as it is."""
        if self.transform is not None:
            return raw
        if hasattr(raw, "iloc") and hasattr(raw, "columns"):
            raw = {str(name): raw[name].to_numpy() for name in raw.columns}
        if not isinstance(raw, Mapping):
            return raw
        missing = [name for name in self.channels if name not in raw]
        if missing:
            held = ", ".join(str(key) for key in raw) or "none"
            raise self.invalid(f"a series lacks the channel {missing[0]!r}; it has: {held}.")
        rows = {name: self._read_channel(raw[name]) for name in self.channels or raw}
        lengths = {name: len(row) for name, row in rows.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise self.invalid(
                f"its channels differ in length: {listed}. Bring them to one rate in the dataset."
            )
        return self._by_channel(torch.stack(list(rows.values()))) if rows else torch.zeros(0)

    def _read_channel(self, values: Any) -> torch.Tensor:
        return self._read(values)[1].to(self.dtype or torch.float32).flatten()

    def _by_channel(self, tensor: torch.Tensor) -> torch.Tensor:
        """The model's tensor as (channels, time), and back."""
        return tensor if self.layout == "first" else tensor.T

    def _name(self, place: int) -> str:
        return self.channels[place] if self.channels else f"channel {place}"

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        """Each channel as a line of (step, value); a long one by its extremes in equal parts."""
        rows = self._by_channel(self.tensor(raw)).double()
        most = max(8, min(LONGEST_LINE, POINTS // len(rows)))
        return {
            "kind": "series",
            "layout": self.layout,
            "length": rows.shape[1],
            "rate": self.rate,
            "time_unit": self.time_unit if self.rate else None,
            "channels": [
                {
                    "name": self._name(place),
                    "unit": self.units[place] if self.units else None,
                    "line": [[step, float(f"{v:.5g}")] for step, v in turning_points(row, most)],
                }
                for place, row in enumerate(rows)
            ],
        }

    def thumbnail(self, raw: Any, width: int | None = None) -> Media:
        return lines(list(self._by_channel(self.tensor(raw)).double()[:DRAWN]))

    def facts(self, raw: Any) -> Mapping[str, Any]:
        try:
            return {f"{self.name} length": self._by_channel(self.tensor(raw)).shape[1]}
        except ValueError:  # what is wrong is said where its tensor is made
            return {}

    # Features

    def feature_kinds(self) -> tuple[Choice, ...]:
        return ELEMENTS, TIMES, STRETCHES, CHANNELS

    def features(self, raw: Any, tensor: torch.Tensor, kind: str) -> torch.Tensor:
        self.chosen(kind, self.feature_kinds(), "way to group values")
        if kind == "elements":
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        count, length = self._by_channel(tensor).shape
        parts = min(SLICED, length)
        times = torch.arange(length) * parts // length
        channels = torch.arange(count)[:, None]
        ids = {"slices": times, "channels": channels, "stretches": channels * parts + times}[kind]
        return self._by_channel(ids.expand(count, length)).contiguous()

    def window(self, tensor: torch.Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A stretch of time over all channels, moved by half its length."""
        count, length = self._by_channel(tensor).shape
        side = max(1, round(length / SLICED))
        window, step = (count, side), (count, max(1, side // 2))
        return (window, step) if self.layout == "first" else (window[::-1], step[::-1])

    # Baselines

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return MEAN, FLAT, ZERO, SAMPLE

    @property
    def baseline_reason(self) -> str:
        return (
            "channels that stay at their usual level are a series in which nothing happens; zero "
            "is far from usual in many."
        )

    def baseline(
        self,
        kind: str,
        raw: Any,
        tensor: torch.Tensor,
        sample: Sequence[torch.Tensor],
        seed: int,
    ) -> torch.Tensor:
        if kind not in ("mean", "flat"):
            return super().baseline(kind, raw, tensor, sample, seed)
        # A channel's level, for series differ in length and in where things happen.
        rows = [tensor] if kind == "flat" else list(sample)
        if not rows:
            raise self.invalid("the baseline 'mean' needs a sample of the data.")
        levels = torch.cat([self._by_channel(row).double() for row in rows], 1).mean(1)
        flat = levels[:, None].expand_as(self._by_channel(tensor))
        return self._by_channel(flat).to(tensor.dtype).contiguous()

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), "layout": self.layout, "channels": list(self.channels)}
