"""The demo's board: patients the network never saw."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.patients.data import CLASSES, LENGTH, PAD, SMOKES, VOCABULARY, Patients
from attriboard.demos.patients.model import trained
from attriboard.inputs import Column, Image, Tabular, Text
from attriboard.outputs import Classes

ABOUT = (
    "Made-up patients: ill is who has two of three signs, a spot in the scan, a cough in the note, "
    "a fever in the numbers. This one has spot and fever, and a note that denies the cough. See at "
    "the right how scan and numbers share the answer, and how the note has next to nothing."
)

COLUMNS = (
    Column("age", "years", mean=54, std=21),
    Column("temperature", "°C", mean=38, std=1.3),
    Column("pulse", "a minute", mean=75, std=12),
    Column("smokes", categories=SMOKES),
)


def load() -> Board:
    """The board, ready to serve."""
    return Board(
        trained(),
        Patients(),
        inputs=[
            Image("scan"),
            Text("note", str.split, vocabulary=VOCABULARY, pad=PAD, length=LENGTH),
            Tabular("numbers", COLUMNS),
        ],
        output=Classes(CLASSES),
        name="Patients",
        about=ABOUT,
        opening="view=explain&example=4&measure=shapley",
    )
