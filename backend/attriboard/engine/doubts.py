"""What should make a reader doubt the attribution of an example, in sentences."""

from __future__ import annotations

from torch import Tensor

from attriboard.engine.tensors import Tensors

GAP = 0.05
"""Of f(x) - f(baseline), how much may be missing before it is said."""


def doubts(
    attributions: Tensors,
    delta: Tensor | None,
    change: Tensor | None,
    same: Tensor | None,
) -> tuple[tuple[str, ...], ...]:
    """Sentences for each of N examples; most have none.

    attributions: each (N, ...). delta, change: (N,), what is missing, and f(x) - f(baseline).
    same: (N,), whether the baseline itself is predicted as the target.
    """
    count = len(attributions[0])
    found: list[list[str]] = [[] for _ in range(count)]
    for i in _silent(attributions):
        found[i].append(
            "Every attribution is zero: the score does not change with the input here (a "
            "saturated or dead unit, or a target the input cannot reach)."
        )
    if same is not None:
        for i in _where(same.tolist()):
            found[i].append(
                "The baseline itself is predicted as the target, so there is little to explain "
                "between it and the input: choose another baseline."
            )
    if delta is not None and change is not None:
        for i, (missing, whole) in enumerate(zip(delta.tolist(), change.tolist(), strict=True)):
            if abs(missing) > GAP * max(abs(whole), 1e-6):
                found[i].append(_gap(missing, whole))
    return tuple(tuple(sentences) for sentences in found)


def _gap(delta: float, change: float) -> str:
    share = f"{abs(delta / change):.0%} of " if abs(change) > 1e-6 else ""
    return (
        f"The attributions miss {share}the score's change from the baseline ({change:.4g}) by "
        f"{delta:.4g}: raise the number of steps, or trust their sizes less."
    )


def _silent(attributions: Tensors) -> list[int]:
    """The examples to which nothing at all is attributed."""
    loud = (tensor.flatten(1).any(1).tolist() for tensor in attributions)
    return _where([not any(each) for each in zip(*loud, strict=True)])


def _where(mask: list[bool]) -> list[int]:
    return [i for i, found in enumerate(mask) if found]
