"""Text with real tokenizers of the packages `tokenizers` and `transformers`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast
from transformers.tokenization_utils_base import PreTrainedTokenizerBase

from attriboard import Text

ENTRIES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "what", "is", "play", "##ing", "?", "the"]
RAW = "What is playing?"
IDS = [2, 5, 6, 7, 8, 9, 3]


def word_piece() -> Tokenizer:
    """A WordPiece tokenizer as BERT has, over eleven entries."""
    vocabulary = {entry: index for index, entry in enumerate(ENTRIES)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def bert() -> PreTrainedTokenizerFast:
    """The same as a tokenizer of transformers."""
    return PreTrainedTokenizerFast(
        tokenizer_object=word_piece(),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def byte_level() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer as GPT-2 has: no padding, one token a byte, and one merge."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: index for index, letter in enumerate([*letters, "Ġi"])}
    vocabulary["<|endoftext|>"] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocabulary, [("Ġ", "i")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<|endoftext|>", eos_token="<|endoftext|>"
    )


@pytest.fixture(params=[word_piece, bert], ids=["tokenizers", "transformers"])
def text(request: pytest.FixtureRequest) -> Text:
    return Text("question", request.param())


def test_ids_and_roles_are_the_tokenizers_own(text: Text) -> None:
    assert text.tensor(RAW).tolist() == IDS
    assert (text.pad, text.unk, text.mask) == (0, 1, 4)


def test_tokens_lie_where_the_tokenizer_says(text: Text) -> None:
    tokens = text.view(RAW)["tokens"]
    assert [token["text"] for token in tokens] == [
        "[CLS]",
        "What",
        "is",
        "play",
        "ing",
        "?",
        "[SEP]",
    ]
    assert [token["start"] for token in tokens] == [None, 0, 5, 8, 12, 15, None]
    assert [token["special"] for token in tokens] == [True, *[False] * 5, True]


def test_subwords_join_to_words(text: Text) -> None:
    assert text.features(RAW, text.tensor(RAW), "words").tolist() == [0, 1, 2, 3, 3, 4, 5]
    assert text.features(RAW, text.tensor(RAW), "tokens").tolist() == list(range(7))


def test_special_tokens_stay_in_every_baseline(text: Text) -> None:
    tensor = text.tensor(RAW)
    for kind, index in (("pad", 0), ("unk", 1), ("mask", 4)):
        assert text.baseline(kind, RAW, tensor, [], 0).tolist() == [2, *[index] * 5, 3]


def test_unknown_words_are_no_special_tokens(text: Text) -> None:
    token = text.view("zebra")["tokens"][1]
    assert (token["text"], token["id"], token["special"]) == ("zebra", 1, False)


def test_ids_of_the_dataset_are_read_with_the_tokenizer(text: Text) -> None:
    view = text.view(IDS)
    assert view["text"] == "[CLS] what is playing ? [SEP]"
    assert [token["special"] for token in view["tokens"]] == [True, *[False] * 5, True]


def test_an_empty_text_has_its_special_tokens(text: Text) -> None:
    assert text.tensor("").tolist() == [2, 3]


def test_length_keeps_the_closing_token_of_transformers() -> None:
    assert Text("q", bert(), length=4).tensor(RAW).tolist() == [2, 5, 6, 3]
    assert Text("q", bert(), length=9).tensor(RAW).tolist() == [*IDS, 0, 0]


def test_a_tokenizer_without_padding_offers_what_it_has() -> None:
    text = Text("q", byte_level())
    assert text.pad is None
    assert [choice.id for choice in text.baseline_kinds()] == ["unk"]
    assert text.default_baseline == "unk"


def test_bytes_of_one_character_are_one_word() -> None:
    text = Text("q", byte_level())
    raw = "é is 🙂"
    tensor = text.tensor(raw)
    groups = text.features(raw, tensor, "words").tolist()
    assert len(tensor) == len(groups) > 5
    assert groups[:2] == [0, 0]
    assert groups[-4:] == [groups[-1]] * 4
    assert len(set(groups)) == 4  # the lone space before the last sign stands by itself


def test_a_slow_tokenizer_has_its_tokens_searched_in_the_text() -> None:
    class Slow(PreTrainedTokenizerBase):  # type: ignore[misc]
        """Words only, without offsets, as slow tokenizers are."""

        is_fast = False

        def __call__(self, text: str, **options: Any) -> dict[str, list[int]]:
            assert options["return_offsets_mapping"] is False
            found = [ENTRIES.index(word) for word in text.lower().split()]
            return {"input_ids": [2, *found], "special_tokens_mask": [1, *(0 for _ in found)]}

        def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
            return ENTRIES[ids] if isinstance(ids, int) else [ENTRIES[index] for index in ids]

    tokens = Text("q", Slow()).view("What is the")["tokens"]
    assert [(t["text"], t["start"]) for t in tokens] == [
        ("[CLS]", None),
        ("What", 0),
        ("is", 5),
        ("the", 8),
    ]


def test_tokenizers_serve_several_threads() -> None:
    text = Text("q", bert(), length=5)
    raws = [("what is " * (1 + n % 4)).strip() for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda raw: text.tensor(raw).tolist(), raws))
    assert found == [text.tensor(raw).tolist() for raw in raws]
