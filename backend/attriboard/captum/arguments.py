"""The arguments Captum's classes take: each once, with where it goes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Goes = Literal["field", "call", "here", "nowhere"]
"""To a field of the engine's method; to `engine.attribute`; used here; or accepted only."""


@dataclass(frozen=True)
class Argument:
    """One argument: its name and place, what it says, and its name where it goes."""

    name: str
    goes: Goes
    type: str
    help: str
    to: str = ""
    default: Any = inspect.Parameter.empty

    def by_default(self, default: Any) -> Argument:
        """The same argument, which may be left out."""
        return replace(self, default=default)

    def parameter(self) -> inspect.Parameter:
        """The argument as a signature shows it."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Parameter(self.name, kind, default=self.default, annotation=self.type)


def signature(arguments: Sequence[Argument]) -> inspect.Signature:
    """The signature of a function of `self` and `arguments`."""
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Signature([own, *(argument.parameter() for argument in arguments)])


def fields(arguments: Sequence[Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given for fields of the engine's method, by their names; None takes its default."""
    wanted = [a for a in arguments if a.goes == "field" and given[a.name] is not None]
    return {a.to or a.name: tupled(given[a.name]) for a in wanted}


def tupled(value: Any) -> Any:
    """Lists as tuples, at any depth."""
    return tuple(tupled(item) for item in value) if isinstance(value, list | tuple) else value


_TENSORS = "Tensor | tuple[Tensor, ...]"

FORWARD = Argument(
    "forward_func", "here", "Callable[..., Any]", "The model, or a function of torch operations."
)
MODEL = replace(FORWARD, name="model")
LAYER = Argument("layer", "here", "Module | list[Module]", "A module of the model, or several.")
DEVICES = Argument(
    "device_ids", "nowhere", "list[int] | None", "Accepted; the engine needs no list of devices."
).by_default(None)
MULTIPLY = Argument(
    "multiply_by_inputs", "field", "bool", "Off leaves out the factor (input - baseline)."
).by_default(True)
MEMORY = Argument(
    "memory_efficient", "nowhere", "bool", "Accepted; blocks are fitted to the memory anyway."
).by_default(False)
EPS = Argument(
    "eps", "nowhere", "float", "Accepted; small changes are taken in closed form."
).by_default(1e-10)
PERMUTE = Argument(
    "perm_func", "here", "Callable[..., Any] | None", "Refused unless None: orders come by seed."
).by_default(None)
SURROGATE = Argument(
    "interpretable_model",
    "here",
    "SkLearnLasso | SkLearnRidge | SkLearnLinearRegression | None",
    "The linear model that is fitted; a lasso with alpha 0.01 if left out.",
).by_default(None)
SIMILARITY = Argument(
    "similarity_func",
    "here",
    "Callable[..., Any] | None",
    "What `get_exp_kernel_similarity_function` gives; cosine of width 1 if left out.",
).by_default(None)
PERTURB = Argument(
    "perturb_func", "here", "Callable[..., Any] | None", "Refused unless None: coalitions are fair."
).by_default(None)

INPUTS = Argument("inputs", "here", _TENSORS, "What is explained, batch first.")
BASELINES = Argument(
    "baselines",
    "call",
    f"{_TENSORS} | float | tuple[Tensor | float, ...] | None",
    "What stands for absent: one row, one for each example, a number; zeros if left out.",
).by_default(None)
POOL = Argument(
    "baselines",
    "call",
    f"{_TENSORS} | Callable[..., Any]",
    "Rows of a distribution of baselines, or a function (of the inputs or nothing) giving them.",
)
LAYER_BASELINES = replace(
    BASELINES,
    name="layer_baselines",
    to="layer_baselines",
    help="What stands for absent at the layer itself; zeros if left out.",
)
TARGET = Argument(
    "target",
    "call",
    "int | tuple[int, ...] | Tensor | list[int] | list[tuple[int, ...]] | None",
    "Which number of the output is explained; one for all examples, or one for each.",
).by_default(None)
EXTRA = Argument(
    "additional_forward_args",
    "call",
    "Any",
    "Further arguments of the model; tensors with one row per example follow it.",
    to="extra_args",
).by_default(None)
MASK = Argument(
    "feature_mask",
    "call",
    f"{_TENSORS} | None",
    "Integer group ids: elements of one id are perturbed together.",
    to="features",
).by_default(None)
LAYER_MASK = replace(MASK, name="layer_mask")
NEURON = Argument(
    "neuron_selector",
    "call",
    "int | tuple[int | slice, ...] | Callable[..., Tensor]",
    "The unit explained: its index; slices are summed; or a function of the layer's activation.",
    to="neuron",
)
TO_LAYER_INPUT = Argument(
    "attribute_to_layer_input", "here", "bool", "Explain the layer's input, not its output."
).by_default(False)
TO_NEURON_INPUT = replace(TO_LAYER_INPUT, name="attribute_to_neuron_input")
STEPS = Argument("n_steps", "field", "int", "Points on the path.").by_default(50)
QUADRATURE = Argument(
    "method", "field", "str", "How the path's integral is approximated."
).by_default("gausslegendre")
SAMPLES = Argument("n_samples", "field", "int", "Random draws.")
STDEVS = Argument(
    "stdevs", "field", "float | tuple[float, ...]", "Deviation of the noise added to the inputs."
).by_default(0.0)
ABS = Argument("abs", "field", "bool", "Take absolute values.").by_default(True)
WINDOWS = Argument(
    "sliding_window_shapes",
    "field",
    "tuple[int, ...] | tuple[tuple[int, ...], ...]",
    "The window's shape, for each input if there are several.",
)
STRIDES = Argument(
    "strides",
    "field",
    "int | tuple[int, ...] | tuple[int | tuple[int, ...], ...] | None",
    "How far the window moves; 1 if left out.",
).by_default(None)
RELU = Argument(
    "relu_attributions", "field", "bool", "Keep only what speaks for the target."
).by_default(False)
SUM_CHANNELS = Argument(
    "attr_dim_summation", "field", "bool", "Sum over the channels.", to="sum_channels"
).by_default(True)
INTERPOLATE = Argument(
    "interpolate_mode", "field", "str", "How the layer's map is enlarged to the inputs."
).by_default("nearest")
DELTA = Argument(
    "return_convergence_delta",
    "here",
    "bool",
    "Return (attributions, delta): how far they are from adding up, one number per example.",
).by_default(False)
INPUT_SHAPE = Argument(
    "return_input_shape", "here", "bool", "Off gives one number per feature, (N, features)."
).by_default(True)
CUSTOM = Argument(
    "custom_attribution_func",
    "here",
    "Callable[..., Any] | None",
    "A function of the multipliers (and the inputs, and the baselines) giving attributions.",
).by_default(None)
BATCH = Argument(
    "internal_batch_size", "nowhere", "int | None", "Accepted; blocks are fitted to the memory."
).by_default(None)
PER_EVAL = Argument(
    "perturbations_per_eval", "nowhere", "int", "Accepted; blocks are fitted to the memory."
).by_default(1)
PROGRESS = Argument(
    "show_progress", "nowhere", "bool", "Accepted; `engine.Run` reports progress."
).by_default(False)
VERBOSE = Argument("verbose", "nowhere", "bool", "Accepted.").by_default(False)
GRAD_KWARGS = Argument("grad_kwargs", "nowhere", "dict[str, Any] | None", "Accepted.").by_default(
    None
)
