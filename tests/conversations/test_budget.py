"""What may be spent: a call that could exceed it is never made, whoever makes it."""

from typing import Any

import pytest

import curta
from curta.conversations.budget import Budget
from curta.errors import ProviderError, TooExpensive, UsageError
from curta.models import price_table, registry
from curta.models.prices import Price
from tests.servers.openai import Failure

SMALL = {"max_tokens": 100}


@pytest.fixture
def server(openai_server: Any) -> Any:
    """The loopback server, with models that have a price: one dollar for a thousand tokens, in or out."""
    for name in ("hello", "tools", "echo", "endless", "unpriced"):
        registry.add(name, url=openai_server.url, model="hello" if name == "unpriced" else name)
        if name != "unpriced":
            price_table.set_own(name, Price(1_000, 1_000, "2020-01-01"))
    return openai_server


def ask(model: str = "hello", **how: Any) -> Any:
    return curta.prompt("hi", model=model, **{"options": SMALL, **how})


def test_a_call_that_fits_is_made_and_paid(server: Any) -> None:
    budget = Budget(1.0)
    assert ask(max_cost=budget).text()
    assert budget.spent == pytest.approx(curta.open_log().call().cost)
    assert budget.reserved == 0


def test_a_call_that_could_cost_more_is_never_sent(server: Any) -> None:
    with pytest.raises(TooExpensive, match=r"could cost .* more than may be spent") as refused:
        ask(max_cost=0.1).text()
    assert server.requests == []
    assert curta.open_log().count() == 0
    assert refused.value.exit_code == 4


def test_it_says_how_long_an_answer_would_fit(server: Any) -> None:
    with pytest.raises(TooExpensive, match=r"-o max_tokens \d+") as refused:
        ask(max_cost=1.0, options={"max_tokens": 5_000}).text()
    fits = int(refused.value.then.rpartition(" ")[2])
    assert ask(max_cost=1.0, options={"max_tokens": fits}).text()


@pytest.mark.parametrize(
    ("model", "options", "why"),
    [
        ("unpriced", SMALL, "models price unpriced"),
        ("hello", {}, "max_tokens"),
        ("hello", {**SMALL, "service_tier": "flex"}, "service_tier"),
    ],
)
def test_what_nobody_knows_is_refused_by_name(server: Any, model: str, options: Any, why: str) -> None:
    with pytest.raises(TooExpensive, match=why):
        ask(model, options=options, max_cost=1_000).text()
    assert server.requests == []


@pytest.mark.parametrize("limit", [-1.0, float("nan")])
def test_what_is_no_limit_is_refused(server: Any, limit: float) -> None:
    with pytest.raises(UsageError):
        ask(max_cost=limit)


def test_what_is_free_needs_no_budget() -> None:
    assert curta.prompt("When does it leave?", documents=[curta.Document("It leaves at nine.")], max_cost=0).text()


def test_prompts_share_a_budget_and_the_last_is_refused(server: Any) -> None:
    budget, made = Budget(0.3), 0
    while budget.limit - budget.spent > 0.2:
        ask(max_cost=budget).text()
        made += 1
    with pytest.raises(TooExpensive, match="is spent"):
        ask(max_cost=budget, options={"max_tokens": 200}).text()
    assert len(server.requests) == made
    assert made > 1
    assert budget.spent <= budget.limit


def test_a_chain_stops_before_the_call_that_would_exceed_it(server: Any) -> None:
    def look(text: str) -> str:
        """Look it up."""
        return "word " * 200

    chain = curta.prompt("go", model="tools", tools=[look], options=SMALL, max_cost=1.1)
    with pytest.raises(TooExpensive):
        chain.text()
    assert len(server.requests) == 1


def test_rounds_of_checking_count_together(server: Any) -> None:
    server.script('He said "this is nowhere" and "nor is this".')
    with pytest.raises(TooExpensive):
        curta.quoted("What?", model="hello", documents=[curta.Document("Nothing.")], options=SMALL, max_cost=0.5)
    assert len(server.requests) == 1


def test_a_refused_request_costs_nothing_and_a_broken_answer_the_most(server: Any) -> None:
    budget = Budget(5.0)
    server.script(Failure(400))
    with pytest.raises(ProviderError):
        ask(max_cost=budget).text()
    assert (budget.spent, budget.reserved) == (0, 0)
    for _ in ask("endless", max_cost=budget):
        break
    assert budget.reserved == 0
    assert budget.spent > 0.1


async def gathered(budget: Budget) -> list[Any]:
    import asyncio

    return await asyncio.gather(*(ask(max_cost=budget) for _ in range(5)), return_exceptions=True)


def test_calls_at_once_reserve_what_they_may_cost(server: Any) -> None:
    import asyncio

    results = asyncio.run(gathered(Budget(0.3)))
    assert len(server.requests) == sum(not isinstance(each, TooExpensive) for each in results) < 5
