"""What calls cost: figures worked out by hand, laws that every price obeys, and prices that change with the day."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import ConfigError, UsageError
from curta.events import UsageReport
from curta.messages import Request, user
from curta.models import price_table, registry
from curta.models.forecast import forecast
from curta.models.prices import Price, Tier, at_most, cost, holds_for, in_words
from curta.models.wires import anthropic, gemini, openai_chat, openai_responses

DATED = "2026-01-01"
rates = st.floats(0, 100)
counts = st.integers(0, 2_000_000)


@st.composite
def prices(draw: st.DrawFn) -> Price:
    dearer = st.floats(1, 3)
    input = draw(rates)
    return Price(
        input, draw(rates), DATED, input * draw(st.floats(0, 1)), input * draw(dearer), input * 3 * draw(dearer)
    )


@st.composite
def usages(draw: st.DrawFn) -> UsageReport:
    fresh, cached, written, hour = (draw(counts) for _ in range(4))
    total = fresh + cached + written + hour
    return UsageReport(total, draw(counts), cached, 0, written=written + hour, written_for_an_hour=hour)


def plus(a: UsageReport, b: UsageReport) -> UsageReport:
    sums = {n: (getattr(a, n) or 0) + (getattr(b, n) or 0) for n in UsageReport._fields if n != "unit"}
    return UsageReport(**sums)


@given(prices(), usages(), usages())
def test_costs_add_up(price: Price, a: UsageReport, b: UsageReport) -> None:
    assert cost(price, plus(a, b)) == pytest.approx((cost(price, a) or 0) + (cost(price, b) or 0))


@given(prices(), usages(), usages())
def test_more_never_costs_less(price: Price, a: UsageReport, b: UsageReport) -> None:
    before, after = cost(price, a), cost(price, plus(a, b))
    assert before is not None
    assert after is not None
    assert after >= before * (1 - 1e-9)


@given(prices(), usages())
def test_nothing_costs_more_than_the_most(price: Price, usage: UsageReport) -> None:
    assert (cost(price, usage) or 0) <= at_most(price, usage.input or 0, usage.output or 0) * (1 + 1e-9)


# Hand-computed, from the usage each protocol reports


def test_openai_counts_what_was_cached_as_part_of_the_input() -> None:
    usage = openai_chat._report(
        {
            "prompt_tokens": 10_000,
            "completion_tokens": 2_000,
            "prompt_tokens_details": {"cached_tokens": 4_000},
            "completion_tokens_details": {"reasoning_tokens": 1_500},
        }
    )
    # 6,000 x 1.25 + 4,000 x 0.125 + 2,000 x 10 = 7,500 + 500 + 20,000 millionths
    assert cost(Price(1.25, 10, DATED, cached=0.125), usage) == pytest.approx(0.028)


def test_responses_do_too() -> None:
    usage = openai_responses._report(
        {"input_tokens": 1_000, "output_tokens": 100, "input_tokens_details": {"cached_tokens": 800}}
    )
    # 200 x 2 + 800 x 0.5 + 100 x 8
    assert cost(Price(2, 8, DATED, cached=0.5), usage) == pytest.approx(0.0016)


def test_deepseek_says_by_another_name_what_was_cached() -> None:
    usage = openai_chat._report({"prompt_tokens": 100, "completion_tokens": 10, "prompt_cache_hit_tokens": 60})
    assert (usage.input, usage.cached) == (100, 60)


def test_xai_counts_what_was_thought_apart_from_the_answer() -> None:
    told = {
        "prompt_tokens": 30,
        "completion_tokens": 10,
        "total_tokens": 340,
        "completion_tokens_details": {"reasoning_tokens": 300},
    }
    assert openai_chat._report(told).output == 310
    assert openai_chat._report({**told, "total_tokens": 40}).output == 10


def test_anthropic_counts_its_cache_apart_from_the_input() -> None:
    told = {
        "input_tokens": 1_000,
        "output_tokens": 500,
        "cache_read_input_tokens": 20_000,
        "cache_creation_input_tokens": 8_000,
        "written_for_an_hour": 3_000,
    }
    usage = anthropic._report(told)
    assert (usage.input, usage.cached, usage.written, usage.written_for_an_hour) == (29_000, 20_000, 8_000, 3_000)
    # 1,000 x 5 + 20,000 x 0.5 + 5,000 x 6.25 + 3,000 x 10 + 500 x 25 = 5,000 + 10,000 + 31,250 + 30,000 + 12,500
    price = Price(5, 25, DATED, cached=0.5, written=6.25, written_for_an_hour=10)
    assert cost(price, usage) == pytest.approx(0.08875)


def test_gemini_counts_thoughts_apart_from_the_answer() -> None:
    usage = gemini._report(
        {
            "promptTokenCount": 5_000,
            "cachedContentTokenCount": 1_000,
            "candidatesTokenCount": 300,
            "thoughtsTokenCount": 700,
        }
    )
    # 4,000 x 1.5 + 1,000 x 0.15 + 1,000 x 9
    assert cost(Price(1.5, 9, DATED, cached=0.15), usage) == pytest.approx(0.01515)


def test_all_of_a_long_request_costs_the_rate_for_long_ones() -> None:
    price = Price(0.1, 0.5, DATED, cached=0.01, tiers=(Tier(100_000, 0.5, 2.5, 0.05),))
    assert cost(price, UsageReport(100_000, 1_000)) == pytest.approx(0.0105)
    assert cost(price, UsageReport(100_001, 1_000, cached=50_000)) == pytest.approx(0.0300005)


# What is not known


@pytest.mark.parametrize(
    ("price", "usage"),
    [
        (None, UsageReport(1, 1)),
        (Price(1, 1, DATED), None),
        (Price(1, 1, DATED), UsageReport(None, 5)),
        (Price(1, 1, DATED), UsageReport(5, None)),
        (Price(1, 1, DATED), UsageReport(5, 5, unit="characters")),
    ],
)
def test_what_is_unknown_is_not_nothing(price: Price | None, usage: UsageReport | None) -> None:
    assert cost(price, usage) is None


def test_free_is_free_whatever_was_used() -> None:
    assert cost(Price(0, 0, DATED), None) == 0


def test_a_provider_that_counts_more_cached_than_sent_gives_no_discount_below_zero() -> None:
    assert cost(Price(2, 2, DATED, cached=1), UsageReport(10, 0, cached=30)) == pytest.approx(30 / 1_000_000)


@pytest.mark.parametrize("tier", ["flex", "priority", "something new"])
def test_another_class_of_service_has_a_price_of_its_own(tier: str) -> None:
    assert not holds_for({"service_tier": tier})


# Prices by date


def test_the_price_of_the_day_is_the_latest_that_had_begun() -> None:
    prices = price_table.read(
        [{"input": 2, "output": 4, "date": "2026-10-07"}, {"input": 1, "output": 2, "date": DATED}]
    )
    assert price_table.in_effect(prices, "2025-12-31") is None
    assert price_table.in_effect(prices, "2026-10-06").input == 1  # type: ignore[union-attr]
    assert price_table.in_effect(prices, "2026-10-07").input == 2  # type: ignore[union-attr]


def test_a_price_that_has_ended_is_unknown() -> None:
    prices = price_table.read({"input": 1, "output": 2, "date": DATED, "until": "2026-06-30"})
    assert price_table.in_effect(prices, "2026-06-30") is not None
    assert price_table.in_effect(prices, "2026-07-01") is None


def test_prices_of_your_own_win_and_have_a_history() -> None:
    price_table.set_own("gpt-5", Price(1, 2, "2020-01-01"))
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    price_table.set_own("gpt-5", Price(9, 9, tomorrow))
    assert registry.find("gpt-5").facts.price == Price(1, 2, "2020-01-01", source="you")
    assert next(entry for entry in registry.entries() if entry.name == "gpt-5").facts.price.input == 1  # type: ignore[union-attr]
    price_table.forget_own("gpt-5")
    assert registry.find("gpt-5").facts.price.source.startswith("https://")  # type: ignore[union-attr]


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), True, "2"])
def test_what_is_no_price_is_refused(rate: Any) -> None:
    with pytest.raises(UsageError):
        price_table.set_own("gpt-5", Price(rate, 1, DATED))
    with pytest.raises(UsageError):
        price_table.set_own("gpt-5", Price(1, 1, "yesterday"))


@pytest.mark.parametrize("written", ['{"m": 3}', '{"m": [{"input": 1}]}', '{"m": {"input": "x", "output": 1}}', "[]"])
def test_a_broken_file_of_prices_is_named(home: Path, written: str) -> None:
    home.mkdir()
    (home / "prices.json").write_text(written)
    with pytest.raises(ConfigError, match=r"prices\.json"):
        registry.find("gpt-5")


def test_every_price_of_the_catalogue_says_from_when_and_whom_it_is() -> None:
    for entry in registry.entries():
        if (price := entry.facts.price) and not price.free:
            assert date.fromisoformat(price.date)
            assert price.source.startswith("https://")
            assert json.dumps(price.to_dict())
            assert in_words(price)


# Before it is sent


def test_the_most_it_can_cost_follows_from_the_longest_answer() -> None:
    model = registry.get("gpt-5", key="x" * 20)
    request = Request("gpt-5", (user("hi"),), {"max_tokens": 1_000})
    expected = forecast(model, request)
    assert expected.most_output == 1_000
    assert expected.most_cost == pytest.approx((expected.most_input or 0) * 1.25e-6 + 0.01)
    assert forecast(model, replace(request, options={})).most_output == 128_000
    assert forecast(model, replace(request, options={"extra_body": {"n": 9}})).most_cost is None
    assert forecast(model, replace(request, options={"service_tier": "priority"})).most_cost is None
