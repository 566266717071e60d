"""Everything a board is checked for at construction. Each problem is a sentence with its mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attriboard.board.dry_run import Tried, check
from attriboard.board.models import Model, check_arity
from attriboard.board.source import Example, Source
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Extra, Input, Text
from attriboard.outputs import Output

TRIED = 4  # examples sent through the models
READ = 32  # examples read for their labels


@dataclass(frozen=True)
class Findings:
    """What trying the board has shown: inputs that know the data, and warnings."""

    inputs: tuple[Input, ...]
    labelled: bool
    warnings: tuple[str, ...]


def check_output(output: Output) -> Output:
    """Refuse what is no output."""
    if isinstance(output, Output):
        return output
    raise InvalidInput(
        f"output= is {output!r:.60}; give Classes([...]), MultiLabel([...]), Regression(name), "
        "PerToken([...]), or a dict of them by name for a model with several heads.",
        "output",
    )


def check_inputs(inputs: Input | Sequence[Input]) -> tuple[Input, ...]:
    """The inputs as a tuple; refuses none, what is no input, and equal names."""
    given = (inputs,) if isinstance(inputs, Input) else tuple(inputs or ())
    if not given:
        raise InvalidInput(
            "inputs= is empty. Give one entry for each argument of the model, such as "
            '[Image("photo")].',
            "inputs",
        )
    for entry in given:
        if not isinstance(entry, Input):
            raise InvalidInput(
                f'inputs= holds {entry!r:.60}; give Image("photo"), Text("question", ...) and the '
                "like.",
                "inputs",
            )
    _check_extras(given)
    names = [entry.name for entry in given]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(f"Two inputs are called {name!r}. Rename one.", "inputs")
    return given


def _check_extras(given: Sequence[Input]) -> None:
    """Extras come after the inputs, and one of a text names it."""
    kinds = [entry.attributed for entry in given]
    if not any(kinds):
        raise InvalidInput(
            "inputs= holds nothing to explain: give one input that is no Extra.", "inputs"
        )
    if sorted(kinds, reverse=True) != kinds:
        late = given[kinds.index(False)].name
        raise InvalidInput(
            f"{late!r} is an Extra and stands before an input. Extras are the model's last "
            "arguments: wrap the model where it takes them in another order.",
            "inputs",
        )
    for entry in given:
        if isinstance(entry, Extra) and entry.of is not None:
            texts = [one.name for one in given if isinstance(one, Text)]
            if entry.of not in texts:
                raise InvalidInput(
                    f"Extra {entry.name!r} is of={entry.of!r}, which is no text of this board; it "
                    f"has {', '.join(texts) or 'none'}.",
                    "inputs",
                )


def validate(
    models: Mapping[str, Model], source: Source, inputs: Sequence[Input], output: Output
) -> Findings:
    """Try `models` on a few examples of the dataset."""
    names = [entry.name for entry in inputs if not isinstance(entry, Extra) or entry.passed]
    for name, model in models.items():
        check_arity(name, model, names)
    examples = [source.example(index) for index in _spread(source, inputs)]
    fitted = tuple(_fitted(entry, _some(examples, entry.fitted_on)) for entry in inputs)
    tried = [_tried(fitted, example) for example in _some(examples, TRIED)]
    warnings = [doubt for entry in fitted for doubt in entry.doubts(examples[0].raw[entry.name])]
    for name, model in models.items():
        warnings += check(name, model, fitted, output, tried)
    labelled = any(example.label is not None for example in examples)
    return Findings(fitted, labelled, tuple(dict.fromkeys(warnings)))


def _spread(source: Source, inputs: Sequence[Input]) -> list[int]:
    """The first, the last and some examples between them; more where reading costs little."""
    count = max(READ, min(entry.fitted_on for entry in inputs))
    return sorted({0, len(source) - 1, *source.indices(count - 2, 0)})


def _some(examples: Sequence[Example], count: int) -> Sequence[Example]:
    """At most `count` of the examples, spread evenly, the first and the last among them."""
    last = len(examples) - 1
    steps = min(count, len(examples)) - 1
    return (
        [examples[round(step * last / steps)] for step in range(steps + 1)]
        if steps
        else examples[:1]
    )


def _fitted(entry: Input, examples: Sequence[Example]) -> Input:
    raws = []
    for example in examples:
        raw = example.raw[entry.name]
        try:
            entry.tensor(raw)
        except InvalidInput as error:
            raise InvalidInput(f"Example {example.index}: {error}", error.field) from error
        raws.append(raw)
    return entry.fitted(raws)


def _tried(inputs: Sequence[Input], example: Example) -> Tried:
    tensors = tuple(entry.tensor(example.raw[entry.name])[None] for entry in inputs)
    return Tried(example, tensors)
