"""Fingerprints: the same content is found again, other content never."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import attriboard as ab
from tests.board.made import board, classifier, picture_board, pictures, rows


def model_print(model: Any) -> str:
    return picture_board(model).model_fingerprint("model")


def test_equal_models_share_a_fingerprint() -> None:
    assert model_print(classifier()) == model_print(classifier())


def _changed_weight(model: nn.Sequential) -> nn.Sequential:
    with torch.no_grad():
        model[1].weight[0, 0] += 1e-6
    return model


@pytest.mark.parametrize(
    "other",
    [
        lambda: _changed_weight(classifier()),
        lambda: nn.Sequential(*classifier()[:2], nn.GELU(), classifier()[3]).eval(),
        lambda: nn.Sequential(*classifier()[:2], nn.LeakyReLU(0.1), classifier()[3]).eval(),
        lambda: nn.Sequential(*classifier()[:2], nn.LeakyReLU(0.2), classifier()[3]).eval(),
    ],
    ids=["weight", "code", "setting", "other setting"],
)
def test_other_models_have_other_fingerprints(other: Any) -> None:
    prints = {model_print(classifier()), model_print(other())}
    assert len(prints) == 2


def test_settings_count_where_the_weights_are_equal() -> None:
    a, b = (nn.Sequential(*classifier()[:2], nn.LeakyReLU(s), classifier()[3]) for s in (0.1, 0.2))
    assert model_print(a.eval()) != model_print(b.eval())


def test_the_code_of_forward_counts() -> None:
    def made(scale: float) -> nn.Module:
        if scale > 1:

            class Net(nn.Module):
                def forward(self, photo: Tensor) -> Tensor:
                    return photo.flatten(1)[:, :2] * 2
        else:

            class Net(nn.Module):  # type: ignore[no-redef]
                def forward(self, photo: Tensor) -> Tensor:
                    return photo.flatten(1)[:, :2] * 1

        return Net()

    assert model_print(made(1)) == model_print(made(1))
    assert model_print(made(1)) != model_print(made(2))


@pytest.mark.parametrize("change", ["step", "data", "load", "buffer"])
def test_a_change_while_the_board_stands_is_noticed(change: str) -> None:
    model = classifier(nn.BatchNorm1d(8))
    made = picture_board(model)
    before = made.model_fingerprint("model")
    assert made.model_fingerprint("model") == before
    if change == "step":
        model(torch.rand(4, 3, 8, 8)).sum().backward()
        torch.optim.SGD(model.parameters(), lr=0.1).step()
    elif change == "data":
        model[1].weight.data.mul_(1.5)
    elif change == "load":
        model.load_state_dict(
            classifier(nn.BatchNorm1d(8)).state_dict() | {"1.bias": torch.ones(8)}
        )
    else:
        model[3].running_mean.add_(1)
    assert made.model_fingerprint("model") != before


def black_box(weight: Tensor) -> Any:
    return lambda photo: photo.flatten(1)[:, :2] * weight


class Callable:
    def __init__(self, weight: float) -> None:
        self.weight = weight

    def __call__(self, photo: Tensor) -> Tensor:
        return photo.flatten(1)[:, :2] * self.weight


def _scaled(weight: float, photo: Tensor) -> Tensor:
    return photo.flatten(1)[:, :2] * weight


@pytest.mark.parametrize(
    ("make"),
    [
        lambda w: black_box(torch.tensor([1.0, w])),
        Callable,
        lambda w: functools.partial(_scaled, w),
        lambda w: Callable(w).__call__,
    ],
    ids=["closure", "object", "partial", "method"],
)
def test_black_boxes_are_told_apart_by_what_they_reach(make: Any) -> None:
    assert model_print(make(2.0)) == model_print(make(2.0))
    assert model_print(make(2.0)) != model_print(make(3.0))


def test_torchscript_has_a_fingerprint() -> None:
    a, b = torch.jit.script(classifier()), torch.jit.script(_changed_weight(classifier()))
    assert model_print(a) == model_print(torch.jit.script(classifier()))
    assert model_print(a) != model_print(b)


def test_frozen_torchscript_has_its_weights_in_the_fingerprint() -> None:
    a, b = (
        torch.jit.freeze(torch.jit.script(model))
        for model in (classifier(), _changed_weight(classifier()))
    )
    assert model_print(a) == model_print(torch.jit.freeze(torch.jit.script(classifier())))
    assert model_print(a) != model_print(b)


def test_half_precision_and_empty_tensors_have_fingerprints() -> None:
    model = classifier().bfloat16()
    model.register_buffer("nothing", torch.zeros(0))
    image = ab.Image("photo", lambda raw: raw.bfloat16())
    assert len(picture_board(model, inputs=[image]).model_fingerprint("model")) == 32


def test_equal_data_shares_a_fingerprint() -> None:
    assert board().data_fingerprint == board().data_fingerprint


def _relabelled() -> Any:
    return [(x, 1 - y) for x, y in rows()]


def _retouched() -> Any:
    data = rows()
    picture = data[-1][0][0].copy()
    picture[0, 0, 0] ^= 1
    data[-1] = ((picture, data[-1][0][1]), data[-1][1])
    return data


def _annotated() -> Any:
    return [(x, y, {"source": "web"}) for x, y in rows()]


@pytest.mark.parametrize(
    "options",
    [
        {"dataset": rows(21)},
        {"dataset": _relabelled()},
        {"dataset": _retouched()},
        {"dataset": _annotated()},
        {"output": ab.Classes(["yes", "no"])},
        {"output": ab.MultiLabel(["no", "yes"]), "dataset": [(x, [y]) for x, y in rows()]},
        {"version": "2"},
    ],
    ids=["size", "labels", "a pixel of the last", "metadata", "names", "output", "version"],
)
def test_other_data_has_another_fingerprint(options: dict[str, Any]) -> None:
    assert board(**options).data_fingerprint != board().data_fingerprint


def test_a_version_stands_for_the_content() -> None:
    class Counted(list[Any]):
        reads = 0

        def __getitem__(self, index: Any) -> Any:
            Counted.reads += 1
            return super().__getitem__(index)

    made = picture_board(dataset=Counted(pictures(500)), version="7")
    before = Counted.reads
    first = made.data_fingerprint
    assert Counted.reads == before
    assert first == picture_board(dataset=pictures(500), version="7").data_fingerprint
    assert first != picture_board(dataset=pictures(500), version="8").data_fingerprint
    assert first != picture_board(dataset=pictures(501), version="7").data_fingerprint


def test_examples_are_told_apart_by_their_tensors() -> None:
    made = board()
    prints = {made.example_fingerprint(made.example(i)) for i in range(20)}
    assert len(prints) == 20
    assert made.example_fingerprint(made.example(3)) in prints
    assert board().example_fingerprint(board().example(3)) == made.example_fingerprint(
        made.example(3)
    )
