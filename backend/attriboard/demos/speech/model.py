"""The detector: silero-vad (MIT), written out in torch, with the weights of its package.

Silero Team, Silero VAD: pre-trained enterprise-grade Voice Activity Detector (2021). The package
runs it as a stream, chunk by chunk; here a whole sound is one pass, so that it has gradients.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from attriboard.engine.errors import AttriboardError

CHUNK = 512  # samples the detector takes at a time, after the last 64 of those before
CONTEXT = 64
PAD = 64  # reflected at the end of a chunk
BINS = 129  # frequencies of the short-time Fourier transform
WIDTH = 128
STRONGEST = 8  # chunks, a quarter of a second: so long a voice must sound


class SpeechNet(nn.Module):
    """Scores of "no speech" and "speech", (N, 2), from sounds (N, samples) of 16,000 a second.

    Speech is in a sound where it is in its eight strongest chunks, on average.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 2 * BINS, 256, 128, bias=False)
        self.conv1 = nn.Conv1d(BINS, WIDTH, 3, 1, 1)
        self.conv2 = nn.Conv1d(WIDTH, 64, 3, 2, 1)
        self.conv3 = nn.Conv1d(64, 64, 3, 2, 1)
        self.conv4 = nn.Conv1d(64, WIDTH, 3, 1, 1)
        self.lstm_cell = nn.LSTMCell(WIDTH, WIDTH)
        self.final_conv = nn.Conv1d(WIDTH, 1, 1)

    def forward(self, sound: Tensor) -> Tensor:
        chunks = self.chunks(sound)
        strongest = chunks.topk(min(STRONGEST, chunks.shape[1]), 1).values.mean(1)
        return torch.stack([-strongest / 2, strongest / 2], 1)

    def chunks(self, sound: Tensor) -> Tensor:
        """The logit of speech in each chunk, (N, chunks)."""
        padded = functional.pad(sound, (CONTEXT, -sound.shape[1] % CHUNK))
        parts = padded.unfold(1, CONTEXT + CHUNK, CHUNK)
        count = parts.shape[1]
        mirrored = parts[..., -PAD - 1 : -1].flip(-1)
        rows = torch.cat([parts, mirrored], -1).reshape(len(sound) * count, 1, -1)
        heard = self._heard(rows).reshape(len(sound), count, WIDTH)
        state = cell = heard.new_zeros(len(sound), WIDTH)
        states = []
        for place in range(count):
            state, cell = self.lstm_cell(heard[:, place], (state, cell))
            states.append(state)
        logits: Tensor = self.final_conv(torch.stack(states, 2).relu())[:, 0]
        return logits

    def _heard(self, rows: Tensor) -> Tensor:
        """What the convolutions make of each chunk."""
        waves = self.stft_conv(rows)
        power = waves[:, :BINS].square() + waves[:, BINS:].square()
        found: Tensor = (power + 1e-12).sqrt()  # silence has no slope without it
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            found = layer(found).relu()
        return found


def trained() -> SpeechNet:
    """The detector with the weights of the package silero-vad, in eval mode."""
    # The package is found, not imported: it starts runtimes that are not needed here.
    found = find_spec("silero_vad")
    if found is None or found.origin is None:
        raise AttriboardError(
            "The demo's detector comes with the package silero-vad, which is not installed. "
            'Install it with: pip install "attriboard[demo]"'
        )
    weights = Path(found.origin).parent / "data" / "silero_vad_16k.safetensors"
    model = untrained(0)
    model.load_state_dict(load_file(weights))
    return model


def untrained(seed: int) -> SpeechNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SpeechNet().eval()
