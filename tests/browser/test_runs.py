"""Long runs, cancelled runs and failed runs: the page says what happened, and goes on."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.pages import Explain
from tests.browser.server import DemoServer
from tests.browser.watch import Problems

LONG = {"method": "ShapleyValueSampling", "p__n_samples": 5000}


def test_a_long_run_waits_shows_how_far_it_is_and_can_be_cancelled(
    page: Page, demo_server: DemoServer
) -> None:
    explain = Explain(page)
    explain.open(30, **LONG)
    expect(page.get_by_role("note")).to_contain_text(re.compile(r"[\d,]{7} passes.*waits for you"))
    page.get_by_role("button", name="Run it").click()
    bar = page.get_by_role("progressbar", name="Computing")
    expect(bar).to_be_visible()
    expect(explain.photo).to_contain_text("for +")  # what there is so far is drawn while it runs
    page.get_by_role("button", name="Cancel: Computing").click()
    expect(page.get_by_role("note")).to_contain_text("was cancelled")
    expect(bar).to_have_count(0)
    _wait_until_idle(demo_server)
    explain.choose("Saliency")
    page.get_by_role("button", name="Next example").click()
    explain.expect_result("Saliency")


def test_what_nobody_asked_for_ends_when_one_turns_away(
    page: Page, demo_server: DemoServer
) -> None:
    explain = Explain(page)
    explain.open(31, method="Rise", p__n_samples=1999)
    expect(explain.method).to_have_value("Rise")
    explain.choose("Saliency")
    _wait_until_idle(demo_server)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_method_that_fails_says_why_where_it_happened(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="AttentionRollout")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("No attention was seen")
    explain.choose("Saliency")
    expect(alert).to_have_count(0)


def test_more_features_than_exact_shapley_values_can_take_are_refused_in_a_sentence(
    page: Page, problems: Problems
) -> None:
    problems.expect("422")
    explain = Explain(page)
    explain.open(19, method="ShapleyValues")
    expect(page.get_by_role("alert")).to_contain_text("at most 20 features")
    expect(explain.run).to_be_disabled()
    explain.choose("KernelSHAP")
    expect(explain.run).to_be_enabled()


def test_a_number_out_of_range_is_told_at_its_field_before_anything_runs(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    steps = page.get_by_label("n steps")
    steps.fill("0")
    expect(page.get_by_role("alert")).to_have_text("The least allowed is 1.")
    expect(explain.run).to_be_disabled()
    steps.fill("30")
    steps.press("Enter")
    expect(explain.made_by).to_contain_text("n steps30")


def test_methods_that_need_what_this_view_lacks_say_so(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    option = explain.method.locator("option[value=FeaturePermutation]")
    expect(option).to_be_disabled()
    expect(option).to_contain_text("compares examples with one another")
    explain.open(19, method="NeuronConductance")
    expect(page.get_by_role("note")).to_contain_text("one unit of a layer")


def _wait_until_idle(server: DemoServer) -> None:
    deadline = time.monotonic() + 20
    while server.get("api/jobs").json()["jobs"]:
        assert time.monotonic() < deadline, "the server still computes"
