"""Audio: a sound as a waveform, as bands that add up to it, or as the user's own spectrogram."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.inputs import drawing, sound
from attriboard.inputs.base import Choice, Input, Media, held_file

ELEMENTS = Choice("elements", "Samples", "Each number the model reads on its own.")
SLICES = Choice("slices", "Time slices", "A slice of time, all frequencies together.")
BANDS = Choice("bands", "Bands", "A band of frequencies, from beginning to end.")
TILES = Choice("tiles", "Tiles", "A band of frequencies within a slice of time.")
SILENCE = Choice(
    "silence",
    "Silence",
    "No sound at all. Quiet parts then count for little, and a model that norms what it hears has "
    "no gradient there.",
)
NOISE = Choice(
    "noise",
    "Noise",
    "White noise as loud as the sound itself, drawn by the seed: what its form adds, not its "
    "loudness. Try several seeds.",
)
MEAN = Choice(
    "mean",
    "Mean",
    "Each frequency's mean over time and over a sample of the data. What always sounds, such as a "
    "hum, then counts for little.",
)


class Audio(Input):
    """A sound.

    A raw value is a waveform (samples,) or (channels, samples) as an array or tensor, floats in
    -1 to 1 or the integers of a WAV file; or (waveform, rate), a dict with `array` and
    `sampling_rate`, or the path of a WAV file. `rate` is in samples a second.

    The model gets (samples,) or (channels, samples), float32. With `bands`, a number or the
    frequencies in Hz between them, it gets (bands, samples): parts of the sound that add up to it,
    so that attributions tell frequencies apart; hand the model over inside `BandSum`. With
    `transform` it gets what that makes of the waveform tensor, such as a spectrogram; its last
    dimension must be time, and the one before frequency, from low to high.

    `seconds` cuts or fills every sound to one length; without it each keeps its own. `slice` is
    the length of a time slice in seconds.
    """

    modality = "audio"

    def __init__(
        self,
        name: str,
        rate: int,
        transform: Callable[[Tensor], Tensor] | None = None,
        *,
        bands: int | Sequence[float] | None = None,
        seconds: float | None = None,
        slice: float = 0.1,
    ) -> None:
        super().__init__(name)
        if rate < 1 or slice <= 0 or (seconds is not None and seconds <= 0):
            raise self.invalid("rate=, seconds= and slice= must be above 0.")
        if transform is not None and not callable(transform):
            raise self.invalid("transform= must be a function from a waveform to a tensor.")
        if transform is not None and bands is not None:
            raise self.invalid("bands= splits the waveform; with transform= leave it out.")
        self.rate, self.transform, self.seconds, self.slice = rate, transform, seconds, slice
        self.edges = None if bands is None else self._edges(bands)

    @property
    def form(self) -> str:
        """What the model gets: "waveform", "bands" or "spectrogram"."""
        if self.transform is not None:
            return "spectrogram"
        return "waveform" if self.edges is None else "bands"

    def _edges(self, bands: int | Sequence[float]) -> list[float]:
        """The frequencies that bound the bands, from 0 to half the rate."""
        top = self.rate / 2
        if isinstance(bands, int):
            if not 1 <= bands <= 64:
                raise self.invalid("bands= must be 1 to 64.")
            return [0.0, *(top / 2**k for k in range(bands - 1, -1, -1))]
        inner = [float(edge) for edge in bands]
        if sorted({0.0, *inner, top}) != [0.0, *inner, top]:
            raise self.invalid(f"bands= must be rising frequencies between 0 and {top:g} Hz.")
        return [0.0, *inner, top]

    # From raw value to tensor

    def tensor(self, raw: Any) -> Tensor:
        wave = self.waveform(raw)
        if self.edges is not None:
            return sound.split(wave if wave.dim() == 1 else wave.mean(0), self.rate, self.edges)
        return wave if self.transform is None else self._transformed(wave)

    def _transformed(self, wave: Tensor) -> Tensor:
        assert self.transform is not None
        try:
            found = torch.as_tensor(self.transform(wave)).detach()
        except Exception as error:
            raise self.invalid(
                f"transform= failed on a sound of shape {tuple(wave.shape)}: "
                f"{type(error).__name__}: {error}"
            ) from error
        if not found.is_floating_point() or not found.numel():
            raise self.invalid(
                f"transform= returned {found.dtype} of shape {tuple(found.shape)}; give floating "
                "point, with time as the last dimension."
            )
        return found

    def waveform(self, raw: Any) -> Tensor:
        """The sound itself, (samples,) or (channels, samples), float32 in -1 to 1."""
        try:
            wave = sound.read(raw, self.rate)
        except sound.BadSound as fault:
            raise self.invalid(str(fault)) from None
        if self.seconds is None:
            return wave
        return _length(wave, round(self.seconds * self.rate))

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        wave = self.waveform(raw)
        mono = wave if wave.dim() == 1 else wave.mean(0)
        return {
            "kind": "audio",
            "rate": self.rate,
            "seconds": len(mono) / self.rate,
            "channels": 1 if wave.dim() == 1 else len(wave),
            "form": self.form,
            "edges": self.edges,
            "envelope": sound.envelope(mono),
            "spectrogram": sound.spectrogram(mono, self.rate),
        }

    def media(self, raw: Any, width: int | None = None) -> Media:
        return Media("audio/wav", sound.wav(self.waveform(raw), self.rate))

    def thumbnail(self, raw: Any, width: int | None = None) -> Media:
        wave = self.waveform(raw)
        return drawing.wave(
            sound.envelope(wave if wave.dim() == 1 else wave.mean(0), drawing.POINTS)
        )

    def facts(self, raw: Any) -> Mapping[str, Any]:
        try:
            return {f"{self.name} seconds": self.waveform(raw).shape[-1] / self.rate}
        except ValueError:  # what is wrong is said where its tensor is made
            return {}

    def summed(self, attribution: Tensor) -> Tensor:
        """(..., time): channels and the like summed; bands and frequencies stay."""
        keep = 1 if self.edges is None and self.transform is None else 2
        while attribution.dim() > keep:
            attribution = attribution.sum(0)
        return attribution

    # Features

    def _step(self, tensor: Tensor) -> int:
        """A time slice in steps of the tensor's last dimension."""
        if self.transform is None:
            return max(1, round(self.slice * self.rate))
        return max(1, -(-tensor.shape[-1] // 20))

    def feature_kinds(self) -> tuple[Choice, ...]:
        flat = self.edges is None and self.transform is None
        return (ELEMENTS, SLICES) if flat else (ELEMENTS, SLICES, BANDS, TILES)

    def default_features(self, tensor: Tensor) -> str:
        return self.feature_kinds()[-1].id

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, self.feature_kinds(), "way to group a sound")
        if kind == "elements":
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        times = torch.arange(tensor.shape[-1]) // self._step(tensor)
        if kind == "slices":
            return times.expand(tensor.shape).contiguous()
        rows = tensor.shape[-2] if tensor.dim() > 1 else 1
        part = 1 if self.edges is not None else max(1, -(-rows // 8))
        bands = (torch.arange(rows) // part)[:, None]
        ids = bands if kind == "bands" else bands * (int(times[-1]) + 1) + times
        return ids.expand(tensor.shape).contiguous()

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A time slice over all frequencies, moved by half of it."""
        size = min(self._step(tensor), tensor.shape[-1])
        return (*tensor.shape[:-1], size), (*tensor.shape[:-1], max(1, size // 2))

    # Baselines

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return (SILENCE, NOISE) if self.transform is None else (SILENCE, NOISE, MEAN)

    @property
    def baseline_reason(self) -> str:
        return "silence is what stands before a sound and after it."

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        if kind == "mean":
            if not sample:
                raise self.invalid("the baseline 'mean' needs a sample of the data.")
            mean = torch.stack([one.mean(-1, keepdim=True) for one in sample]).mean(0)
            return mean.to(tensor.dtype).expand_as(tensor).clone()
        if kind == "silence" and self.transform is None:
            return torch.zeros_like(tensor)
        wave = self.waveform(raw)
        other = torch.zeros_like(wave)
        if kind == "noise":
            generator = torch.Generator().manual_seed(seed)
            loud = wave.square().mean().sqrt()
            other = torch.randn(wave.shape, generator=generator) * loud
        return self.tensor(other).to(tensor.dtype)

    def matched(self, other: Tensor, like: Tensor) -> Tensor:
        """`other` cut, or filled up with silence, to the length of `like`."""
        if other.shape[:-1] != like.shape[:-1]:
            return super().matched(other, like)
        return _length(other, like.shape[-1])

    def unpacked(self, raw: Any) -> Any:
        """The waveform and its rate, from a WAV file or a decoder of `datasets`."""
        if hasattr(raw, "get_all_samples"):
            samples = raw.get_all_samples()
            return samples.data, int(samples.sample_rate)
        file = held_file(raw)
        return raw if file is None else self.from_file(file)

    def from_file(self, source: Path | bytes) -> Any:
        """The sound of a WAV file."""
        try:
            return sound.from_wav(source)
        except sound.BadSound as fault:
            raise self.invalid(str(fault)) from None

    def config(self) -> Mapping[str, Any]:
        return {"rate": self.rate, "edges": self.edges, "seconds": self.seconds}


class BandSum(nn.Module):
    """A model of waveforms (N, samples) as a model of their bands (N, bands, samples).

    The bands of `Audio(bands=...)` add up to the sound, so that the model hears what it always
    does, and attributions tell frequencies apart.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, bands: Tensor) -> Tensor:
        scores: Tensor = self.model(bands.sum(1))
        return scores


def _length(found: Tensor, count: int) -> Tensor:
    """The last dimension cut or filled with zeros to `count`."""
    return nn.functional.pad(found[..., :count], (0, max(0, count - found.shape[-1])))
