"""Conversations of the log: named, listed, searched, gone on from at any call."""

from collections.abc import Callable

import pytest

from curta.errors import UnknownCall, UsageError
from curta.messages import Message, Reasoning, Text, assistant, user
from curta.store import Entry, Log, Outcome

Say = Callable[..., Entry]


def test_a_conversation_is_found_by_its_name_its_beginning_and_the_id_of_any_call(log: Log, say: Say) -> None:
    first = say("Name a bird")
    second = say("Another", before=(user("Name a bird"), assistant("yes")), conversation=first.id)
    log.name_conversation(second.id, "Birds of the Südsee 🐦")
    for way in ("Birds of the Südsee 🐦", "birds of the südsee 🐦", "Birds", first.id, second.id, second.id[:25]):
        assert log.history(way)[2].id == second.id
    assert log.call(second.id).conversation_name == "Birds of the Südsee 🐦"


def test_an_exact_name_wins_over_a_longer_one_and_two_beginnings_are_named(log: Log, say: Say) -> None:
    short, long = say("a"), say("b")
    log.name_conversation(short.id, "trip")
    log.name_conversation(long.id, "trip to Rome")
    assert log.history("trip")[2].id == short.id
    with pytest.raises(UnknownCall, match="several") as error:
        log.history("tri")
    assert "trip to Rome" in str(error.value)


def test_a_name_belongs_to_one_conversation_and_can_be_changed_and_taken_away(log: Log, say: Say) -> None:
    one, other = say("a"), say("b")
    log.name_conversation(one.id, "mine")
    with pytest.raises(UsageError, match="already"):
        log.name_conversation(other.id, "MINE")
    log.name_conversation(one.id, "Mine!")
    log.name_conversation(other.id, "mine")
    log.name_conversation("mine", None)
    with pytest.raises(UnknownCall):
        log.history("mine ")
    assert log.call(other.id).conversation_name is None


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101, "-n", " a", "\x1b[2J", "a\u202eb", "\ud800"])
def test_what_cannot_be_a_name_is_refused_and_changes_nothing(log: Log, say: Say, name: str) -> None:
    call = say("a")
    log.name_conversation(call.id, "before")
    with pytest.raises(UsageError):
        log.name_conversation(call.id, name)
    assert log.call().conversation_name == "before"


def test_a_name_goes_with_the_last_call_of_its_conversation(log: Log, say: Say) -> None:
    first = say("a")
    second = say("b", before=(user("a"), assistant("yes")), conversation=first.id)
    log.name_conversation(first.id, "mine")
    log.remove([first.id])
    assert log.history("mine")[2].id == second.id
    log.remove([second.id])
    with pytest.raises(UnknownCall):
        log.history("mine")
    log.name_conversation(say("c").id, "mine")


def test_redacting_takes_a_text_out_of_names_too(log: Log, say: Say) -> None:
    log.name_conversation(say("the secret plan").id, "secret plan")
    log.redact("secret", replacement="[gone]")
    assert log.call().conversation_name == "[gone] plan"
    assert b"secret" not in log.path.read_bytes()


def test_conversations_are_listed_latest_first_with_what_tells_them_apart(log: Log, say: Say) -> None:
    one = say("Name a bird")
    other = say("Name a fish", model="fishy")
    say("Another", before=(user("Name a bird"), assistant("yes")), conversation=one.id)
    log.name_conversation(other.id, "Fish")
    listed = list(log.conversations())
    assert [(each.id, each.name, each.prompt, each.turns, each.branches) for each in listed] == [
        (one.id, None, "Name a bird", 2, 1),
        (other.id, "Fish", "Name a fish", 1, 1),
    ]
    assert listed[1].model == "fishy"
    assert listed[0].started < listed[0].latest or listed[0].started == listed[0].latest


def test_a_search_finds_conversations_by_name_and_by_words_each_once(log: Log, say: Say) -> None:
    named = say("Tell me something")
    said = say("Pelicans, please", answer="Pelicans!")
    say("pelicans again", before=(user("Pelicans, please"), assistant("Pelicans!")), conversation=said.id)
    say("a fish")
    log.name_conversation(named.id, "Big Pelicans")
    assert [each.id for each in log.conversations("pelicans")] == [named.id, said.id]


def test_going_on_from_an_earlier_call_makes_a_branch_and_knows_where_it_began(log: Log, say: Say) -> None:
    first = say("a", answer="A")
    second = say("b", answer="B", before=(user("a"), assistant("A")), conversation=first.id)
    messages, tip, call = log.history_at(first.id)
    assert (messages, call.id) == ((user("a"), assistant("A")), first.id)
    third = say("c", answer="C", before=messages, base=tip, conversation=first.id)
    assert log.history(first.id)[0][-1] == assistant("C")
    assert [log.call(each.id).parent_id for each in (first, second, third)] == [None, first.id, first.id]
    assert next(log.conversations()).branches == 2


def test_the_parent_is_in_the_same_conversation_where_two_said_the_same(log: Log, say: Say) -> None:
    one, other = say("hi"), say("hi")
    follow = say("more", before=(user("hi"), assistant("yes")), conversation=one.id)
    assert log.call(follow.id).parent_id == one.id
    assert other.id != one.id


def test_one_goes_on_from_an_interrupted_answer_but_not_from_one_that_failed_or_said_nothing(
    log: Log, say: Say
) -> None:
    first = say("a", answer="A")
    begun = (user("a"), assistant("A"))
    for outcome in (
        Outcome("failed", assistant("half")),
        Outcome("interrupted", Message("assistant", (Reasoning("thinking"),))),
        Outcome("interrupted"),
    ):
        silent = say("b", before=begun, conversation=first.id, outcome=outcome)
        assert log.history(first.id)[0] == begun
        with pytest.raises(UnknownCall, match="no answer to go on from"):
            log.history_at(silent.id)
    say("b", before=begun, conversation=first.id, outcome=Outcome("interrupted", assistant("half")))
    assert log.history(first.id)[0] == (*begun, user("b"), assistant(Text("half")))
