"""Small random models of `transformers`, each made a board by one call and explained."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from PIL import Image as Pillow
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import attriboard as ab
from attriboard import engine
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.request import AttributionRequest
from tests.jobs.conftest import Open, arrays, open_session, results

__all__ = ["open_session"]

WORDS = ["[PAD]", "[UNK]", "a", "bad", "good", "film", "red", "blue", "square"]
SMALL: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
SEEN: dict[str, Any] = {**SMALL, "image_size": 32, "patch_size": 8}
READ: dict[str, Any] = {**SMALL, "vocab_size": len(WORDS), "max_position_embeddings": 16}
TEXTS = ["a good film", "a bad film", "a red square", "a blue square"]


def tokenizer() -> Any:
    made = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]"
    )


def pixels() -> Any:
    return transformers.ViTImageProcessorPil(size={"height": 32, "width": 32})


def photos() -> list[Any]:
    return [Pillow.new("RGB", (40, 30), colour) for colour in ("red", "blue", "black", "white")]


class Both:
    """A processor of pictures and texts, as ViLT and CLIP have."""

    def __init__(self) -> None:
        self.tokenizer = tokenizer()
        self.image_processor = pixels()


def explained(board: ab.Board, baseline: dict[str, str] | None = None) -> tuple[torch.Tensor, ...]:
    """Integrated Gradients of the first example, which must add up."""
    example = board.example(0)
    regression = board.output.kind == "regression"
    found = engine.attribute(
        board.models["model"],
        board.tensors([example]),
        engine.IntegratedGradients(n_steps=400),
        None if regression else 0,
        baselines=board.baseline(baseline, example),
    )
    assert found.delta is not None
    assert found.delta.abs().max() < 1e-3
    assert all(values.abs().max() > 0 for values in found.attributions)
    attributions: tuple[torch.Tensor, ...] = found.attributions
    return attributions


def add_up(board: ab.Board, target: int | None) -> None:
    """What picture and text contribute is what there is to explain."""
    example = board.example(0)
    tensors, baseline = board.tensors([example]), board.baseline(None, example)
    model = board.models["model"]
    shares = engine.shapley(model, tensors, target, baselines=baseline)
    scores = [
        engine.predict(model, rows).reshape(1, -1)[:, target or 0] for rows in (tensors, baseline)
    ]
    torch.testing.assert_close(
        shares.values.sum(1).float(), scores[0] - scores[1], atol=1e-5, rtol=1e-4
    )


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_text_classification() -> None:
    config = transformers.BertConfig(**READ, id2label={0: "bad", 1: "good", 2: "none"})
    model = transformers.BertForSequenceClassification(config)
    data = [{"text": text, "sentiment": place % 2} for place, text in enumerate(TEXTS)]
    board = ab.from_transformers(model, tokenizer(), data, label="sentiment")
    assert board.output.names == ["bad", "good", "none"]
    assert board.warnings == ()
    assert explained(board)[0].shape == (1, 3)


def test_image_classification() -> None:
    config = transformers.ViTConfig(**SEEN, id2label={0: "cat", 1: "dog"})
    model = transformers.ViTForImageClassification(config)
    board = ab.from_transformers(model, pixels(), [(photo, 0) for photo in photos()])
    assert board.name == "ViTForImageClassification"
    assert explained(board)[0].shape == (1, 3, 32, 32)


def test_a_question_about_a_picture() -> None:
    config = transformers.ViltConfig(**{**SEEN, **READ}, id2label={0: "red", 1: "blue"})
    model = transformers.ViltForQuestionAnswering(config)
    data = [((photo, text), 0) for photo, text in zip(photos(), TEXTS, strict=True)]
    board = ab.from_transformers(model, Both(), data)
    assert [entry.name for entry in board.inputs] == ["image", "text"]
    explained(board)
    add_up(board, 0)


def test_how_well_picture_and_text_fit() -> None:
    config = transformers.CLIPConfig(
        text_config={**READ, "bos_token_id": 2, "eos_token_id": 5},
        vision_config=SEEN,
        projection_dim=8,
    )
    model = transformers.CLIPModel(config)
    data = [(photo, text) for photo, text in zip(photos(), TEXTS, strict=True)]
    board = ab.from_transformers(model, Both(), data)
    assert board.output.kind == "regression"
    assert board.warnings == ()  # a pair's similarity does not depend on the others
    # CLIP reads a text off at the place of its end token, which no path of embeddings can move.
    add_up(board, None)


def prompted() -> Any:
    """A processor whose tokenizer frames and fills texts as CLIP's does: padding is the end."""
    words = ["<start>", "<end>", *WORDS[2:]]
    made = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<end>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 0), ("<end>", 1)]
    )
    both = Both()
    both.tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<start>", eos_token="<end>", pad_token="<end>",
        unk_token="<end>",
    )  # fmt: skip
    return both


def clip() -> Any:
    config = transformers.CLIPConfig(
        text_config={**READ, "bos_token_id": 0, "eos_token_id": 1},
        vision_config=SEEN,
        projection_dim=8,
    )
    return transformers.CLIPModel(config)


PROMPTS = {"red": "a red square", "blue": "a good blue square", "film": "film"}


def test_a_picture_against_several_texts() -> None:
    model, processor = clip(), prompted()
    data = [{"image": photo, "label": "red"} for photo in photos()]
    board = ab.from_transformers(model, processor, data, texts=PROMPTS)
    assert board.output.names == ["red", "blue", "film"]
    assert [entry.name for entry in board.inputs] == ["image", "text"]
    assert board.warnings == ()
    assert board.example(1).label == 0
    view = board.inputs[1].view(board.example(1).raw["text"])
    assert view["text"] == "a red square\na good blue square\nfilm"
    shown = [token["text"] for token in view["tokens"] if not token["special"]]
    assert shown == view["text"].split()
    own = processor.tokenizer(list(PROMPTS.values()), padding=True, return_tensors="pt")
    pixels = processor.image_processor(images=photos(), return_tensors="pt")
    with torch.no_grad():
        expected = model.eval()(**own, **pixels).logits_per_image
        tensors = board.tensors([board.example(place) for place in range(4)])
        torch.testing.assert_close(board.models["model"](*tensors), expected)


def test_siglip_is_given_texts_of_its_length() -> None:
    config = transformers.SiglipConfig(
        text_config={**READ, "projection_size": 16}, vision_config=SEEN
    )
    model, processor = transformers.SiglipModel(config), prompted()
    board = ab.from_transformers(model, processor, photos(), texts=PROMPTS)
    texts = list(PROMPTS.values())
    own = processor.tokenizer(texts, padding="max_length", max_length=16, return_tensors="pt")
    pixels = processor.image_processor(images=photos(), return_tensors="pt")
    with torch.no_grad():
        expected = model.eval()(input_ids=own["input_ids"], **pixels).logits_per_image
        tensors = board.tensors([board.example(place) for place in range(4)])
        torch.testing.assert_close(board.models["model"](*tensors), expected)
    pair = ab.from_transformers(model, processor, list(zip(photos(), TEXTS, strict=True)))
    assert pair.tensors([pair.example(0)])[1].shape == (1, 16)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_each_score_is_of_the_picture_and_its_own_text(target: int) -> None:
    board = ab.from_transformers(clip(), prompted(), photos(), texts=PROMPTS)
    example = board.example(0)
    tensors, baseline = board.tensors([example]), board.baseline(None, example)
    groups = board.features({"image": "patches"}, example)
    assert groups is not None
    patches = engine.distinct(tuple(ids[None] for ids in groups))
    for method, features in (
        (engine.IntegratedGradients(n_steps=400), None),
        (engine.FeatureAblation(), patches),
    ):
        found = engine.attribute(
            board.models["model"], tensors, method, target, baselines=baseline, features=features
        )
        picture, words = found.attributions
        assert picture.abs().max() > 0
        owner = torch.tensor([0] * 5 + [1] * 6 + [2] * 3)
        assert words[0, owner != target].abs().max() == 0
        inside = (owner == target).nonzero().flatten()[1:-1]
        assert (words[0, inside] != 0).all()
        if found.delta is not None:
            assert found.delta.abs().max() < 1e-3  # the end token stays where it is
    add_up(board, target)


def test_the_dashboard_tells_what_picture_and_texts_contribute(open_session: Open) -> None:
    data = [{"image": photo, "label": "red"} for photo in photos()]
    board = ab.from_transformers(clip(), prompted(), data, texts=PROMPTS)
    session = open_session(board)
    job = session.start()
    assert job is not None
    assert job.wait(60)
    items = session.catalog.page(Query(limit=4)).items
    assert [item["label_name"] for item in items] == ["red"] * 4
    assert all(item["predicted_name"] in PROMPTS for item in items)
    assert all(item["texts"] == {} for item in items)  # those of the board are not searched
    asked = AttributionRequest(examples=(1,), method_id="FeatureAblation", target=2)
    (meta,) = results(session, asked)
    assert meta["target"]["name"] == "film"
    assert set(meta["contributions"]["net"]) == {"image", "text"}
    found = arrays(session, meta)
    assert found["image"].shape == (3, 32, 32)
    assert found["text"][-2] != 0
    assert not found["text"][:11].any()


def test_texts_that_cannot_be_classes_are_refused() -> None:
    both = prompted()
    for texts in (["a film"], "a film", ["a film", "a film"], {"a": 1, "b": 2}):
        with pytest.raises(InvalidInput, match="at least two different texts"):
            ab.from_transformers(clip(), both, photos(), texts=texts)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="models of the CLIP kind"):
        ab.from_transformers(clip(), both.tokenizer, TEXTS, texts=PROMPTS)
    board = ab.from_transformers(clip(), both, photos(), texts=["a film", "a square"])
    with pytest.raises(InvalidInput, match="its texts are those of the board"):
        board.inputs[1].parse("another")


def test_audio_classification_by_waveform() -> None:
    config = transformers.Wav2Vec2Config(
        **SMALL, id2label={0: "no", 1: "yes"}, conv_dim=(8, 8), conv_kernel=(10, 8),
        conv_stride=(10, 8), num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
        classifier_proj_size=8,
    )  # fmt: skip
    model = transformers.Wav2Vec2ForSequenceClassification(config)
    data = [(torch.randn(1600), place % 2) for place in range(4)]
    board = ab.from_transformers(model, transformers.Wav2Vec2FeatureExtractor(), data)
    assert [entry.name for entry in board.inputs] == ["audio"]
    # The model norms what it hears, so a path from silence has no gradient to follow at its start.
    assert explained(board, {"audio": "noise"})[0].shape == (1, 1600)


def test_audio_classification_by_spectrogram() -> None:
    config = transformers.ASTConfig(
        **SMALL, id2label={0: "no", 1: "yes"}, num_mel_bins=16, max_length=20, patch_size=4,
        frequency_stride=4, time_stride=4,
    )  # fmt: skip
    model = transformers.ASTForAudioClassification(config)
    prepared = transformers.ASTFeatureExtractor(num_mel_bins=16, max_length=20)
    data = [(torch.randn(4000), place % 2) for place in range(4)]
    board = ab.from_transformers(model, prepared, data)
    found = explained(board)[0]
    assert found.shape == (1, 16, 20)  # frequencies by times, as the page draws them
    wave = data[0][0].numpy()
    own = prepared(wave, sampling_rate=16_000, return_tensors="pt")
    tensors = board.tensors([board.example(0)])
    with torch.no_grad():
        expected = model.eval()(**own).logits
        torch.testing.assert_close(board.models["model"](*tensors), expected)


def test_several_labels_and_numbers() -> None:
    several = transformers.BertConfig(
        **READ, id2label={0: "rude", 1: "spam"}, problem_type="multi_label_classification"
    )
    data = [{"text": text, "label": [0, 1]} for text in TEXTS]
    model = transformers.BertForSequenceClassification(several)
    assert ab.from_transformers(model, tokenizer(), data).output.kind == "multilabel"
    one = transformers.BertConfig(**READ, id2label={0: "stars"})
    model = transformers.BertForSequenceClassification(one)
    board = ab.from_transformers(model, tokenizer(), [(text, 3.5) for text in TEXTS])
    assert (board.output.kind, board.output.names) == ("regression", ["stars"])


def test_what_cannot_be_told_is_said() -> None:
    config = transformers.BertConfig(**READ)
    with pytest.raises(InvalidInput, match="prepares neither pictures nor texts nor sounds"):
        ab.from_transformers(transformers.BertModel(config), object(), TEXTS)
    with pytest.raises(Exception, match="without logits"):
        ab.from_transformers(transformers.BertModel(config), tokenizer(), TEXTS)
    with pytest.raises(InvalidInput, match="names no labels"):
        ab.from_transformers(torch.nn.Linear(2, 2), tokenizer(), TEXTS)
