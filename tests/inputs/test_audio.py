"""Sounds: in the forms people have them, in bands that add up, as spectrograms, silent and odd."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import sound

RATE = 8000


def tone(hertz: float, seconds: float = 0.5) -> Tensor:
    times = torch.arange(round(seconds * RATE)) / RATE
    return 0.5 * torch.sin(2 * torch.pi * hertz * times)


def power(wave: Tensor) -> Tensor:
    """A spectrogram, (129, frames)."""
    found = torch.stft(wave, 256, 128, window=torch.hann_window(256), return_complex=True)
    return found.abs().square()


@pytest.mark.parametrize(
    "raw",
    [
        tone(440),
        tone(440).double().numpy(),
        (tone(440) * 32768).to(torch.int16),
        (tone(440), RATE),
        {"array": tone(440).numpy(), "sampling_rate": RATE},
        sound.wav(tone(440), RATE),
    ],
)
def test_sounds_come_in_many_forms(raw: Any) -> None:
    found = ab.Audio("sound", RATE).tensor(raw)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, tone(440), atol=2e-4, rtol=0)


def test_a_wav_file_is_read_from_its_path_and_written_for_the_player(tmp_path: Path) -> None:
    entry, stereo = ab.Audio("sound", RATE), torch.stack([tone(300), tone(500)])
    media = entry.media(stereo)
    assert media.content_type == "audio/wav"
    path = tmp_path / "two.wav"
    path.write_bytes(media.body)
    torch.testing.assert_close(entry.tensor(path), stereo, atol=2e-4, rtol=0)
    with wave.open(io.BytesIO(media.body)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, RATE, 4000)


def test_bands_add_up_to_the_sound_and_tell_frequencies_apart() -> None:
    entry = ab.Audio("sound", RATE, bands=[500, 1500])
    low, high = tone(200), tone(1000)
    bands = entry.tensor(low + high)
    assert bands.shape == (3, 4000)
    torch.testing.assert_close(bands.sum(0), low + high, atol=1e-5, rtol=0)
    torch.testing.assert_close(bands[0], low, atol=1e-4, rtol=0)
    torch.testing.assert_close(bands[1], high, atol=1e-4, rtol=0)
    assert ab.Audio("sound", RATE, bands=3).edges == [0, 1000, 2000, 4000]


def test_one_length_cuts_and_fills() -> None:
    entry = ab.Audio("sound", RATE, seconds=0.25)
    assert entry.tensor(tone(440)).shape == (2000,)
    filled = ab.Audio("sound", RATE, seconds=1).tensor(tone(440))
    assert filled.shape == (8000,)
    assert filled[4000:].eq(0).all()
    assert ab.Audio("sound", RATE).matched(torch.ones(3), torch.ones(5)).tolist() == [1, 1, 1, 0, 0]


def test_the_view_shows_where_a_tone_lies() -> None:
    view = ab.Audio("sound", RATE, bands=2).view(torch.cat([torch.zeros(4000), tone(2000)]))
    assert (view["seconds"], view["channels"], view["form"]) == (1.0, 1, "bands")
    assert view["edges"] == [0.0, 2000.0, 4000.0]
    assert max(high for _, high in view["envelope"][:290]) == 0
    assert max(high for _, high in view["envelope"][310:]) > 0.45
    drawn = view["spectrogram"]
    values = torch.tensor(drawn["values"]).reshape(drawn["rows"], drawn["columns"])
    row = int(values[:, -40].argmax()) / drawn["rows"]
    mel = np.log10(1 + 2000 / 700) / np.log10(1 + 4000 / 700)
    assert abs(row - mel) < 0.05
    assert values[:, :100].max() == 0


def test_silence_is_a_sound() -> None:
    entry, silent = ab.Audio("sound", RATE), torch.zeros(1000)
    assert max(entry.view(silent)["spectrogram"]["values"]) == 0
    assert entry.baseline("noise", silent, silent, [], 0).eq(0).all()
    assert entry.tensor(silent).eq(0).all()


@pytest.mark.parametrize("count", [1, 2, 15, 17, 601])
def test_the_shortest_sounds_are_shown_and_grouped(count: int) -> None:
    entry, raw = ab.Audio("sound", RATE), torch.full((count,), 0.1)
    assert len(entry.view(raw)["envelope"]) == min(count, 600)
    assert entry.features(raw, raw, "slices").eq(0).all()
    assert entry.window(raw)[0] == (count,)


def test_groups() -> None:
    entry, raw = ab.Audio("sound", RATE, bands=2, slice=0.25), tone(440)
    tensor = entry.tensor(raw)
    assert entry.default_features(tensor) == "tiles"
    slices = entry.features(raw, tensor, "slices")
    assert slices[0].bincount().tolist() == [2000, 2000]
    assert torch.equal(slices[0], slices[1])
    assert entry.features(raw, tensor, "bands")[:, 0].tolist() == [0, 1]
    assert entry.features(raw, tensor, "tiles")[:, [0, 3999]].tolist() == [[0, 1], [2, 3]]
    assert entry.window(tensor) == ((2, 2000), (2, 1000))
    assert entry.summed(torch.ones(2, 4)).shape == (2, 4)
    assert ab.Audio("sound", RATE).summed(torch.ones(2, 4)).tolist() == [2, 2, 2, 2]


def test_baselines_follow_the_transform() -> None:
    entry = ab.Audio("sound", RATE, transform=lambda wave: (power(wave) + 1).log())
    raw = tone(440)
    tensor = entry.tensor(raw)
    assert entry.baseline("silence", raw, tensor, [], 0).abs().max() < 1e-6  # log 1
    noise = entry.baseline("noise", raw, tensor, [], 3)
    assert torch.equal(noise, entry.baseline("noise", raw, tensor, [], 3))
    assert not torch.equal(noise, entry.baseline("noise", raw, tensor, [], 4))
    mean = entry.baseline("mean", raw, tensor, [torch.ones(129, 7), torch.zeros(129, 3)], 0)
    assert mean.shape == tensor.shape
    assert mean.unique().tolist() == [0.5]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (torch.zeros(0), "no samples"),
        ((tone(440), 44_100), "44100 samples a second, but rate=8000"),
        (torch.zeros(4000, 40), r"shape \(4000, 40\)"),
        (torch.zeros(2, 3, 4), r"shape \(2, 3, 4\)"),
        (torch.tensor([0.0, float("nan")]), "not finite"),
        (b"no sound", "cannot be read as WAV"),
        ({"path": "a.wav"}, "a sound"),
        (torch.zeros(4, dtype=torch.bool), "torch.bool"),
    ],
)
def test_what_is_wrong_is_said(raw: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        ab.Audio("sound", RATE).tensor(raw)


def test_wrong_options_are_said() -> None:
    with pytest.raises(InvalidInput, match="rising frequencies"):
        ab.Audio("sound", RATE, bands=[900, 300])
    with pytest.raises(InvalidInput, match="leave it out"):
        ab.Audio("sound", RATE, power, bands=3)
    with pytest.raises(InvalidInput, match="transform= failed on a sound"):
        ab.Audio("sound", RATE, lambda wave: wave.reshape(7)).tensor(tone(440))


class Loudness(nn.Module):
    """Scores of quiet and loud, double precision."""

    def forward(self, spectrogram: Tensor) -> Tensor:
        loud = spectrogram.mean((1, 2, 3))
        return torch.stack([-loud, loud], 1)


def test_a_board_of_spectrograms_of_doubles_and_unequal_lengths() -> None:
    sounds = [tone(hertz, seconds) for hertz, seconds in ((300, 0.5), (900, 0.5), (1200, 0.8))]
    board = ab.Board(
        Loudness(),
        [(each.numpy(), 1) for each in sounds],
        inputs=ab.Audio("noise", RATE, transform=lambda wave: power(wave)[None].double()),
        output=ab.Classes(["quiet", "loud"]),
    )
    example = board.example(1)
    tensors = board.tensors([example])
    assert tensors[0].dtype == torch.float64
    groups = board.features({"noise": "bands"}, example)
    assert groups is not None
    result = engine.attribute(
        board.models["model"],
        tensors,
        engine.FeatureAblation(),
        1,
        baselines=board.baseline(None, example),
        features=groups,
    )
    heard = result.attributions[0][0, 0].mean(1)
    assert int(heard.argmax()) // 17 == int(900 / 4000 * 129) // 17
    with pytest.raises(InvalidInput, match="Only examples of equal shape share a batch"):
        board.tensors([board.example(0), board.example(2)])


def test_a_sound_of_a_tone_is_explained_by_its_band() -> None:
    class Tone(nn.Module):
        def forward(self, wave: Tensor) -> Tensor:
            loud = torch.fft.rfft(wave).abs()[:, 450:550].sum(1) / 100  # about 1000 Hz
            return torch.stack([-loud, loud], 1)

    board = ab.Board(
        ab.BandSum(Tone()),
        [(tone(200) + tone(1000), 1)] * 2,
        inputs=ab.Audio("sound", RATE, bands=[500, 1500]),
        output=ab.Classes(["no", "yes"]),
    )
    example = board.example(0)
    method = engine.IntegratedGradients(n_steps=20)
    result = engine.attribute(
        board.models["model"],
        board.tensors([example]),
        method,
        1,
        baselines=board.baseline(None, example),
    )
    low, middle, high = result.attributions[0][0].sum(1).abs().tolist()
    assert middle > 50 * max(low, high)
