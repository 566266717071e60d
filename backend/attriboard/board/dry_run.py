"""A model tried on a few examples: what cannot work is refused, what may mislead is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.board.hints import hint
from attriboard.board.models import Model, is_black_box, sentence_name
from attriboard.board.source import Example
from attriboard.board.training import training_mode
from attriboard.engine.errors import AttriboardError, ModelError
from attriboard.engine.model_tree import Prepared, prepare
from attriboard.engine.scoring import Scorer, outputs
from attriboard.engine.tensors import Tensors
from attriboard.inputs import Input
from attriboard.outputs import Output


@dataclass(frozen=True)
class Tried:
    """An example with its tensors, each with a batch dimension of 1."""

    example: Example
    tensors: Tensors

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(tensor.shape) for tensor in self.tensors)


def check(
    name: str, model: Model, inputs: Sequence[Input], output: Output, tried: Sequence[Tried]
) -> list[str]:
    """Warnings about `model`; InvalidInput or ModelError where it cannot work."""
    prepared = prepare(model)
    begin = sentence_name(name)
    alone = [_alone(begin, prepared, inputs, one) for one in tried]
    warnings = _check_outputs(begin, output, tried, alone)
    alike = _alike(tried)
    batch = tuple(
        torch.cat(parts) for parts in zip(*(tried[i].tensors for i in alike), strict=True)
    )
    together = _together(begin, prepared, batch)
    again = _together(begin, prepared, batch)
    if differ(together, again):
        return [*warnings, _random(begin, model, together, again)]
    single = torch.cat([alone[i] for i in alike])
    if len(alike) > 1 and differ(single, together):
        warnings.append(_influence(begin, prepared, single, together))
    return warnings + training_mode(begin, model, batch)


def call(prepared: Prepared, rows: Tensors) -> Tensor:
    """The raw output of one pass over `rows` as one batch, without gradients."""
    count = len(rows[0])
    scorer = Scorer(prepared, (), (), count)
    copies = tuple(tensor.clone() for tensor in rows)
    with torch.no_grad(), prepared.running():
        return outputs(scorer, copies, torch.arange(count)).detach().cpu()


def differ(a: Tensor, b: Tensor) -> bool:
    """Whether outputs differ by more than rounding."""
    if a.shape != b.shape:
        return True
    share = 1e-3 if a.dtype in (torch.float32, torch.float64) else 3e-2
    scale = max(1e-6, float(torch.cat([a, b]).double().nan_to_num(0, 0, 0).abs().max()))
    return gap(a, b) > share * scale


def gap(a: Tensor, b: Tensor) -> float:
    """The largest difference between two outputs."""
    return float((a.double() - b.double()).nan_to_num(0, 0, 0).abs().max())


def _alone(begin: str, prepared: Prepared, inputs: Sequence[Input], one: Tried) -> Tensor:
    try:
        return call(prepared, one.tensors)
    except Exception as error:
        shapes = ", ".join(
            f"{entry.name} {tuple(tensor.shape)}"
            for entry, tensor in zip(inputs, one.tensors, strict=True)
        )
        said = str(error) if isinstance(error, AttriboardError) else _said(error)
        raise ModelError(
            f"{begin} failed on example {one.example.index} ({shapes}): {said}"
            f"{hint(prepared.model, inputs, one.tensors)}"
        ) from error


def _together(begin: str, prepared: Prepared, batch: Tensors) -> Tensor:
    count = len(batch[0])
    try:
        return call(prepared, batch)
    except Exception as error:
        said = str(error) if isinstance(error, AttriboardError) else _said(error)
        raise ModelError(
            f"{begin} works on single examples, but not on a batch of {count}: {said} The first "
            "dimension of inputs and output must be the batch, of any size: look for a mean or "
            "sum over the batch, a fixed batch size, or a squeeze()."
        ) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(".") + "."


def _alike(tried: Sequence[Tried]) -> list[int]:
    """Positions of the examples that share their shapes: the largest such group."""
    groups: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for position, one in enumerate(tried):
        groups.setdefault(one.shapes, []).append(position)
    return max(groups.values(), key=len)


def _check_outputs(
    begin: str, output: Output, tried: Sequence[Tried], alone: Sequence[Tensor]
) -> list[str]:
    shapes = {tuple(row.shape[1:]) for row in alone}
    if len(shapes) > 1 and output.width is not None:
        listed = " and ".join(str(shape) for shape in sorted(shapes))
        raise ModelError(
            f"{begin} returned outputs of different shapes for different examples: {listed}. It "
            "must return the same scores for every example."
        )
    rows = torch.cat(list(alone)) if len(shapes) == 1 else alone[0]
    if not rows.is_floating_point():
        raise ModelError(
            f"{begin} returned {rows.dtype}, not scores. Return the scores before argmax or "
            "thresholds, as floating point."
        )
    odd = output.check(rows)
    warnings = [] if odd is None else [odd]
    broken = [one.example.index for one, row in zip(tried, alone, strict=True) if _broken(row)]
    if len(broken) == len(tried):
        raise ModelError(
            f"{begin} returned NaN or infinity for every example tried ({_listed(broken)}). Check "
            "that its weights are loaded and that the inputs are scaled as in training."
        )
    if broken:
        warnings.append(f"{begin} returned NaN or infinity for example {_listed(broken)}.")
    return warnings


def _broken(row: Tensor) -> bool:
    return not bool(row.isfinite().all())


def _listed(indices: Sequence[int]) -> str:
    return ", ".join(str(index) for index in indices)


def _random(begin: str, model: Model, once: Tensor, again: Tensor) -> str:
    mend = (
        "If there is a module behind the function, call its eval()."
        if is_black_box(model)
        else "Pass training=self.training to functional dropout, or draw from a fixed seed."
    )
    mode = "" if is_black_box(model) else ", in eval mode too"
    return (
        f"{begin} gives different outputs for the same example{mode} (by up to "
        f"{gap(once, again):.3g}), so it draws random numbers, such as dropout left on. "
        f"Attributions will differ from run to run. {mend}"
    )


def _influence(begin: str, prepared: Prepared, alone: Tensor, together: Tensor) -> str:
    suspects = _suspects(prepared.model)
    mend = (
        f" Look at {', '.join(suspects)}."
        if suspects
        else " Look for a dimension other than the first taken as the batch, or for statistics "
        "over the batch."
    )
    return (
        f"{begin} gives an example another output in a batch than alone (by up to "
        f"{gap(alone, together):.3g}), so the rows of a batch influence one another, and "
        f"attributions depend on what else is in the batch.{mend}"
    )


def _suspects(model: Model) -> list[str]:
    """Modules that are known to mix rows, with the reason."""
    if not isinstance(model, torch.nn.Module):
        return []
    found = []
    for name, module in model.named_modules():
        if getattr(module, "batch_first", None) is False:
            found.append(f"{name or 'the model'} ({type(module).__name__} with batch_first=False)")
        elif isinstance(module, torch.nn.modules.batchnorm._NormBase) and (
            module.running_mean is None
            and not isinstance(module, torch.nn.modules.instancenorm._InstanceNorm)
        ):
            found.append(f"{name or 'the model'} ({type(module).__name__} without running stats)")
    return found
