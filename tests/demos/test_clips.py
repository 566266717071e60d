"""The demo `clips`: where and when the digit is there is known, and the network was never told.

A patch of 8 x 8 pixels is blackened through four frames, at every second frame and every patch;
where that costs the digit's score most is the occlusion's peak. What the untrained network also
passes proves nothing, so the measure runs on that one too and must fail there.
"""

from __future__ import annotations

import pytest
import torch

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.clips.data import COUNT, DIGIT, FRAMES, SIDE, Clips
from attriboard.demos.clips.model import WEIGHTS, ClipsNet, trained, untrained
from attriboard.demos.clips.train import SEED, correct, train

EXAMPLES = 100
FEWER = 30  # of them for each untrained network
BOUND = 0.8
OPENING = 6


@pytest.fixture(scope="module")
def data() -> Clips:
    return Clips("test")


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["clips"].load()


def test_a_digit_is_there_in_its_window_and_box_alone(data: Clips) -> None:
    assert len(data) == COUNT
    for index in (0, 17, 299):
        item = data[index]
        clip, (start, end) = item["clip"], (item["start"], item["end"])
        assert tuple(clip.shape) == (FRAMES, SIDE, SIDE)
        assert 4 <= end - start <= 7
        assert item["right"] - item["left"] >= DIGIT
        assert 0 <= item["top"] < item["bottom"] <= SIDE
        lit = (clip > 0).flatten(1).sum(1)
        away = [frame for frame in range(FRAMES) if not start <= frame < end]
        assert lit[away].unique().numel() == 1  # the shape alone, always as large
        assert lit[start:end].min() > lit[away[0]]
        assert int(data.inside(index).sum()) == (end - start) * (item["right"] - item["left"]) * (
            item["bottom"] - item["top"]
        )


def test_the_same_seed_draws_the_same_clips(data: Clips) -> None:
    again, other = Clips("test", 5), Clips("test", 5, seed=1)
    assert torch.equal(again.drawn.clips, Clips("test", 5).drawn.clips)
    assert not torch.equal(again.drawn.clips, other.drawn.clips)


def test_accuracy_on_digits_never_seen(data: Clips) -> None:
    right = correct(trained(), data)
    assert right.float().mean() >= 0.85
    assert (~right).sum() >= 15  # mistakes are what the dashboard is for
    assert correct(untrained(SEED), data).float().mean() < 0.2


def occlusion(model: ClipsNet, clips: torch.Tensor, targets: list[int]) -> torch.Tensor:
    """What each pixel of each frame is worth, (N, 16, 40, 40)."""
    method = engine.Occlusion(sliding_window_shapes=((1, 4, 8, 8),), strides=((1, 2, 8, 8),))
    return engine.attribute(model, clips, method, targets, baselines=0.0).attributions[0][:, 0]


def pointing(model: ClipsNet, data: Clips, count: int) -> float:
    """How often the occlusion's peak lies inside the window and the box."""
    labels = data.drawn.labels[:count].tolist()
    peaks = occlusion(model, data.drawn.clips[:count], labels).flatten(1).argmax(1)
    known = torch.stack([data.inside(index).flatten() for index in range(count)])
    return known[torch.arange(count), peaks].float().mean().item()


def test_the_peak_of_occlusion_lies_on_the_digit(data: Clips) -> None:
    chance = torch.stack([data.inside(index) for index in range(EXAMPLES)]).float().mean()
    known = pointing(trained(), data, EXAMPLES)
    beginners = [pointing(untrained(seed), data, FEWER) for seed in (SEED, SEED + 1)]
    listed = ", ".join(f"{each:.3f}" for each in beginners)
    print(f"\nOcclusion peaks: trained {known:.3f}, untrained {listed}, chance {chance:.3f}")
    assert known >= BOUND
    assert max(beginners) < BOUND


def test_what_the_page_opens_with_is_true(board: Board, data: Clips) -> None:
    """In clip 6 a square closes a 4 at its top from frame 10 on, and the network says 0."""
    assert f"example={OPENING}&" in board.opening
    assert data[OPENING]["label"] == 4
    clip, model = data.drawn.clips[OPENING : OPENING + 1], trained()
    assert engine.predict(model, clip)[0].softmax(0)[0] > 0.9
    found = occlusion(model, clip, [0])[0].clamp_min(0).sum((1, 2))
    assert found[10:14].mean() > found[7:10].mean()
    assert int(found.argmax()) >= 10
    alone = torch.zeros_like(clip)
    digit = clip[0, 0, 7].clone()
    digit[:, 22:] = 0  # in its first frame the square stands beside it
    alone[0, 0, 7:14] = digit
    assert int(engine.predict(model, alone)[0].argmax()) == 4


def test_the_board_gives_the_network_what_it_was_trained_on(board: Board, data: Clips) -> None:
    assert (len(board), board.warnings) == (COUNT, ())
    (clips,) = board.tensors([board.example(index) for index in (0, 9)])
    torch.testing.assert_close(clips, data.drawn.clips[[0, 9]], atol=0.5 / 255, rtol=0)
    assert board.inputs[0].default_baseline == "black"


def test_the_same_seed_trains_the_same_network() -> None:
    first, again, other = (train(2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["scores.weight"], other["scores.weight"])


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 300_000
