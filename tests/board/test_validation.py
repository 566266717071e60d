"""Everything that can be wrong with a board gives a sentence that names cause and mend."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

import attriboard as ab
from attriboard.engine.errors import InvalidInput, ModelError
from tests.board.made import board, classifier, fusion, picture_board, pictures, rows


class Stream(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter(pictures())


class Measured(Stream):
    def __len__(self) -> int:
        return 20


class Unmeasured:
    def __getitem__(self, index: int) -> Any:
        return pictures()[index]


@pytest.mark.parametrize(
    ("dataset", "sentence"),
    [
        ([], "The dataset is empty"),
        (Stream(), "cannot be read by index"),
        (Measured(), "cannot be read by index"),
        (iter([1]), "cannot be read by index"),
        (Unmeasured(), "has no length. Add __len__"),
        (DataLoader(pictures()), "Give the dataset it reads, loader.dataset"),  # type: ignore[arg-type]
        ("photos", "is no file. Give a folder of pictures by class"),
    ],
)
def test_what_is_no_dataset_is_refused(dataset: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        picture_board(dataset=dataset)
    assert caught.value.field == "dataset"


def test_items_with_the_wrong_number_of_parts_are_refused() -> None:
    flat = [(*parts, label) for parts, label in rows()]
    with pytest.raises(InvalidInput, match="Item 0 of the dataset: it has 3 parts, but the board"):
        board(dataset=flat)
    with pytest.raises(InvalidInput, match="has 3 parts, but the board has 1 input"):
        picture_board(dataset=flat)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (fusion(), r"takes 2 arguments \(photo, question\), but the board has 1 input \(photo\)"),
        (lambda: 0, r"takes 0 arguments"),
        (lambda a, b, c=None: a, r"takes 2 arguments \(a, b\)"),
    ],
)
def test_a_model_with_other_arguments_is_refused(model: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        picture_board(model)
    assert "one entry for each argument" in str(caught.value)


def test_a_model_with_too_few_arguments_is_refused() -> None:
    with pytest.raises(
        InvalidInput, match=r"takes 1 argument \(input\), but the board has 2 inputs"
    ):
        board(classifier())


def test_torchscript_arguments_are_counted() -> None:
    script = torch.jit.script(fusion())
    assert board(script).warnings == ()
    with pytest.raises(InvalidInput, match="takes 2 arguments"):
        picture_board(script)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"inputs": []}, "inputs= is empty"),
        ({"inputs": None}, "inputs= is empty"),
        ({"inputs": ["photo"]}, "inputs= holds 'photo'"),
        ({"inputs": [ab.Image("a"), ab.Image("a")]}, "Two inputs are called 'a'"),
        ({"output": ["no", "yes"]}, r"output= is \['no', 'yes'\]"),
        ({"model": {}}, "dict of models is empty"),
        ({"model": nn.Linear}, "is the class Linear"),
        ({"model": "model.pt"}, "is 'model.pt', which cannot be called"),
        ({"model": {3: classifier()}}, "must be a non-empty text, not 3"),
    ],
)
def test_wrong_parts_are_refused_at_once(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        picture_board(**options)


def test_a_label_outside_the_classes_is_refused() -> None:
    data = [(x, 2 if i == 0 else y) for i, (x, y) in enumerate(pictures())]
    with pytest.raises(InvalidInput, match="Item 0 of the dataset: the label 2 is outside the 2"):
        picture_board(dataset=data)


def test_a_label_outside_the_classes_is_named_when_it_is_met() -> None:
    data = [(x, -1 if i == 777 else y) for i, (x, y) in enumerate(pictures(1000))]
    made = picture_board(dataset=data)
    with pytest.raises(InvalidInput, match="Item 777 of the dataset: the label -1 is outside"):
        made.example(777)


@pytest.mark.parametrize("item", [lambda x: (x,), lambda x: x, lambda x: {"photo": x}])
def test_a_dataset_without_labels_is_fine(item: Any) -> None:
    made = picture_board(dataset=[item(x) for x, _ in pictures()])
    assert not made.labelled
    assert made.example(0).label is None


def test_a_tensor_dataset_is_fine() -> None:
    data = TensorDataset(torch.rand(9, 3, 8, 8), torch.arange(9) % 2)
    assert picture_board(dataset=data).example(3).label == 1


def test_an_item_of_another_shape_is_named() -> None:
    data = pictures()
    data[0] = (torch.rand(3, 9, 9), 0)
    with pytest.raises(ModelError, match=r"failed on example 0 \(photo \(1, 3, 9, 9\)\)") as caught:
        picture_board(dataset=data)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_item_that_is_no_picture_is_named() -> None:
    data: list[Any] = list(pictures())
    data[19] = ("cat.png", 1)
    with pytest.raises(InvalidInput, match="Example 19: Input 'photo': a str is no picture"):
        picture_board(dataset=data)


def test_a_model_that_fails_on_one_item_is_named() -> None:
    class Picky(nn.Module):
        def forward(self, photo: Tensor) -> Tensor:
            if photo.max() > 2:
                raise ValueError("too bright")
            return photo.flatten(1)[:, :2]

    data = pictures()
    data[19] = (data[19][0] + 3, 1)
    with pytest.raises(
        ModelError, match=r"failed on example 19 .*ValueError: too bright"
    ) as caught:
        picture_board(Picky(), data)
    assert isinstance(caught.value.__cause__, ValueError)


def test_ids_beyond_the_embedding_are_named() -> None:
    text = ab.Text("question", lambda raw: [1, 99])
    with pytest.raises(ModelError, match="gives the id 99, but the embedding 'words' has 8 rows"):
        board(inputs=[ab.Image("photo"), text])


def test_another_number_type_is_named() -> None:
    with pytest.raises(ModelError, match=r"parameters are torch.float64, but input 'photo' gives"):
        picture_board(classifier().double())


def test_another_device_is_named() -> None:
    with pytest.raises(ModelError, match="on the meta device: load the weights first"):
        picture_board(classifier().to("meta"))


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (lambda x: x.flatten(1)[:, :5], "returns 5 numbers per example, but output= names 2"),
        (lambda x: x.flatten(1).mean(1), "one number per example, but output= names 2 classes"),
        (lambda x: x[:, :2], r"returns shape \(2, 8, 8\) per example"),
        (lambda x: {"out": x}, "returns a dict, not a tensor"),
        (lambda x: x.flatten(1)[:, :2].argmax(1), "returned torch.int64, not scores"),
        (lambda x: x.flatten(1)[:, :2] * float("nan"), "NaN or infinity for every example"),
    ],
)
def test_outputs_that_do_not_fit_are_refused(model: Any, sentence: str) -> None:
    with pytest.raises((InvalidInput, ModelError), match=sentence):
        picture_board(model)


@pytest.mark.parametrize(
    "model",
    [
        lambda x: x.mean(),
        lambda x: x.flatten(1)[:1, :2],
        lambda x: x.reshape(1, -1)[:, :2],
    ],
    ids=["one number a batch", "first row only", "fixed batch size"],
)
def test_a_model_that_takes_no_batches_is_refused(model: Any) -> None:
    output = ab.Regression("brightness")
    if model(torch.rand(1, 3, 8, 8)).dim():
        output = ab.Classes(["no", "yes"])  # type: ignore[assignment]
    with pytest.raises(ModelError, match="works on single examples, but not on a batch of 4"):
        picture_board(model, output=output)


def test_a_scalar_model_is_fine_for_a_regression() -> None:
    for model in (lambda x: x.flatten(1).mean(1), lambda x: x.flatten(1).mean(1, keepdim=True)):
        made = picture_board(model, output=ab.Regression("brightness", unit="cd"))
        assert made.warnings == ()
        assert made.output.kind == "regression"


def test_scores_out_of_range_are_refused() -> None:
    for scores in ("probabilities", "log_probabilities"):
        with pytest.raises(InvalidInput, match='Use scores="logits"'):
            picture_board(
                lambda x: x.flatten(1)[:, :2] * 9 + 3, output=ab.Classes(["a", "b"], scores=scores)
            )
    with pytest.raises(InvalidInput, match="add up to"):
        picture_board(
            lambda x: x.flatten(1)[:, :2], output=ab.Classes(["a", "b"], scores="probabilities")
        )


def test_probabilities_taken_for_logits_are_named() -> None:
    made = picture_board(nn.Sequential(*classifier(), nn.Softmax(1)).eval())
    assert 'scores="probabilities"' in made.warnings[0]


def test_nan_for_some_examples_is_a_warning() -> None:
    class Root(nn.Module):
        def forward(self, photo: Tensor) -> Tensor:
            return (photo.flatten(1)[:, :2] + 0.5).sqrt()

    data = pictures()
    data[0] = (data[0][0] - 9, 0)
    assert picture_board(Root(), data).warnings == (
        "The model returned NaN or infinity for example 0.",
    )


def test_dropout_left_on_is_named() -> None:
    model = classifier(nn.Dropout(0.5))
    assert picture_board(model).warnings == ()
    (warning,) = picture_board(model.train()).warnings
    assert "dropout is on (3)" in warning
    assert "model.eval()" in warning


def test_batch_norm_in_training_mode_is_named() -> None:
    model = classifier(nn.BatchNorm1d(8)).train()
    (warning,) = picture_board(model).warnings
    assert "batch norm (3) reads the batch, so the rows of a batch influence one another" in warning


def test_training_mode_without_effect_is_no_warning() -> None:
    assert picture_board(classifier().train()).warnings == ()


def test_dropout_that_cannot_be_switched_off_is_named() -> None:
    class Always(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = classifier()

        def forward(self, photo: Tensor) -> Tensor:
            scores: Tensor = self.inner(functional.dropout(photo))
            return scores

    (warning,) = picture_board(Always().eval()).warnings
    assert "different outputs for the same example, in eval mode too" in warning
    assert "training=self.training" in warning


def test_a_black_box_with_dropout_on_is_named() -> None:
    inner = classifier(nn.Dropout(0.5)).train()
    (warning,) = picture_board(lambda photo: inner(photo)).warnings
    assert "If there is a module behind the function, call its eval()" in warning


def test_rows_that_influence_one_another_are_named() -> None:
    class Mixing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.recurrent = nn.GRU(24, 8)
            self.head = nn.Linear(8, 2)

        def forward(self, photo: Tensor) -> Tensor:
            states, _ = self.recurrent(photo.movedim(2, 1).flatten(2))
            scores: Tensor = self.head(states.mean(1))
            return scores

    (warning,) = picture_board(Mixing().eval()).warnings
    assert "the rows of a batch influence one another" in warning
    assert "recurrent (GRU with batch_first=False)" in warning


def test_batch_norm_without_running_stats_is_named() -> None:
    model = classifier(nn.BatchNorm1d(8, track_running_stats=False))
    with pytest.raises(ModelError, match="failed on example 0"):
        picture_board(model)

    class Shifted(nn.Module):
        def forward(self, photo: Tensor) -> Tensor:
            scores = photo.flatten(1)[:, :2]
            return scores - scores.mean(0)

    (warning,) = picture_board(Shifted()).warnings
    assert "statistics over the batch" in warning


def test_a_random_transform_is_a_warning() -> None:
    image = ab.Image("photo", lambda raw: raw + 0.01 * torch.rand(3, 8, 8))
    (warning,) = picture_board(inputs=[image]).warnings
    assert "'photo'" in warning
    assert "transform is random" in warning


def test_models_are_named_in_their_sentences() -> None:
    with pytest.raises(ModelError, match="The model 'second' failed on example 0"):
        picture_board({"first": classifier(), "second": nn.Linear(7, 2)})


def test_a_single_example_is_enough() -> None:
    assert len(picture_board(dataset=pictures(1))) == 1


def test_the_model_and_the_random_numbers_are_left_as_they_were() -> None:
    model = classifier(nn.BatchNorm1d(8), nn.Dropout(0.5)).train()
    model[4].eval()
    model[1].weight.grad = torch.ones_like(model[1].weight)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    hooks = [len(module._forward_hooks) for module in model.modules()]
    image = ab.Image("photo", lambda raw: raw + torch.rand(1) * random.random() * np.random.rand())
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    expected = (torch.rand(1).item(), np.random.rand(), random.random())
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    picture_board(model, inputs=[image])
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == expected
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert [len(module._forward_hooks) for module in model.modules()] == hooks
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert bool((model[1].weight.grad == 1).all())


def test_torchscript_in_training_mode_runs_as_a_copy_in_eval_mode() -> None:
    script = torch.jit.script(classifier(nn.BatchNorm1d(8), nn.Dropout(0.5)).train())
    before = {name: tensor.clone() for name, tensor in script.state_dict().items()}
    assert picture_board(script).warnings == ()
    assert script.training
    assert all(torch.equal(before[name], tensor) for name, tensor in script.state_dict().items())
