"""Whom an answer says it quotes: names the sources know, in the clause, row, list or heading of a quotation."""

import pytest

from curta.messages import Document, Span
from curta.quotes import check
from curta.quotes.extract import extract

AUTHORS = {"kestrel_ops", "nightferry", "ann lee"}
Q = '"people do get it wrong"'


def claimed(answer: str) -> str | None:
    (found,) = (quotation for quotation in extract(answer, AUTHORS) if "people do" in quotation.text)
    return found.claimed


@pytest.mark.parametrize(
    "answer",
    [
        f"As kestrel_ops put it, {Q}",
        f"According to kestrel_ops, {Q}",
        f"kestrel_ops says that {Q}",
        f"kestrel_ops argues in a later comment that {Q}",
        f"kestrel_ops agreed: {Q}",
        f"kestrel_ops describes it as {Q}",
        f"**kestrel_ops** — {Q}",
        f"**kestrel_ops** {Q}",
        f"kestrel_ops's comment: {Q}",
        f"kestrel_ops (46): {Q}",
        f"u/kestrel_ops: {Q}",
        f"The comment by kestrel_ops: {Q}",
        f"Laut kestrel_ops {Q}",
        f"{Q} by kestrel_ops",
        f"{Q} (by kestrel_ops)",
        f"{Q}, as kestrel_ops notes",
        f"{Q}, says kestrel_ops, who runs it",
        f"{Q}, according to kestrel_ops.",
        f"{Q}, kestrel_ops",
    ],
)
def test_an_author_named_in_the_clause_of_a_quotation_is_claimed(answer: str) -> None:
    assert claimed(answer) == "kestrel_ops"


@pytest.mark.parametrize(
    "answer",
    [
        f"| kestrel_ops | {Q} |",
        f"| Theme | {Q} | **kestrel_ops** |",
        f"### kestrel_ops\n\n{Q}",
        "### 2. kestrel_ops\n> people do get it wrong",
        f"- **kestrel_ops**\n  - {Q}",
        "kestrel_ops:\n\n> people do get it wrong",
        f'kestrel_ops says:\n\n- "it is so and so"\n- {Q}',
    ],
)
def test_an_author_in_the_row_heading_or_list_item_of_a_quotation_is_claimed(answer: str) -> None:
    assert claimed(answer) == "kestrel_ops"


@pytest.mark.parametrize(
    ("answer", "author"),
    [
        (f"kestrel_ops replied to nightferry: {Q}", "kestrel_ops"),
        (f"nightferry (replying to kestrel_ops): {Q}", "nightferry"),
        (f"nightferry, replying to kestrel_ops, said: {Q}", "nightferry"),
        (f"In response to kestrel_ops, nightferry says {Q}", "nightferry"),
        (f"In response to kestrel_ops: {Q}", None),
        (f"{Q} — nightferry (in reply to kestrel_ops)", "nightferry"),
        (f"nightferry: {Q} (in reply to kestrel_ops)", "nightferry"),
        (f"Replies to kestrel_ops:\n- {Q}", None),
        (f"### kestrel_ops\n\nnightferry replied: {Q}", "nightferry"),
        (f'Ann Lee said {Q}, nightferry said "it is all so".', "Ann Lee"),
    ],
)
def test_who_is_answered_is_not_who_speaks(answer: str, author: str | None) -> None:
    assert claimed(answer) == author


@pytest.mark.parametrize(
    "answer",
    [
        f"kestrel_ops and nightferry agree: {Q}",
        f"nightferry disputes kestrel_ops's claim that {Q}",
        f"kestrel_ops rejects {Q}",
        f"kestrel_ops argues against the idea that {Q}",
        f"kestrel_ops says nightferry is wrong about {Q}",
        f"{Q} was disputed by kestrel_ops",
        f"| {Q} | replying to kestrel_ops |",
        f"| kestrel_ops | nightferry | {Q} |",
    ],
)
def test_where_names_compete_or_somebody_disagrees_nobody_is_claimed(answer: str) -> None:
    assert claimed(answer) is None


def test_a_name_in_the_clause_makes_a_wrong_author_fail() -> None:
    texts = {"nightferry": "But people do get it wrong.", "kestrel_ops": "I agree with all of it."}
    thread = "\n".join(texts.values())
    spans = tuple(Span(thread.index(said), thread.index(said) + len(said), name) for name, said in texts.items())
    source = Document(thread, spans=spans)
    assert check(f"As kestrel_ops put it, {Q}", [source]).quotes[0].author_ok is False
    assert check(f"As nightferry put it, {Q}", [source]).quotes[0].author_ok is True
