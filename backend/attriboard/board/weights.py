"""A model from its constructor and a file of weights, without running what a pickle may hold."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.engine.errors import InvalidInput

NESTED = ("state_dict", "model_state_dict", "model")  # where training scripts keep the weights
WRAPPERS = ("module.", "_orig_mod.")  # what DataParallel and torch.compile put before each name
SHOWN = 4


def load(
    build: Callable[[], nn.Module] | nn.Module, path: Path | str, *, trusted: bool = False
) -> nn.Module:
    """The model `build` makes (or is), with the weights of a file, in eval mode.

    path: safetensors, or what `torch.save` wrote of a state dict, alone or inside a checkpoint.
        Such a file is read as tensors alone; one that holds more may run any code when it is
        opened, and is refused unless `trusted=True` says that you know where it comes from.

    Raises InvalidInput where the file cannot be read or does not fit the model.
    """
    file = Path(path).expanduser()
    found = _read(file, trusted)
    model = build if isinstance(build, nn.Module) else build()
    if isinstance(found, nn.Module):
        found = found.state_dict()
    state = _state(found, file)
    wanted = model.state_dict()
    missing, more = set(wanted) - set(state), set(state) - set(wanted)
    if missing or more:
        raise InvalidInput(
            f"The weights in {file.name} are not those of {type(model).__name__}: "
            f"{_listed('it lacks', missing)}{'; ' if missing and more else ''}"
            f"{_listed('the model has no', more)}. Is it the same version of the model?",
            "model",
        )
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise InvalidInput(
            f"The weights in {file.name} do not fit {type(model).__name__}: {error}", "model"
        ) from error
    return model.eval()


def _read(file: Path, trusted: bool) -> Any:
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        return torch.load(file, map_location="cpu", weights_only=not trusted)
    except pickle.UnpicklingError as error:
        raise InvalidInput(
            f"{file.name} holds more than tensors, and opening it may run any code. Save "
            "model.state_dict() instead, or pass trusted=True if you made the file yourself.",
            "model",
        ) from error
    except (OSError, RuntimeError, EOFError, SafetensorError) as error:
        raise InvalidInput(f"The weights {str(file)!r} cannot be read: {error}", "model") from error


def _state(found: Any, file: Path) -> dict[str, Tensor]:
    """The state dict in a checkpoint, by the names the bare model gives."""
    for key in NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    tensors = isinstance(found, Mapping) and all(isinstance(v, Tensor) for v in found.values())
    if not tensors or not found:
        raise InvalidInput(
            f"{file.name} holds no state dict. Save model.state_dict(), alone or under one of the "
            f"keys {', '.join(NESTED)}.",
            "model",
        )
    state = dict(found)
    for wrapper in WRAPPERS:
        if all(name.startswith(wrapper) for name in state):
            state = {name.removeprefix(wrapper): tensor for name, tensor in state.items()}
    return state


def _listed(begin: str, names: set[str]) -> str:
    if not names:
        return ""
    shown = sorted(names)[:SHOWN]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{begin} {', '.join(shown)}{more}"
