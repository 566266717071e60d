"""Examples of one's own: stored, found again, and used wherever an index is."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from attriboard.engine.errors import InvalidInput
from attriboard.jobs.session import Session
from tests.jobs.boards import SIDE, SIZE, Questions, board
from tests.jobs.conftest import Open, ask, results


def painted(index: int) -> dict[str, str]:
    """Example `index`'s picture with its upper half black."""
    pixels = Questions()[index]["photo"].copy()
    pixels[: SIDE // 2] = 0
    return {"painted": encoded(pixels)}


def encoded(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_an_edit_is_an_example_beyond_the_datasets(session: Session):
    index = session.edits.add(3, {"question": "is it big"})
    assert index == SIZE
    example = session.board.example(index)
    assert example.raw["question"] == "is it big"
    assert example.label is None
    own, given = (session.board.tensors([session.board.example(i)])[0] for i in (3, index))
    assert torch.equal(own, given)
    (meta,) = results(session, ask(index))
    assert meta["example"] == index
    assert not torch.equal(session.predict("model", 3), session.predict("model", index))


def test_the_same_edit_is_the_one_there_is(session: Session):
    first = session.edits.add(3, {"question": "is it big"})
    assert session.edits.add(3, {"question": "is it big"}) == first
    assert session.edits.add(4, {"question": "is it big"}) == first + 1


def test_an_edit_of_an_edit_keeps_what_was_changed_before(session: Session):
    first = session.edits.add(3, {"photo": painted(3)})
    second = session.edits.add(first, {"question": "is it big"})
    assert session.edits.edit(second).origin == 3
    assert set(session.edits.edit(second).inputs) == {"photo", "question"}
    photos = [session.board.tensors([session.board.example(i)])[0] for i in (first, second)]
    assert torch.equal(*photos)
    dropped = session.edits.add(3, {"photo": {"file": painted(5)["painted"]}})
    over = session.edits.add(dropped, {"photo": painted(5)})
    assert session.edits.edit(over).inputs["photo"]["over"] == {"file": painted(5)["painted"]}


def test_edits_survive_a_restart_and_keep_their_numbers(open_session: Open, tmp_path: Path):
    before = open_session(board(), tmp_path)
    kept = before.edits.add(3, {"photo": painted(3), "question": "is it big"})
    gone = before.edits.add(3, {"question": "what shape is it"})
    fingerprint = before.board.example_fingerprint(before.board.example(kept))
    before.edits.remove(gone)
    before.close()
    after = open_session(board(), tmp_path)
    assert [head.index for head in after.edits.heads()] == [kept]
    assert after.board.example_fingerprint(after.board.example(kept)) == fingerprint
    with pytest.raises(InvalidInput, match="removed"):
        after.board.example(gone)
    assert after.edits.add(3, {"question": "what shape is it"}) == gone + 1


def test_a_damaged_file_is_left_out_and_the_others_stay(open_session: Open, tmp_path: Path):
    before = open_session(board(), tmp_path)
    first, second = (before.edits.add(i, {"question": "is it big"}) for i in (1, 2))
    before.close()
    (file,) = (tmp_path / "edits").glob("*/00000000.json")
    file.write_text("{")
    after = open_session(board(), tmp_path)
    assert [head.index for head in after.edits.heads()] == [second]
    with pytest.raises(InvalidInput, match="Make it again"):
        after.board.example(first)


def test_an_edit_serves_as_a_baseline_keyed_by_its_content(session: Session):
    picture = {"photo": {"file": painted(7)["painted"]}}
    index = session.edits.add(3, picture, "baseline")
    (meta,) = results(session, ask(3, "InputXGradient", baseline={"photo": {"example": index}}))
    assert meta["baseline"]["photo"] == {"example": index}
    assert session.edits.heads()[0].role == "baseline"


def test_an_example_from_nothing_needs_every_input(session: Session):
    with pytest.raises(InvalidInput, match="photo is missing") as caught:
        session.edits.add(None, {"question": "is it big"})
    assert caught.value.field == "inputs.photo"
    everything = {"photo": {"file": painted(1)["painted"]}, "question": "is it big"}
    assert session.edits.edit(session.edits.add(None, everything)).origin is None


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"photo": {"file": "../../etc/passwd"}}, "inputs.photo"),
        ({"photo": {"file": base64.b64encode(b"\x80\x04.").decode()}}, "inputs.photo"),
        ({"photo": {"painted": encoded(np.zeros((3, 3, 3), np.uint8))}}, "inputs.photo"),
        ({"photo": "text"}, "inputs.photo"),
        ({"question": "a word nobody taught it"}, "inputs.question"),
        ({"question": 7}, "inputs.question"),
        ({"question": "\ud800"}, "inputs.question"),
        ({"sound": "x"}, "inputs.sound"),
        ({}, "inputs"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_stored(session: Session, inputs, field):
    with pytest.raises(InvalidInput) as caught:
        session.edits.add(3, inputs)
    assert caught.value.field in (field, field.removeprefix("inputs."))
    assert session.edits.heads() == []
    assert list(session.store.path.glob("edits/*/*")) == []


def test_what_is_stored_is_plain_json(session: Session):
    session.edits.add(3, {"question": "is it big"})
    (file,) = session.store.path.glob("edits/*/*.json")
    assert json.loads(file.read_text())["inputs"] == {"question": "is it big"}
