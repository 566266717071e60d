"""Waveforms: read in the forms people have them, split into bands, drawn small, written as WAV."""

from __future__ import annotations

import io
import itertools
import math
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

POINTS = 600  # of an envelope
COLUMNS = 240  # of a drawn spectrogram
ROWS = 64
FLOOR = 70.0  # decibels below the loudest that are drawn
CHANNELS = 32  # more than this are samples in the wrong dimension
WIDTHS = {1: np.uint8, 2: np.int16, 4: np.int32}


class BadSound(Exception):
    """A sound that cannot be read; its text completes the sentence "Input 'sound': ..."."""


def read(raw: Any, rate: int) -> Tensor:
    """A raw value as (samples,) or (channels, samples), float32 in -1 to 1."""
    found = from_wav(raw) if isinstance(raw, (str, Path, bytes)) else raw
    if isinstance(found, Mapping):
        found = (found.get("array"), found.get("sampling_rate", rate))
    if isinstance(found, tuple) and len(found) == 2:
        found, own = found
        if int(own) != rate:
            raise BadSound(
                f"a sound has {int(own)} samples a second, but rate={rate}: resample it in the "
                "dataset."
            )
    try:
        sound = torch.as_tensor(np.asarray(found) if not isinstance(found, Tensor) else found)
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadSound(f"a sound is a {type(raw).__name__}; give a waveform of numbers") from error
    sound = _scaled(sound.detach().cpu())
    if sound.dim() not in (1, 2) or (sound.dim() == 2 and len(sound) > CHANNELS):
        raise BadSound(
            f"a sound has the shape {tuple(sound.shape)}; give (samples,) or (channels, samples)."
        )
    if not sound.numel():
        raise BadSound("a sound has no samples, so there is nothing to explain. Leave it out.")
    if not bool(sound.isfinite().all()):
        raise BadSound("a sound has samples that are not finite numbers.")
    return sound


def _scaled(sound: Tensor) -> Tensor:
    """Floats as they are, integers by the full scale of their type."""
    if sound.is_floating_point():
        return sound.float().clone()
    if sound.dtype == torch.uint8:
        return sound.float() / 128 - 1
    if sound.dtype not in (torch.int8, torch.int16, torch.int32, torch.int64):
        raise BadSound(f"a sound holds {sound.dtype}; give floats, or the integers of a WAV file.")
    # NumPy's own integers hold a WAV file's too: 64 bits are read as 16.
    full = 1 << 15 if sound.dtype == torch.int64 else 1 << (8 * sound.element_size() - 1)
    return sound.float() / full


def from_wav(source: str | Path | bytes) -> tuple[Tensor, int]:
    """The waveform of a WAV file, uncompressed, and its samples a second."""
    try:
        opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
        with wave.open(opened) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            body = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadSound(f"the file cannot be read as WAV ({error}).") from error
    if width not in WIDTHS:
        raise BadSound(f"the WAV file has {8 * width} bits a sample; save it with 16.")
    samples = np.frombuffer(body, WIDTHS[width]).reshape(-1, channels).T.copy()
    found = _scaled(torch.from_numpy(samples))
    return (found[0] if channels == 1 else found), rate


def wav(sound: Tensor, rate: int) -> bytes:
    """A WAV file of 16 bits; what is louder than 1 is made quieter as a whole."""
    channels = sound[None] if sound.dim() == 1 else sound
    loudest = max(1.0, float(channels.abs().max()))
    body = (channels.T / loudest * 32767).round().to(torch.int16).contiguous().numpy().tobytes()
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(body)
    return target.getvalue()


def split(sound: Tensor, rate: int, edges: Sequence[float]) -> Tensor:
    """(samples,) as (bands, samples) that add up to it; each frequency lies in one band."""
    spectrum = torch.fft.rfft(sound.double())
    hertz = torch.arange(len(spectrum)) * rate / len(sound)
    band = torch.bucketize(hertz, torch.tensor(list(edges[1:-1]), dtype=hertz.dtype), right=True)
    parts = [torch.where(band == place, spectrum, 0) for place in range(len(edges) - 1)]
    return torch.stack([torch.fft.irfft(part, len(sound)) for part in parts]).float()


def envelope(mono: Tensor, points: int = POINTS) -> list[list[float]]:
    """The least and the greatest sample of each of at most `points` equal parts."""
    count = min(points, len(mono))
    places = (torch.arange(count + 1) * len(mono)) // count
    pairs = zip(places[:-1].tolist(), places[1:].tolist(), strict=True)
    parts = [mono[start:end] for start, end in pairs]
    return [[round(float(part.min()), 4), round(float(part.max()), 4)] for part in parts]


def spectrogram(mono: Tensor, rate: int) -> dict[str, Any]:
    """Loudness in decibels as 0 to 255; rows from low to high, evenly in mel, times in a row."""
    size = min(512, 1 << max(4, (len(mono) - 1).bit_length()))
    hop = max(1, len(mono) // COLUMNS)
    window = torch.hann_window(size)
    found = torch.stft(mono, size, hop, window=window, return_complex=True, pad_mode="constant")
    power = found.abs().square()
    rough = torch.stack([power[start:end].mean(0) for start, end in _mel_rows(size // 2, rate)])
    level = 10 * torch.log10(rough + 1e-12)
    top = max(float(level.max()), -100.0)  # silence stays dark
    shown = ((level - top + FLOOR) / FLOOR).clamp(0, 1) if top > -100 else torch.zeros_like(level)
    values = (255 * shown).round().int().flatten().tolist()
    return {"rows": len(rough), "columns": power.shape[1], "top": rate / 2, "values": values}


def _mel_rows(bins: int, rate: int) -> list[tuple[int, int]]:
    """Which frequencies each row of a drawn spectrogram averages, by their first and end place."""
    rows, top = min(ROWS, bins), 2595 * math.log10(1 + rate / 2 / 700)
    hertz = [700 * (10 ** (top * row / rows / 2595) - 1) for row in range(rows + 1)]
    places = [min(bins, round(2 * edge / rate * bins)) for edge in hertz]
    return [
        (min(start, bins - 1), max(end, start + 1)) for start, end in itertools.pairwise(places)
    ]
