"""Existing code runs after one changed import: the same names, arguments and defaults."""

from __future__ import annotations

import inspect
from typing import Any

import captum.attr
import captum.metrics
import pytest
from torch import nn

import attriboard.captum

CLASSES = [
    name
    for name in attriboard.captum.__all__
    if hasattr(getattr(attriboard.captum, name), "row") or name == "NoiseTunnel"
]
FUNCTIONS = ["infidelity", "infidelity_perturb_func_decorator", "sensitivity_max"]
BASES = ["GradientAttribution", "PerturbationAttribution", "LayerAttribution", "NeuronAttribution"]


def arguments(function: Any) -> list[tuple[str, Any]]:
    """Names and defaults, functions aside: ours and Captum's are others."""
    return [
        (p.name, None if callable(p.default) and p.default is not p.empty else p.default)
        for p in inspect.signature(function).parameters.values()
        if p.kind is not p.VAR_KEYWORD
    ]


def held(library: Any, name: str) -> Any:
    """An instance on a small model."""
    net = nn.Sequential(nn.Linear(2, 2))
    kind = getattr(library, name)
    if name == "NoiseTunnel":
        return kind(library.IntegratedGradients(net))
    takes_layer = "layer" in inspect.signature(kind).parameters
    return kind(net, net[0]) if takes_layer else kind(net)


@pytest.mark.parametrize("name", CLASSES)
def test_arguments(name: str):
    ours, theirs = getattr(attriboard.captum, name), getattr(captum.attr, name)
    assert arguments(ours) == arguments(theirs)
    assert arguments(ours.attribute) == arguments(theirs.attribute)


@pytest.mark.parametrize("name", CLASSES)
def test_what_an_instance_says(name: str):
    ours, theirs = held(attriboard.captum, name), held(captum.attr, name)
    assert ours.has_convergence_delta() == theirs.has_convergence_delta()
    assert ours.multiplies_by_inputs == theirs.multiplies_by_inputs
    assert ours.get_name() == theirs.get_name()
    assert type(ours).__name__ == name
    for base in BASES:
        kind, other = getattr(attriboard.captum, base), getattr(captum.attr, base)
        known = name == "GuidedGradCam" or isinstance(ours, kind) == isinstance(theirs, other)
        assert known, base


@pytest.mark.parametrize("name", CLASSES)
def test_help_is_generated(name: str):
    kind = getattr(attriboard.captum, name)
    assert "engine" in inspect.getdoc(kind)
    told = inspect.getdoc(kind.attribute)
    for argument in inspect.signature(kind.attribute).parameters:
        assert argument in ("self", "inputs") or f"{argument}:" in told


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str):
    ours, theirs = getattr(attriboard.captum, name), getattr(captum.metrics, name)
    assert arguments(ours) == arguments(theirs)


def test_every_class_of_captum_that_is_in_scope_is_here():
    elsewhere = {
        "DataLoaderAttribution",
        "LLMAttribution",
        "LLMGradientAttribution",
        "LimeBase",
        "RemoteLLMAttribution",
    }
    theirs = {
        name for name in captum.attr.__all__ if hasattr(getattr(captum.attr, name), "attribute")
    }
    bases = {"NeuronAttribution", "Attribution", "LayerAttribution"}
    assert {
        n for n in theirs if not n.endswith("Attribution") or n in elsewhere
    } - elsewhere == set(CLASSES) - bases


def test_wrong_arguments_are_named():
    net = nn.Linear(2, 2)
    with pytest.raises(TypeError, match="inputs"):
        attriboard.captum.Saliency(net).attribute()
    with pytest.raises(TypeError, match="wrong"):
        attriboard.captum.Saliency(net).attribute(None, wrong=1)
