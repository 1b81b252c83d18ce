"""At the command line: what a call may cost, what it cost, and answers that the log gives again."""

from typing import Any

import pytest

from curta.store import open_log
from tests.cli.conftest import Curta, Terminal

PRICE = ("--input", "2", "--output", "8")


def test_a_prompt_that_could_cost_too_much_is_refused(added: Curta, openai_server: Any) -> None:
    added("models", "price", "hello", *PRICE)
    done = added("-m", "hello", "hi", "--max-cost", "0.001", "-o", "max_tokens", "1000")
    assert (done.code, done.out) == (4, "")
    assert "could cost" in done.err
    assert "-o max_tokens" in done.err
    assert openai_server.requests == []
    assert added("-m", "hello", "hi", "--max-cost", "0.01", "-o", "max_tokens", "1000").code == 0


def test_an_unknown_price_is_refused_by_name(added: Curta, openai_server: Any) -> None:
    done = added("-m", "hello", "hi", "--max-cost", "5")
    assert (done.code, openai_server.requests) == (4, [])
    assert "curta models price hello" in done.err


def test_a_dry_run_says_what_it_would_cost(added: Curta) -> None:
    added("models", "price", "hello", *PRICE)
    done = added("-m", "hello", "hi", "--dry-run", "-o", "max_tokens", "1000")
    assert "About " in done.err
    assert "at most $0.0080" in done.err
    assert added("-m", "hello", "hi", "--dry-run", "--max-cost", "0.0001", "-o", "max_tokens", "1000").code == 4
    assert "price unknown" in added("-m", "echo", "hi", "--dry-run").err


def test_what_was_used_is_said_with_the_date_of_its_price(added: Curta) -> None:
    assert "cost unknown" in added("-m", "hello", "hi", "-u").err
    added("models", "price", "hello", *PRICE, "--date", "2026-01-02")
    assert "at the price of 2026-01-02" in added("-m", "hello", "hi", "-u").err
    assert "cost unknown" in added("logs", "-u", "-n", "2").out


def test_a_new_price_changes_nothing_that_was_paid(added: Curta) -> None:
    added("models", "price", "hello", *PRICE)
    added("-m", "hello", "hi")
    paid = open_log().call().cost
    added("models", "price", "hello", "--input", "200", "--output", "800")
    assert open_log().call().cost == paid


def test_a_price_is_shown_and_forgotten(added: Curta) -> None:
    assert added("models", "price", "hello").out == "hello: price unknown\n"
    assert "$2.00 in, $8.00 out" in added("models", "price", "hello", *PRICE).out
    assert "price: $2.00 in, $8.00 out" in added("models", "show", "hello").out
    assert added("models", "price", "hello", "--json").json["price"]["source"] == "you"
    assert added("models", "price", "hello", "--forget").code == 0
    assert added("models", "price", "hello").out == "hello: price unknown\n"
    assert added("models", "price", "hello", "--input", "2").code == 2
    assert added("models", "price", "nobody", *PRICE).code == 2


def test_the_log_answers_and_says_so(added: Curta, openai_server: Any) -> None:
    first = added("-m", "hello", "hi", "--cache")
    again = added("-m", "hello", "hi", "--cache", "-u")
    assert again.out == first.out
    assert len(openai_server.requests) == 1
    assert f"From the log: call {open_log().call().cached_from}" in again.err
    assert "$0, from the log" in again.err
    assert "the answer of call" in added("logs", "-n", "1").out


@pytest.mark.parametrize("flags", [["--json"], ["-x"], ["--quotes"], ["--check"], ["--no-stream"], ["-n"]])
def test_every_way_to_show_it_works_from_the_log(added: Curta, openai_server: Any, flags: list[str]) -> None:
    added("-m", "echo", "hi", *(["--quotes"] if flags == ["--quotes"] else []), stdin="A text.")
    sent = len(openai_server.requests)
    done = added("-m", "echo", "hi", "--cache", *flags, stdin="A text.")
    assert len(openai_server.requests) == sent
    assert "From the log" in done.err
    assert "user:" in done.out
    if flags == ["--json"]:
        assert done.json[0]["cached_from"]


def test_a_dry_run_says_that_the_log_would_answer(added: Curta) -> None:
    added("-m", "hello", "hi")
    assert "The log would answer it" in added("-m", "hello", "hi", "--cache", "--dry-run").err


def test_costs_are_summed_and_unknown_ones_counted(added: Curta) -> None:
    assert "The log is empty" in added("logs", "cost").err
    added("-m", "echo", "hi")
    added("models", "price", "hello", "--input", "2000", "--output", "8000")
    for _ in range(2):
        added("-m", "hello", "hi", "--cache")
    found = added("logs", "cost", "--by", "model", "--json").json
    of = {group["model"]: group for group in found["groups"]}
    assert (of["hello"]["calls"], of["hello"]["unknown"], of["hello"]["repeated"]) == (2, 0, 1)
    assert (of["echo"]["cost"], of["echo"]["unknown"]) == (None, 1)
    assert found["total"]["cost"] == of["hello"]["cost"] > 0
    table = added("logs", "cost", "--by", "model").out.splitlines()
    assert table[0].startswith("hello")
    assert "unknown" in table[1]
    assert "and 1 of unknown cost" in table[2]


@pytest.mark.parametrize("by", ["day", "month", "caller", "conversation"])
def test_costs_are_summed_by_anything(added: Curta, by: str) -> None:
    for words in ("one", "two"):
        added("-m", "hello", words, "-c" if words == "two" else "--no-stream")
    found = added("logs", "cost", "--by", by, "--json").json
    assert [group["calls"] for group in found["groups"]] == [2]
    assert added("logs", "cost", "--by", by, "-m", "echo", "--json").json["groups"] == []


def test_costs_since(added: Curta) -> None:
    added("-m", "hello", "hi")
    assert added("logs", "cost", "--since", "1h", "--json").json["total"]["calls"] == 1
    assert added("logs", "cost", "--since", "2099-01-01", "--json").json["total"]["calls"] == 0
    assert added("logs", "cost", "--since", "soon").code == 2


def test_a_call_is_sent_again_to_another_model(added: Curta, openai_server: Any) -> None:
    added("-m", "hello", "-s", "Be brief.", "hi", "-o", "seed", "7", stdin="A text.")
    done = added("logs", "replay", "-m", "echo", "-o", "seed", "null", "-o", "top_p", "1", "--diff")
    first, second = (request.body for request in openai_server.requests)
    assert second["messages"] == first["messages"]
    assert (second["model"], second.get("seed"), second["top_p"]) == ("echo", None, 1)
    assert "[-Hello" in done.out
    assert "{+system: Be brief." in done.out
    assert [(call.model, call.caller) for call in open_log().calls()] == [("echo", "replay"), ("hello", "prompt")]


def test_a_replay_can_be_looked_at_first(added: Curta, openai_server: Any) -> None:
    added("-m", "hello", "hi")
    id = open_log().call().id
    assert '"model": "echo"' in added("logs", "replay", id, "-m", "echo", "--dry-run").out
    assert added("logs", "replay", id, "--max-cost", "1").code == 4
    assert len(openai_server.requests) == 1
    assert added("logs", "replay", id, "--json").json["replayed"] == id
    assert added("logs", "replay", "zzz").code == 1


def test_two_calls_are_told_apart(added: Curta) -> None:
    added("-m", "echo", "What is red?", "-o", "seed", "1", stdin="The barn is red.")
    added("-m", "echo", "What is blue?", "-o", "seed", "2", stdin="The barn is blue.")
    new, old = (call.id for call in open_log().calls())
    shown = added("logs", "diff", old, new).out
    assert "option seed: [-1-]{+2+}" in shown
    assert "user: What is [-red-]{+blue+}?" in shown
    assert "document stdin: The barn is [-red-]{+blue+}." in shown
    found = added("logs", "diff", old, new, "--json").json
    assert {each["name"] for each in found["request"]} == {"option seed", "user", "document stdin"}
    assert found["answer"]["pieces"]
    assert "The answers are the same" in added("logs", "diff", old, old).err


def test_on_a_terminal_differences_are_coloured(added: Curta, terminal: Any) -> None:
    for words in ("one red barn", "one blue barn"):
        added("-m", "echo", words)
    new, old = (call.id for call in open_log().calls())
    shown: Terminal = terminal("logs", "diff", old, new)
    shown.wait()
    assert b"\x1b[31mred\x1b[0m" in shown.screen
    assert b"\x1b[32mblue\x1b[0m" in shown.screen
