"""Captum Insights' code opens in AttriBoard: its tutorials' shapes, with one import changed."""

from __future__ import annotations

import inspect
import io
import re
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from attriboard.captum import (
    AttributionVisualizer,
    Batch,
    EmptyFeature,
    GeneralFeature,
    ImageFeature,
    TextFeature,
)
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session

CLASSES = ["plane", "car", "bird"]
MEAN, STD = 0.5, 0.25
WORDS = ["<pad>", "what", "is", "the", "colour", "of", "it"]


class Cnn(nn.Module):
    """Pictures (N, 3, 8, 8) to three scores."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.seen = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Flatten())
        self.head = nn.Linear(4 * 36, 3)

    def forward(self, x):
        return self.head(self.seen(x))


class Vqa(nn.Module):
    """A picture, the vectors of a question's words and its length to three scores."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.cnn = Cnn()
        self.embedding = nn.Embedding(len(WORDS), 4, padding_idx=0)
        self.read = nn.Linear(4, 3)
        self.lengths: set[torch.dtype] = set()

    def forward(self, photo, question, length):
        assert length.dtype == torch.int64
        words = question if question.is_floating_point() else self.embedding(question)
        return self.cnn(photo) * self.read(words.sum(1) / length[:, None]) + self.cnn(photo)


class Fused(nn.Module):
    """A picture, named numbers and an argument nobody looks at."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.cnn = Cnn()
        self.row, self.other = nn.Linear(4, 3), nn.Linear(2, 3)

    def forward(self, photo, row, other):
        return self.cnn(photo) + self.row(row).tanh() * self.other(other)


def normalise(x):
    return (x - MEAN) / STD


def photos(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(count, 3, 8, 8, generator=generator)


def images() -> TensorDataset:
    return TensorDataset(photos(6), torch.tensor([0, 1, 2, 0, 1, 2]))


def cifar() -> AttributionVisualizer:
    """As in the tutorial: an endless generator over a data loader, and a softmax."""

    def formatted_data_iter():
        loader = iter(DataLoader(images(), batch_size=4, shuffle=False))
        while True:
            given, labels = next(loader)
            yield Batch(inputs=given, labels=labels)

    def baseline_func(given):
        return given * 0

    return AttributionVisualizer(
        models=[Cnn()],
        score_func=lambda o: nn.functional.softmax(o, 1),
        classes=CLASSES,
        features=[
            ImageFeature(
                "Photo",
                baseline_transforms=[baseline_func],
                input_transforms=[normalise],
            )
        ],
        dataset=formatted_data_iter(),
    )


def vqa() -> AttributionVisualizer:
    """As in the tutorial: ids made vectors by a transform, words by another, and a length."""
    model = Vqa()

    def encode(text):
        ids = [WORDS.index(word) for word in text.split()]
        return torch.tensor([ids + [0] * (6 - len(ids))]), torch.tensor([len(ids)])

    def vqa_dataset(image, questions, targets):
        for question, target in zip(questions, targets, strict=True):
            q, q_len = encode(question)
            yield Batch(inputs=(image, q), labels=(CLASSES.index(target),), additional_args=q_len)

    def itos(given):
        return [WORDS[int(i)] for i in given.squeeze(0)]

    def input_text(x):
        return model.embedding(x)

    def baseline_text(x):
        return model.embedding(torch.zeros(x.size(0), dtype=torch.int64))

    questions = ["what is the colour of it", "what is it", "is the colour it"]
    return AttributionVisualizer(
        models=[model],
        score_func=lambda o: torch.softmax(o, 1),
        features=[
            ImageFeature(
                "Picture", input_transforms=[normalise], baseline_transforms=[lambda x: x * 0]
            ),
            TextFeature(
                "Question",
                input_transforms=[input_text],
                baseline_transforms=[baseline_text],
                visualization_transform=itos,
            ),
        ],
        dataset=vqa_dataset(photos(1), questions, ["plane", "car", "bird"]),
        classes=CLASSES,
    )


def multimodal() -> AttributionVisualizer:
    """The example of the package: a picture, general features, and one that is not shown."""
    generator = torch.Generator().manual_seed(5)
    rows, other = (torch.randn(4, width, generator=generator) for width in (4, 2))
    return AttributionVisualizer(
        models=Fused(),
        classes=CLASSES,
        features=[
            ImageFeature("Photo", lambda x: x * 0, lambda x: x),
            GeneralFeature("Row", categories=["age", "height", "weight", "pulse"]),
            EmptyFeature(),
        ],
        dataset=[Batch((photos(4), rows, other), labels=None)],
    )


@pytest.fixture
def opened(tmp_path: Path):
    sessions = []

    def open_(visualizer: AttributionVisualizer) -> Session:
        sessions.append(Session(visualizer.board, tmp_path))
        return sessions[-1]

    yield open_
    for session in sessions:
        session.close()


def explained(session: Session, method: str, **fields):
    found = session.attributions(AttributionRequest(examples=(1,), method_id=method, **fields))
    if isinstance(found, Job):
        assert found.wait(60)
        assert found.state == "done", found.failure
        found = found.results
    return found[0]


def test_signatures_are_captums():
    def names(function):
        return [
            (one.name, one.default is not one.empty and one.default)
            for one in inspect.signature(function).parameters.values()
            if one.kind is one.POSITIONAL_OR_KEYWORD and one.name != "self"
        ]

    assert names(AttributionVisualizer.__init__) == [
        ("models", False),
        ("classes", False),
        ("features", False),
        ("dataset", False),
        ("score_func", None),
        ("use_label_for_attr", True),
    ]
    serve = [("blocking", False), ("debug", False), ("port", None), ("bind_all", False)]
    assert names(AttributionVisualizer.serve) == serve
    assert names(AttributionVisualizer.render) == [("debug", True)]
    assert names(Batch.__init__) == [
        ("inputs", False),
        ("labels", False),
        ("additional_args", None),
    ]
    feature = ["name", "baseline_transforms", "input_transforms", "visualization_transform"]
    for kind in (ImageFeature, TextFeature, EmptyFeature):
        assert [name for name, _ in names(kind.__init__)] == feature
    assert names(GeneralFeature.__init__) == [("name", False), ("categories", False)]
    assert EmptyFeature().name == "empty"


def test_the_image_tutorial(opened):
    session = opened(cifar())
    board = session.board
    assert len(board) == 6
    assert [board.example(i).label for i in range(6)] == [0, 1, 2, 0, 1, 2]
    example = board.example(1)
    (tensor,) = board.tensors([example])
    assert torch.allclose(tensor[0], normalise(photos(6)[1]))
    (baseline,) = board.baseline(None, example, 0)
    assert torch.equal(baseline, torch.zeros_like(tensor))
    media = board.inputs[0].media(example.raw["Photo"])
    with Image.open(io.BytesIO(media.body)) as image:
        shown = np.asarray(image).astype(float) / 255
    assert np.abs(shown - photos(6)[1].permute(1, 2, 0).numpy()).max() < 0.02
    meta = explained(session, "IntegratedGradients")
    assert abs(meta["delta"]) < 1e-3
    raw = session.predict("model", 1)
    assert torch.allclose(board.output.probabilities(raw), raw.softmax(1))


def test_the_question_tutorial(opened):
    session = opened(vqa())
    board = session.board
    names = [entry.name for entry in board.inputs]
    assert names == ["Picture", "Question", "further argument 1"]
    view = board.inputs[1].view(board.example(1).raw["Question"])
    assert [token["text"] for token in view["tokens"]][:3] == ["what", "is", "it"]
    assert board.inputs[1].search_text(board.example(1).raw["Question"]).startswith("what is it")
    meta = explained(session, "IntegratedGradients")
    assert meta["shapes"]["Question"] == [6, 4]
    assert abs(meta["delta"]) < 1e-3
    assert meta["contributions"]["net"]["further argument 1"] == 0
    assert meta["contributions"]["shapley"]["values"]["further argument 1"] == pytest.approx(
        0, abs=1e-6
    )
    ablated = explained(session, "FeatureAblation")
    assert ablated["features"]["Question"] == "tokens"
    scores = session.predict("model", 1)
    own = Vqa()
    ids = torch.tensor([[1, 2, 6, 0, 0, 0]])
    expected = own(normalise(photos(1)), ids, torch.tensor([3]))
    assert torch.allclose(scores.float(), expected, atol=1e-5)


def test_general_and_empty_features_are_shown_as_meant(opened):
    session = opened(multimodal())
    board = session.board
    kinds = [entry.view(board.example(0).raw[entry.name])["kind"] for entry in board.inputs]
    assert kinds == ["image", "table", "hidden"]
    columns = board.inputs[1].view(board.example(0).raw["Row"])["columns"]
    assert [column["name"] for column in columns] == ["age", "height", "weight", "pulse"]
    meta = explained(session, "IntegratedGradients")
    assert set(meta["contributions"]["net"]) == {"Photo", "Row", "empty"}
    assert sum(map(abs, meta["contributions"]["net"].values())) == pytest.approx(1)
    assert meta["baseline"] == {"Photo": "own", "Row": "zero", "empty": "zero"}
    assert abs(meta["delta"]) < 1e-3


def test_one_number_for_two_classes(opened):
    class Sentiment(nn.Module):
        def forward(self, x):
            return x.flatten(1).mean(1, keepdim=True).sigmoid()

    visualizer = AttributionVisualizer(
        Sentiment(),
        ["Neg", "Pos"],
        ImageFeature("x", None, None),
        [Batch(photos(3), torch.tensor([0, 1, 1]))],
        use_label_for_attr=False,
    )
    session = opened(visualizer)
    raw = session.predict("model", 0)
    assert raw.shape == (1, 2)
    assert raw.sum().item() == pytest.approx(1)
    assert explained(session, "Saliency")["target"]["name"] == "Pos"


def test_several_models_have_names():
    visualizer = AttributionVisualizer(
        [Cnn(), Cnn()],
        CLASSES,
        ImageFeature("Photo", [], []),
        [Batch(photos(2), None)],
    )
    assert list(visualizer.board.models) == ["Cnn", "Cnn 2"]
    assert visualizer.board.example(0).label is None


def test_outputs_that_are_probabilities_are_not_squashed_again():
    model = nn.Sequential(Cnn(), nn.Softmax(1))
    visualizer = AttributionVisualizer(
        model, CLASSES, ImageFeature("Photo", [], []), [Batch(photos(2), None)]
    )
    assert visualizer.board.output.scores == "probabilities"
    assert not any("look like" in warning for warning in visualizer.board.warnings)


def test_what_does_not_fit_is_said():
    def visualizer(batch: Batch) -> AttributionVisualizer:
        return AttributionVisualizer(Cnn(), CLASSES, ImageFeature("Photo", [], []), [batch])

    with pytest.raises(InvalidInput, match="has 2 inputs, but there are 1 features"):
        _ = visualizer(Batch((photos(2), photos(2)), None)).board
    with pytest.raises(InvalidInput, match="2 rows has 3 labels"):
        _ = visualizer(Batch(photos(2), torch.tensor([0, 1, 2]))).board
    with pytest.raises(InvalidInput, match="yields no batch"):
        _ = AttributionVisualizer(Cnn(), CLASSES, ImageFeature("Photo", [], []), []).board


def test_render_shows_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    visualizer = cifar()
    visualizer.render(store=tmp_path)
    assert visualizer.view is not None
    try:
        with urllib.request.urlopen(f"{visualizer.view.url}api/board") as answer:
            assert b'"name":"Captum Insights"' in answer.read()
        assert "iframe" in visualizer.view._repr_html_()
    finally:
        visualizer.view.close()


def test_a_script_that_serves_stays_alive(tmp_path: Path):
    script = f"""
        import torch
        from torch import nn
        from attriboard.captum import AttributionVisualizer, Batch, ImageFeature
        torch.set_num_threads(1)
        AttributionVisualizer(
            models=nn.Sequential(nn.Flatten(), nn.Linear(12, 2)),
            classes=["a", "b"],
            features=[ImageFeature("Photo", lambda x: x * 0, [])],
            dataset=[Batch(torch.rand(4, 3, 2, 2), torch.zeros(4))],
        ).serve(debug=True, store={str(tmp_path)!r})
        print("after", flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        assert process.stdout.readline() == "after\n"
        time.sleep(0.5)
        assert process.poll() is None
        with urllib.request.urlopen(f"{found[0]}healthz") as answer:
            assert answer.status == 200
    finally:
        process.kill()
        process.wait()
