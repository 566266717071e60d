"""Training: the seed decides everything, and what is painted over is the background alone."""

from __future__ import annotations

import torch

from attriboard.demos.vqa.data import Tensors
from attriboard.demos.vqa.train import FADED, FAINT, PALE, Augmentation, train


def test_the_same_seed_trains_the_same_network(split: Tensors) -> None:
    few = split.first(40)
    first, second, other = (train(few, steps=4, seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["head.2.weight"], other["head.2.weight"])


def test_the_network_keeps_the_mean_colour_it_was_trained_with(split: Tensors) -> None:
    few = split.first(20)
    model = train(few, steps=1, seed=0)
    torch.testing.assert_close(model.colour, few.photos.mean((0, 2, 3)))
    assert not model.training


def test_repainting_leaves_the_object_alone() -> None:
    photo = torch.zeros(3, 64, 64) + 0.95
    photo[:, 20:30, 20:44] = torch.tensor([0.0, 0.5, 0.5])[:, None, None]
    photo[:, 5, 5] = 0.0
    augment = Augmentation(torch.full((3,), 0.9), torch.Generator().manual_seed(3))
    seen = augment.shifted(augment.mirrored(augment.repainted(photo.expand(50, 3, 64, 64))))
    # Mirrors and shifts move the object but neither cut nor colour it.
    dark = (seen < PALE).any(1).sum((1, 2))
    assert (dark == 10 * 24 + 1).all()
    assert len({tuple(row) for row in seen[:, :, -1, -1].tolist()}) > 25


def test_fading_leaves_little_of_some_pictures() -> None:
    augment = Augmentation(torch.full((3,), 0.9), torch.Generator().manual_seed(3))
    contrast = (0.9 - augment.faded(torch.zeros(400, 3, 8, 8))).flatten(1) / 0.9
    assert torch.equal(contrast.amin(1), contrast.amax(1))
    kept = contrast[:, 0] > 1 - 1e-6
    assert (contrast[~kept, 0] <= FAINT + 1e-6).all()
    assert 0.5 * FADED < (~kept).float().mean() < 2 * FADED
