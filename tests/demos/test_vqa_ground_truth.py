"""Attributions of the demo against what is known: an answer can only come from the one object.

Everything is measured on 200 questions that the trained network answers correctly, towards the
right answer, and again on the network training started from: what that one passes proves nothing.

The peak of an occlusion map is such a thing. The object is all there is to change in a picture, so
even untrained networks put it on a window that touches the object in 0.98 to 1.00 of the examples
(five seeds). So a map counts as pointing at the object only where, beside its peak, more than half
of its absolute mass lies on windows that touch it, which are about a quarter of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from attriboard import engine
from attriboard.demos.vqa.data import Tensors
from attriboard.demos.vqa.model import VqaNet
from attriboard.demos.vqa.train import correct
from attriboard.demos.vqa.words import PAD, VOCABULARY

EXAMPLES = 200
WINDOW = 8


@dataclass(frozen=True)
class Chosen:
    """N questions that the trained network answers correctly."""

    photos: Tensor  # (N, 3, 64, 64)
    questions: Tensor  # (N, L)
    answers: Tensor  # (N,)
    objects: Tensor  # (N, 64, 64), True on the object
    baselines: tuple[Tensor, Tensor]

    def map(self, model: VqaNet, method: engine.Method) -> Tensor:
        """The photo's attribution to the right answer, (N, 3, H, W)."""
        result: engine.Result = engine.attribute(
            model,
            (self.photos, self.questions),
            method,
            target=self.answers,
            baselines=self.baselines,
        )
        return result.attributions[0]


@pytest.fixture(scope="module")
def chosen(split: Tensors, network: VqaNet) -> Chosen:
    right = correct(network, split).nonzero()[:, 0]
    order = torch.randperm(len(right), generator=torch.Generator().manual_seed(0))
    rows = right[order[:EXAMPLES]]
    photos = split.photos[split.pictures[rows]]
    pad = torch.full((1, split.questions.shape[1]), VOCABULARY.index(PAD))
    baselines = (network.colour[None, :, None, None], pad)
    return Chosen(photos, split.questions[rows], split.labels[rows], _objects(photos), baselines)


def _objects(photos: Tensor) -> Tensor:
    """Pixels that differ from the picture's own background, its most frequent colour."""
    background = photos.flatten(2).mode(2).values[:, :, None, None]
    return (photos != background).any(1)


def _grown(area: Tensor, pixels: int) -> Tensor:
    side = 2 * pixels + 1
    return functional.max_pool2d(area.float()[:, None], side, 1, pixels)[:, 0] > 0


def _share(attribution: Tensor, area: Tensor) -> Tensor:
    """The part of each map's mass that lies in the area, (N,)."""
    return (attribution * area).sum((1, 2)) / attribution.sum((1, 2))


def _on_the_object(model: VqaNet, chosen: Chosen) -> float:
    """The photo's absolute mass within 2 pixels of the object, by Integrated Gradients."""
    values = chosen.map(model, engine.IntegratedGradients(n_steps=32)).abs().sum(1)
    return _share(values, _grown(chosen.objects, 2)).mean().item()


def _pointing(model: VqaNet, chosen: Chosen) -> tuple[float, float]:
    """How many occlusion maps peak on the object, and how many point at it."""
    method = engine.Occlusion(
        sliding_window_shapes=((3, WINDOW, WINDOW), (1,)), strides=((3, WINDOW, WINDOW), (1,))
    )
    values = chosen.map(model, method).sum(1).abs()
    touched = _grown(chosen.objects, WINDOW - 1)
    peaks = touched.flatten(1).gather(1, values.flatten(1).argmax(1, keepdim=True))[:, 0]
    pointing = peaks & (_share(values, touched) > 0.5)
    return peaks.float().mean().item(), pointing.float().mean().item()


def test_objects_fill_a_tenth_of_the_pictures(chosen: Chosen) -> None:
    assert 0.08 < chosen.objects.float().mean() < 0.12
    assert chosen.objects.flatten(1).any(1).all()


def test_integrated_gradients_lie_on_the_object(
    network: VqaNet, beginner: VqaNet, chosen: Chosen
) -> None:
    share, untrained = _on_the_object(network, chosen), _on_the_object(beginner, chosen)
    print(f"\nIG within 2 pixels of the object: trained {share:.3f}, untrained {untrained:.3f}")
    assert share >= 0.75
    assert share - untrained >= 0.25


def test_occlusion_points_at_the_object(network: VqaNet, beginner: VqaNet, chosen: Chosen) -> None:
    peaks, pointing = _pointing(network, chosen)
    untrained_peaks, untrained_pointing = _pointing(beginner, chosen)
    print(f"\nOcclusion, peak: trained {peaks:.3f}, untrained {untrained_peaks:.3f}")
    print(f"Occlusion, points: trained {pointing:.3f}, untrained {untrained_pointing:.3f}")
    assert peaks >= 0.95
    assert pointing >= 0.95
    assert untrained_pointing < 0.75
