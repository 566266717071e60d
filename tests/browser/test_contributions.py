"""How much photo and question contribute, in three measures whose numbers agree."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Explain, number, numbers, shares

ROUNDING = 1.0  # percent: shares are written without decimals


@pytest.fixture
def explain(page: Page) -> Explain:
    view = Explain(page)
    view.open(19)
    view.expect_result("Integrated Gradients")
    return view


def rows(explain: Explain, measure: str) -> dict[str, str]:
    """What is written beside each input in one measure."""
    button = explain.contributions.get_by_role("button", name=measure)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    items = explain.contributions.get_by_role("listitem").all()
    found = {
        item.locator(".ellipsis").inner_text(): item.locator(".value").inner_text()
        for item in items
    }
    assert list(found) == ["photo", "question"]
    return found


def test_net_and_magnitude_are_shares_of_the_whole(explain: Explain) -> None:
    net, magnitude = shares(rows(explain, "Net")), shares(rows(explain, "Magnitude"))
    assert sum(map(abs, net.values())) == pytest.approx(100, abs=ROUNDING)
    assert sum(magnitude.values()) == pytest.approx(100, abs=ROUNDING)
    assert all(value >= 0 for value in magnitude.values())
    for name, panel in (("photo", explain.photo), ("question", explain.question)):
        share = panel.locator("header").get_by_text("of all strength").inner_text()
        assert number(share) == pytest.approx(magnitude[name], abs=ROUNDING)


def test_shapley_values_add_up_to_the_change_of_the_score(explain: Explain) -> None:
    written = rows(explain, "Shapley")
    values = [numbers(text)[0] for text in written.values()]
    parts = shares(written)
    assert sum(parts.values()) == pytest.approx(100, abs=ROUNDING)
    sentence = explain.contributions.get_by_text("adds up to").inner_text()
    total = numbers(sentence)[-1]
    # Each number is written with three digits or more, so it is within half a percent.
    score, baseline = explain.fact("Score, f(x)"), explain.fact("Score at the baseline")
    written_to = 0.005 * sum(map(abs, (*values, total, score, baseline)))
    assert sum(values) == pytest.approx(total, abs=written_to)
    assert total == pytest.approx(score - baseline, abs=written_to)
    strengths = [abs(value) for value in values]
    assert parts["photo"] == pytest.approx(100 * strengths[0] / sum(strengths), abs=ROUNDING)


def test_another_method_leaves_the_shapley_values_as_they_are(explain: Explain) -> None:
    before = rows(explain, "Shapley")
    explain.choose("Input x gradient")
    assert rows(explain, "Shapley") == before
