"""The demo `speech`: where the character is spoken is known, and a louder burst of noise is not it.

A slice of a tenth of a second after the other is replaced by silence; the part of the occlusion's
absolute mass that lies inside the spoken span is measured over all 108 sounds with speech, towards
"speech". The same network with random weights must fail: it hears the burst, which is louder.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.speech.data import RATE, SAMPLES, Spoken
from attriboard.demos.speech.model import SpeechNet, trained, untrained

SLICE = RATE // 10
BOUND = 0.8


@pytest.fixture(scope="module")
def sounds() -> Spoken:
    return Spoken()


@pytest.fixture(scope="module")
def spoken(sounds: Spoken) -> list[int]:
    return [index for index in range(len(sounds)) if sounds[index]["label"] == 1]


def _inside(model: SpeechNet, sounds: Spoken, rows: list[int]) -> float:
    """The mean share of occlusion mass inside the spoken span, widened to whole slices."""
    batch = torch.stack([sounds[index]["sound"] for index in rows])
    method = engine.Occlusion(sliding_window_shapes=((SLICE,),), strides=((SLICE,),))
    result = engine.attribute(model, batch, method, 1, baselines=0.0)
    mass = result.attributions[0].abs()
    inside = torch.stack([_span(sounds, index) for index in rows])
    return float(((mass * inside).sum(1) / mass.sum(1).clamp_min(1e-12)).mean())


def _span(sounds: Spoken, index: int) -> Tensor:
    start, end = sounds.span(index)
    places = torch.arange(SAMPLES)
    first, last = start // SLICE * SLICE, -(-end // SLICE) * SLICE
    return (places >= first) & (places < last)


def test_occlusion_lies_on_the_spoken_character(sounds: Spoken, spoken: list[int]) -> None:
    assert len(spoken) >= 100
    chance = torch.stack([_span(sounds, index) for index in spoken]).float().mean()
    known = _inside(trained(), sounds, spoken)
    beginners = [_inside(untrained(seed), sounds, spoken[::4]) for seed in range(3)]
    listed = ", ".join(f"{each:.3f}" for each in beginners)
    print(f"\nOcclusion mass: trained {known:.3f}, random {listed}, chance {chance:.3f}")
    assert known >= BOUND
    assert max(beginners) < BOUND


def test_the_detector_hears_speech_and_not_the_burst(sounds: Spoken) -> None:
    batch = torch.stack([sounds[index]["sound"] for index in range(len(sounds))])
    labels = torch.tensor([sounds[index]["label"] for index in range(len(sounds))])
    with torch.no_grad():
        right = trained()(batch).argmax(1) == labels
    print(f"\naccuracy {right.float().mean():.3f}")
    assert right.float().mean() >= 0.9


def test_spans_are_what_the_catalog_says(sounds: Spoken) -> None:
    for index in (0, 1, 40, 141):
        start, end = sounds.span(index)
        item = sounds[index]
        assert item["start"] == round(start / RATE, 3)
        assert item["end"] == round(end / RATE, 3)
        assert 0 < start < end < SAMPLES
    assert sounds[3]["start"] is None
    assert torch.equal(sounds[5]["sound"], sounds[5]["sound"])


def test_the_board_has_bands_that_the_detector_hears_as_one_sound(sounds: Spoken) -> None:
    board: Board = DEMOS["speech"].load()
    assert board.warnings == ()
    example = board.example(44)
    (bands,) = board.tensors([example])
    with torch.no_grad():
        heard = board.models["model"](bands)
        torch.testing.assert_close(
            heard, trained()(sounds[44]["sound"][None]), atol=1e-2, rtol=1e-2
        )
