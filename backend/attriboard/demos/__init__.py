"""Boards that come with AttriBoard: real data, small trained models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from attriboard.board import Board


class Load(Protocol):
    """Makes a demo's board. `store` is the folder for what a demo has to fetch first."""

    def __call__(self, store: Path | None = None) -> Board: ...


@dataclass(frozen=True)
class Demo:
    """One demo: its name on the command line, what it shows, and how its board is made."""

    name: str
    title: str
    summary: str
    load: Load


def _vqa(store: Path | None = None) -> Board:
    from attriboard.demos.vqa.board import load

    return load()


def _housing(store: Path | None = None) -> Board:
    from attriboard.demos.housing.board import load

    return load()


def _motifs(store: Path | None = None) -> Board:
    from attriboard.demos.motifs.board import load

    return load()


def _speech(store: Path | None = None) -> Board:
    from attriboard.demos.speech.board import load

    return load()


def _clips(store: Path | None = None) -> Board:
    from attriboard.demos.clips.board import load

    return load()


def _tumours(store: Path | None = None) -> Board:
    from attriboard.demos.tumours.board import load

    return load()


def _digits(store: Path | None = None) -> Board:
    from attriboard.demos.digits.board import load

    return load()


def _patients(store: Path | None = None) -> Board:
    from attriboard.demos.patients.board import load

    return load()


def _reviews(store: Path | None = None) -> Board:
    from attriboard.demos.reviews.board import load

    return load(store)


def _transformer(store: Path | None = None) -> Board:
    from attriboard.demos.transformer.board import load

    return load(store)


def _photos(store: Path | None = None) -> Board:
    from attriboard.demos.photos.board import load

    return load()


DEMOS: dict[str, Demo] = {
    demo.name: demo
    for demo in (
        Demo(
            "vqa",
            "Visual question answering",
            "A small network answers questions about a picture of one coloured shape (easy-VQA).",
            _vqa,
        ),
        Demo(
            "digits",
            "Digit mosaics",
            "Four handwritten digits a picture: the network was told which, never where (MNIST).",
            _digits,
        ),
        Demo(
            "photos",
            "Photos",
            "EfficientNet-Lite0 names what is in a few photos, from the 1,000 classes of ImageNet.",
            _photos,
        ),
        Demo(
            "reviews",
            "Scored sentences",
            "Word convolutions say whether a sentence praises; people scored each (fetched once).",
            _reviews,
        ),
        Demo(
            "transformer",
            "Scored sentences, transformer",
            "A small encoder reads the same sentences: attention rollout beside what adds up.",
            _transformer,
        ),
        Demo(
            "housing",
            "Boston housing",
            "Four linear layers price houses by thirteen columns, one of which has no place there.",
            _housing,
        ),
        Demo(
            "motifs",
            "Motifs in graphs",
            "A graph network finds a house or a ring of five nodes in a tree (BA-Shapes).",
            _motifs,
        ),
        Demo(
            "speech",
            "Speech in noise",
            "A detector of speech (silero-vad) hears spoken characters beside bursts of noise.",
            _speech,
        ),
        Demo(
            "clips",
            "Moving digits",
            "A network names the digit that drifts by, told neither where nor when it is (MNIST).",
            _clips,
        ),
        Demo(
            "tumours",
            "Breast tumours",
            "A small network tells malignant from benign by thirty measurements of cells.",
            _tumours,
        ),
        Demo(
            "patients",
            "Patients",
            "A scan, a note and four columns, and an answer that needs all three by a known rule.",
            _patients,
        ),
    )
}
