"""What an answer of the built-in model prefers and leaves out, on small texts."""

import pytest

from curta.events import TextDelta
from curta.messages import Document, Request, Span, user
from curta.models.extractive import Extractive


def ask(question: str, text: str | Document) -> list[str]:
    document = Document(text, "text") if isinstance(text, str) else text
    request = Request("extractive", (user(document, question),))
    return "".join(e.text for e in Extractive().exchange(request).events if isinstance(e, TextDelta)).splitlines()


LEDGER = (
    "The Old Pump\n\nThe pump stands in the yard behind the school. Martha Finch had it built when she was master. "
    "The whole village paid for the pump. It came to eleven pounds. The pump is painted green every spring. "
    "The handle is bent, because a cart ran into the pump. The trough beside it is nine feet long.\n\n"
    "The Bell\n\nThe bell of the school was rung by a boy called Tobias. He married at nineteen and went to sea."
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much money did the village pay for the pump?", "It came to eleven pounds."),
        ("What colour is the pump?", "The pump is painted green every spring."),
        ("How long is the trough?", "The trough beside it is nine feet long."),
        ("At what age did he marry?", "He married at nineteen and went to sea."),
        ("What is the name of the boy?", "The bell of the school was rung by a boy called Tobias."),
    ],
)
def test_the_wanted_kind_is_quoted_also_from_the_sentence_beside(question: str, answer: str) -> None:
    assert answer in ask(question, LEDGER)


@pytest.mark.parametrize("question", ["What is the name of the parrot?", "How do I connect it to wifi?"])
def test_words_that_set_the_kind_and_verbs_find_nothing_by_themselves(question: str) -> None:
    text = LEDGER + " The name was lost. Connect the hose to the tap."
    assert ask(question, text) == []


@pytest.mark.parametrize(
    "question",
    ["Wie hoch ist der Beitrag?", "Um wie viel steigt der Mitgliedsbeitrag?", "Wie hoch ist der neue Jahresbeitrag?"],
)
def test_german_compounds_are_found_by_a_part(question: str) -> None:
    text = (
        "Die Kasse ist in Ordnung. Der Jahresbeitrag steigt auf 105 Euro. Das Fest ist im Juli und die Musik kommt "
        "von Herrn Vogt. Die Arbeit am Dach beginnt im Mai."
    )
    assert "Der Jahresbeitrag steigt auf 105 Euro." in ask(question, text)


def test_headings_answer_only_where_nothing_else_does() -> None:
    text = "CHAPTER II. A Race and a Long Tale\n\nThe race was run on the sand. It took half an hour.\n\nTicket office"
    assert not any("Tale" in line for line in ask("How long did the race take?", text))
    assert "It took half an hour." in ask("How long did the race take?", text)
    assert ask("Where is the ticket office?", text) == ["Ticket office"]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "He rose. “The wheel is gone. Nobody will mend it,” he said.",
            "“The wheel is gone. Nobody will mend it,” he said.",
        ),
        (
            "She sat. ‘Where’s the wheel? Nobody’s seen it!’ she cried.",
            "‘Where’s the wheel? Nobody’s seen it!’ she cried.",
        ),
    ],
)
def test_half_a_quotation_is_made_whole(text: str, whole: str) -> None:
    assert ask("Is the wheel gone?" if "gone" in text else "Has nobody seen the wheel?", text) == [whole]


def test_a_summary_of_a_story_prefers_telling_to_speech() -> None:
    told = "Anna carried the letter of the miller over the bridge to the priest of the village."
    said = "“I carried the letter of the miller over the bridge to the priest of the village, {}.”"
    story = "\n\n".join(f"{said.format(i)}\n\n{told.replace('letter', f'letter {i}')}" for i in ("one", "two", "three"))
    lines = ask("summarize in 3 sentences", story)
    assert lines
    assert not any(line.startswith("“") for line in lines)


def test_a_discussion_is_led_by_the_comment_most_replies_hang_under() -> None:
    said = [
        ("ann", 1, None, "We tried the very same plan for the harbour in two winters and gave it up again."),
        *(
            (name, 2, "0", f"The harbour plan of {name} went well with boats and nets.")
            for name in ("bob", "cas", "dee")
        ),
        ("eve", 1, None, "The nets and boats of the harbour cost more every winter than the plan allows."),
    ]
    text, spans = "", []
    for number, (author, depth, parent, words) in enumerate(said):
        spans.append(Span(len(text), len(text) + len(words), author, str(number), depth=depth, parent=parent))
        text += words + "\n\n"
    lines = ask("summarize in 2 sentences", Document(text, "thread", spans=tuple(spans)))
    assert lines[0] == f"“{said[0][3]}” — ann"
