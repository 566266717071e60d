"""The grammar of `where`: what it refuses and how it says so, and that strings stay data."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attriboard.catalog import Query
from attriboard.catalog.where import parse
from attriboard.engine.errors import InvalidInput
from tests.catalog.conditions import quoted
from tests.catalog.conftest import Filled


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("score >", "At character 8 of where: expected a value"),
        ("score 0.5", "At character 7 of where: expected an operator after 'score'"),
        ("(score > 1", 'At character 11 of where: expected "and", "or" or a closing bracket'),
        ("score > 1 label = 2", 'At character 11 of where: expected "and", "or" or the end'),
        ("scoer > 1", "there is no column 'scoer'. Did you mean 'score'? Columns: index, label"),
        (
            "label = blue",
            "expected a value: a text in quotes, a number, true or false, found 'blue'",
        ),
        ('label = "Bleu"', "no class is called 'Bleu'; there are for example 'Blue'"),
        ("label < 'red'", "is compared with =, != or in by name"),
        ("question = 3", "the text column 'question' is compared with a text in quotes, not 3"),
        ("score = 'high'", "the number column 'score' is compared with a number, not 'high'"),
        ("score = true", "is compared with a number, not True"),
        ("correct = 1", "the yes/no column 'correct' is compared with true or false, not 1"),
        ("score contains 'a'", "the number column 'score' has no 'contains'"),
        ("score", "the number column 'score' is compared with a number, not True"),
        ("question contains blue", "expected a text in quotes, found 'blue'"),
        ("question starts 'a'", 'expected "with"'),
        ("score is 3", 'expected "null" or "not null"'),
        ("score in 3", "expected an opening bracket"),
        ("score in (3", "expected a comma or a closing bracket"),
        ("score in ()", "At character 11 of where: expected a value"),
        ("question = 'a", "At character 12 of where: the quote ' is never closed"),
        ("score > 1; drop table examples", "At character 10 of where: ';' cannot be read here"),
        ("null = 3", "expected a column, found 'null'"),
        ("not", "expected a column, found the end"),
        ("(" * 60 + "score > 1" + ")" * 60, "nested more than 50 deep"),
        ("not " * 400 + "correct", "nested more than 50 deep"),
        ("score > 1 or " * 400 + "score > 1", "at most 4000 are read"),
    ],
)
def test_a_mistake_is_named_with_its_place(filled: Filled, expression: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        filled.catalog.page(Query(where=expression))
    assert caught.value.field == "where"
    assert said in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(codec=None, exclude_categories=[]), max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text)
    except InvalidInput as error:
        assert error.field == "where"  # noqa: PT017


INJECTIONS = [
    "'; DROP TABLE examples; --",
    '" OR 1=1 --',
    "%' OR '1'='1",
    "\\'; ATTACH 'x.db'; --",
    "?",
    "$1",
    "\x00",
    "\ud800",
    "`",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_strings_are_data(filled: Filled, text: str) -> None:
    whole = filled.catalog.page(Query()).total
    rows = [row for row in filled.world.plain if row["question"] is not None]
    holding = [row["index"] for row in rows if text in row["question"]]
    assert filled.catalog.indices(Query(where=f"question contains {quoted(text)}")) == holding
    assert filled.catalog.indices(Query(q=text)) == holding
    assert filled.catalog.indices(Query(where=f"split in ({quoted(text)}, 'train')"))
    for query in (
        Query(label=text),
        Query(predicted=text),
        Query(sort=text),
        Query(model=text),
        Query(cursor=text),
        Query(where=f"`{text.replace('`', '``')}` = 1"),
    ):
        with pytest.raises(InvalidInput):
            filled.catalog.page(query)
    assert filled.catalog.page(Query()).total == whole


def test_a_class_may_be_called_like_an_index(filled: Filled) -> None:
    by_name = filled.catalog.indices(Query(where='label = "7"'))
    assert by_name == filled.catalog.indices(Query(where="label = 2"))
    assert by_name == filled.catalog.indices(Query(label="7"))
    assert by_name == filled.catalog.indices(Query(label=2))
    assert by_name
    assert filled.catalog.indices(Query(where="label = 7")) == []
