"""Text: ids, tokens, words and baselines for tokenizers that are plain functions, and for ids."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from attriboard import Text
from attriboard.engine.errors import InvalidInput

WORDS = ["<pad>", "<unk>", "what", "color", "is", "the", "square", "?", "play", "##ing", "don't"]


def encode(text: str) -> list[int]:
    """Words and marks as ids; unknown ones are 1."""
    parts = re.findall(r"[\w']+|\?", text.lower())
    return [WORDS.index(part) if part in WORDS else 1 for part in parts]


def spans(text: Text, raw: Any) -> list[tuple[str, int | None, int | None]]:
    """What the browser is told of each token."""
    return [(token["text"], token["start"], token["end"]) for token in text.view(raw)["tokens"]]


@pytest.mark.parametrize(
    "result",
    [
        [2, 4, 5],
        (2, 4, 5),
        np.array([2, 4, 5]),
        torch.tensor([2, 4, 5], dtype=torch.int32),
        torch.tensor([[2, 4, 5]]),
        {"input_ids": [2, 4, 5], "attention_mask": [1, 1, 1]},
    ],
    ids=["list", "tuple", "array", "tensor", "batch of one", "dict"],
)
def test_tokenizers_may_return_ids_in_any_form(result: Any) -> None:
    tensor = Text("q", lambda _: result).tensor("what is the")
    assert torch.equal(tensor, torch.tensor([2, 4, 5]))


def test_an_object_with_encode_will_do() -> None:
    class Pieces:
        def encode(self, text: str) -> list[int]:
            return encode(text)

        def decode(self, ids: list[int]) -> str:
            return " ".join(WORDS[index] for index in ids)

    text = Text("q", Pieces())
    assert text.tensor("the square?").tolist() == [5, 6, 7]
    assert spans(text, [5, 6, 7]) == [("the", 0, 3), ("square", 4, 10), ("?", 11, 12)]


def test_tokens_are_found_in_the_text_without_a_vocabulary() -> None:
    text = Text("q", encode)
    assert spans(text, "What  is the SQUARE?") == [
        ("What", 0, 4),
        ("is", 6, 8),
        ("the", 9, 12),
        ("SQUARE", 13, 19),
        ("?", 19, 20),
    ]


def test_characters_can_be_tokens() -> None:
    text = Text("q", lambda raw: [ord(character) for character in raw])
    assert spans(text, "ab c") == [("a", 0, 1), ("b", 1, 2), (" ", 2, 3), ("c", 3, 4)]


def test_unknown_words_take_the_words_between_their_neighbours() -> None:
    text = Text("q", encode, vocabulary=WORDS)
    assert spans(text, "Is the purple elephant square?") == [
        ("Is", 0, 2),
        ("the", 3, 6),
        ("purple", 7, 13),
        ("elephant", 14, 22),
        ("square", 23, 29),
        ("?", 29, 30),
    ]


def test_tokens_that_cannot_be_placed_show_their_entry_or_id() -> None:
    tokens = Text("q", lambda _: [2, 99]).view("one two three four")["tokens"]
    assert [(t["text"], t["start"]) for t in tokens] == [("2", None), ("99", None)]


def test_offsets_count_utf16_units_as_browsers_do() -> None:
    view = Text("q", lambda raw: list(range(len(raw.split())))).view("a 🙂 b")
    assert [(t["start"], t["end"]) for t in view["tokens"]] == [(0, 1), (2, 4), (5, 6)]


@pytest.mark.parametrize(
    "vocabulary",
    [WORDS, {word: index for index, word in enumerate(WORDS)}, dict(enumerate(WORDS))],
    ids=["list", "word to id", "id to word"],
)
def test_ids_of_the_dataset_are_read_with_the_vocabulary(vocabulary: Any) -> None:
    text = Text("q", vocabulary=vocabulary)
    for raw in ([5, 8, 9, 7], np.array([5, 8, 9, 7]), torch.tensor([5, 8, 9, 7])):
        assert text.view(raw)["text"] == "the playing ?"
        assert text.tensor(raw).tolist() == [5, 8, 9, 7]
        assert text.features(raw, text.tensor(raw), "words").tolist() == [0, 1, 1, 2]
        assert text.search_text(raw) == "the playing ?"
    assert (text.pad, text.unk, text.mask) == (0, 1, None)


def test_ids_are_read_with_decode() -> None:
    text = Text("q", decode=lambda ids: " ".join(WORDS[i] for i in ids))
    assert text.view([5, 6])["text"] == "the square"


def test_ids_without_a_vocabulary_show_as_numbers() -> None:
    assert Text("q").view([5, 61])["text"] == "5 61"


def test_marks_of_subword_tokenizers_are_read_as_spaces() -> None:
    assert Text("q", vocabulary=["▁the", "▁play", "ing"]).view([0, 1, 2])["text"] == "the playing"
    assert Text("q", vocabulary=["the</w>", "play", "ing</w>"]).view([0, 1, 2])["text"] == (
        "the playing"
    )


def test_words_are_looked_up_in_the_vocabulary() -> None:
    text = Text("q", str.split, vocabulary=WORDS)
    assert text.tensor("what is that").tolist() == [2, 4, 1]
    assert spans(text, "what is that")[2] == ("that", 8, 12)


def test_a_word_outside_the_vocabulary_needs_unk() -> None:
    with pytest.raises(InvalidInput, match="'that', but vocabulary= lacks it and unk= is not"):
        Text("q", str.split, vocabulary=["what", "is"]).tensor("what is that")


def test_length_pads_and_truncates() -> None:
    text = Text("q", encode, pad=7, length=4)
    assert text.tensor("what is").tolist() == [2, 4, 7, 7]
    assert text.tensor("what is the square?").tolist() == [2, 4, 5, 6]
    flags = [token["special"] for token in text.view("what is")["tokens"]]
    assert flags == [False, False, True, True]


def test_texts_keep_their_length_without_it() -> None:
    assert Text("q", encode).tensor("what is").shape == (2,)


@pytest.mark.parametrize("raw", ["", "   ", []])
def test_a_text_without_tokens_is_one_padding_token(raw: Any) -> None:
    text = Text("q", encode, pad=0)
    assert text.tensor(raw).tolist() == [0]
    assert text.view(raw)["tokens"][0]["special"] is True
    assert text.features(raw, text.tensor(raw), "words").tolist() == [0]


def test_one_word_is_one_token() -> None:
    text = Text("q", encode)
    assert text.features("square", text.tensor("square"), "words").tolist() == [0]


def test_padding_of_the_tokenizer_itself_is_marked() -> None:
    text = Text("q", lambda raw: (encode(raw) + [0] * 6)[:6], vocabulary=WORDS)
    tokens = text.view("what is")["tokens"]
    assert [token["special"] for token in tokens] == [False, False, True, True, True, True]
    assert tokens[1]["start"] == 5


def test_words_join_by_apostrophe_and_part_at_marks() -> None:
    text = Text("q", lambda raw: list(range(len(re.findall(r"\w+|[^\w\s]", raw)))))
    raw = "don't stop, now"
    assert text.features(raw, text.tensor(raw), "words").tolist() == [0, 0, 0, 1, 2, 3]


def test_scripts_without_spaces_are_split_by_sign() -> None:
    text = Text("q", lambda raw: list(range(len(raw))))
    assert text.features("猫がtwo", text.tensor("猫がtwo"), "words").tolist() == [0, 1, 2, 2, 2]


def test_baselines_are_those_that_are_possible() -> None:
    plain = Text("q", encode)
    assert [choice.id for choice in plain.baseline_kinds()] == ["pad"]
    known = Text("q", encode, vocabulary=[*WORDS, "[MASK]"])
    assert [choice.id for choice in known.baseline_kinds()] == ["pad", "unk", "mask"]
    assert known.default_baseline == "mask"
    tensor = known.tensor("what is")
    assert known.baseline("unk", "what is", tensor, [], 0).tolist() == [1, 1]
    assert known.baseline("mask", "what is", tensor, [], 0).tolist() == [11, 11]
    with pytest.raises(InvalidInput, match="no baseline 'mask'"):
        plain.baseline("mask", "what is", tensor, [], 0)


def test_special_tokens_stay_in_a_baseline() -> None:
    words = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "cat"]
    text = Text("q", lambda raw: [1, *(4 for _ in raw.split()), 2], vocabulary=words)
    tensor = text.tensor("cat cat")
    assert text.baseline("pad", "cat cat", tensor, [], 0).tolist() == [1, 0, 0, 2]
    assert text.baseline("unk", "cat cat", tensor, [], 0).tolist() == [1, 3, 3, 2]


def test_roles_may_be_given_as_words() -> None:
    assert Text("q", encode, vocabulary=WORDS, mask="?").mask == 7
    with pytest.raises(InvalidInput, match=r"unk='\[X\]' is not in the vocabulary"):
        Text("q", encode, vocabulary=WORDS, unk="[X]")


def test_another_text_is_padded_or_cut_to_fit() -> None:
    text = Text("q", encode, pad=7)
    assert text.matched(torch.tensor([1, 2]), torch.zeros(4).long()).tolist() == [1, 2, 7, 7]
    assert text.matched(torch.tensor([1, 2, 3]), torch.zeros(2).long()).tolist() == [1, 2]


def test_a_text_file_is_read_as_utf8(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("what is naïve?\n", encoding="utf-8")
    text = Text("q", encode)
    assert text.from_file(file) == "what is naïve?"
    assert text.from_file(file.read_bytes()) == "what is naïve?"
    with pytest.raises(InvalidInput, match="UTF-8"):
        text.from_file(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="needs tokenizer="):
        Text("q").from_file(file)


@pytest.mark.parametrize(
    ("text", "raw", "sentence"),
    [
        (Text("q"), "what", "tokenizer= is needed"),
        (Text("q", lambda raw: 5), "what", "returned 5, not a list of ids"),
        (Text("q", lambda raw: [1.5]), "what", "not a list of ids"),
        (Text("q", lambda raw: [-1]), "what", "not a list of ids"),
        (Text("q", lambda raw: {}["x"]), "what", "the tokenizer failed on 'what': KeyError"),
        (Text("q", encode), ["what"], "yields lists of words"),
        (Text("q", encode), torch.rand(3, 4), "not a list of ids"),
        (Text("q", str.split), "what is", "there is no vocabulary="),
    ],
)
def test_what_is_no_text_is_refused(text: Text, raw: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        text.tensor(raw)
    assert caught.value.field == "q"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"tokenizer": 3}, "neither be called"),
        ({"vocabulary": [1, 2]}, "must be a list of words"),
        ({"length": 0}, "at least 1"),
        ({"pad": -1}, "an id from 0"),
    ],
)
def test_wrong_options_are_refused_at_once(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        Text("q", **options)


def test_attributions_are_one_number_a_token() -> None:
    text = Text("q", encode)
    assert text.summed(torch.ones(4)).tolist() == [1, 1, 1, 1]
    assert text.summed(torch.ones(4, 3)).tolist() == [3, 3, 3, 3]
    assert text.window(torch.zeros(5)) == ((1,), (1,))


def test_the_default_baseline_comes_with_its_reason() -> None:
    entries = ["<pad>", "<unk>", "<mask>", "good"]
    masked = Text("text", str.split, vocabulary=entries)
    assert masked.default_baseline == "mask"
    assert "mask token" in masked.baseline_reason
    plain = Text("text", str.split, vocabulary=["<pad>", "<unk>", "good"])
    assert plain.default_baseline == "pad"
    assert "no word" in plain.baseline_reason
    asked = Text("text", str.split, vocabulary=entries, baseline="unk")
    assert asked.default_baseline == "unk"
    assert asked.baseline_reason == "the board asks for it."
    with pytest.raises(InvalidInput, match="no baseline 'mask'; choose one of pad, unk"):
        Text("text", str.split, vocabulary=["<pad>", "<unk>", "good"], baseline="mask")


def test_every_baseline_says_what_it_does() -> None:
    for choice in Text("text", str.split, vocabulary=["<pad>", "<unk>", "<mask>"]).baseline_kinds():
        assert len(choice.help.split()) >= 8


def test_sentences_are_features() -> None:
    words = "<pad> It was good . Was it Mr Smith said no !".split()
    raw = "It was good. Was it? no! Mr. said"
    text = Text(
        "text", lambda raw: re.findall(r"\w+|[.!?]", raw), vocabulary=[*words, "?", "<unk>"]
    )
    groups = text.features(raw, text.tensor(raw), "sentences").tolist()
    assert groups == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4]
    assert text.features("no", text.tensor("no"), "sentences").tolist() == [0]
    padded = Text("text", str.split, vocabulary=words, length=4)
    raw = "It was"
    assert padded.features(raw, padded.tensor(raw), "sentences").tolist() == [0, 0, 1, 2]
    assert padded.features("", padded.tensor(""), "sentences").tolist() == [0, 1, 2, 3]
