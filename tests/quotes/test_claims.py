"""Numbers, counts, names and whatever cannot be decided."""

import pytest

from curta.messages import Document, Span
from curta.quotes import Report, check
from curta.quotes.expression import evaluate

NUMBERS = Document(
    "The town has 3,512,345 people. It spent 1.2 million euros, or 12 % of its budget, on twelve mills. "
    "Half of them were open on May 3, 2024. 12 of 30 members voted; the vote was -5 to 7."
)


def status(answer: str, source: Document = NUMBERS, prompt: str = "") -> list[tuple[str, str]]:
    return [(number.text, number.status) for number in check(answer, [source], prompt=prompt).numbers]


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("3512345 people", "present"),
        ("3.512.345 people", "present"),
        ("It spent 1,200,000 there", "present"),
        ("It spent €1.2 million there", "present"),
        ("It spent $1.2 million there", "unsupported"),
        ("about 3.5 million people", "rounded"),
        ("3.5 million people", "rounded"),
        ("3.6 million people", "unsupported"),
        ("roughly 3,500,000 people", "rounded"),
        ("3,500,000 people", "unsupported"),
        ("there were 12 mills", "present"),
        ("twelve percent of it", "present"),
        ("12 percent of it", "present"),
        ("40 % of the members", "unsupported"),
        ("40 % (= 12 / 30) of the members", "derived"),
        ("40 % [= 12/30] of the members", "derived"),
        ("12 / 30 = 40 % of the members", "derived"),
        ("60 % (= 1 - 12/30) of the members", "derived"),
        ("45 % (= 12 / 30) of the members", "unsupported"),
        ("40 % (= 14 / 35) of the members", "unsupported"),
        ("a difference of 18 (30 - 12)", "derived"),
        ("50 % of them", "present"),
        ("on 2024-05-03 it was", "present"),
        ("on 3 May 2024 it was", "present"),
        ("on 4 May 2024 it was", "unsupported"),
        ("the year 2024 it was", "present"),
        ("minus -5 it was", "present"),
        ("all seventeen mills", "unsupported"),
    ],
)
def test_a_number_is_compared_by_value_unit_and_precision(claim: str, found: str) -> None:
    assert [state for _, state in status(f"It says {claim}.")] == [found]


@pytest.mark.parametrize(
    "answer",
    [
        "1. First\n2. Second\n3) Third",
        "## 4. What they say\n\n### Step 5: go on",
        "Three themes emerge, and 4 main arguments.",
        "As one of them said [7], [8, 9].",
        "See https://example.org/2025/77 and `x = 99`.",
        "GPT-4 and H2O and utf8 are names.",
    ],
)
def test_numbers_that_claim_nothing_are_left_alone(answer: str) -> None:
    report = check(answer, [NUMBERS])
    assert report.numbers == ()
    assert report.ok


def test_numbers_of_the_question_are_neutral() -> None:
    assert status("You asked for 99 words.", prompt="Summarise in 99 words") == [("99", "prompt")]
    assert check("You asked for 99 words.", [NUMBERS], prompt="Summarise in 99 words").ok


def test_numbers_inside_quotations_are_the_quotations_affair_except_in_scare_quotes() -> None:
    assert status("“The town has 3,512,345 people”") == []
    assert status("The “41 %” are wrong.") == [("41 %", "unsupported")]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("12 / 30", 0.4),
        ("(3,500 + 500) * 2", 8000),
        ("1,5 × 2", 3),
        ("-3 − 4", -7),
        ("1 / 0", None),
        ("2 ** 9", None),
        ("__import__('os')", None),
        ("9" * 500, None),
        ("(" * 60 + "1" + ")" * 59, None),
        ("1 +", None),
    ],
)
def test_expressions_are_arithmetic_and_nothing_else(expression: str, value: float | None) -> None:
    assert evaluate(expression) == value


def thread(*said: tuple[str, str]) -> Document:
    text, spans = "", []
    for author, words in said:
        spans.append(Span(len(text), len(text) + len(words), author))
        text += words + "\n"
    return Document(text, uri="thread.json", spans=tuple(spans))


THREAD = thread(
    ("ann", "search is far too slow"), ("bob", "I cannot find any page"), ("eve", "it works for me"), ("dan", "no idea")
)


def counts(answer: str) -> list[tuple[str, int, int, bool]]:
    return [(count.text, count.claimed, count.found, count.ok) for count in check(answer, [THREAD]).counts]


def test_a_count_is_recomputed_from_the_verified_quotations_under_its_point() -> None:
    answer = """
## Search (2 people)
- "search is far too slow" — ann
- "I cannot find any page" — bob

## Fine (3 users)
- "it works for me" — eve
- "it works for me" — eve
- "it works for him" — dan
"""
    assert counts(answer) == [("2 people", 2, 2, True), ("3 users", 3, 1, False)]
    assert check(answer, [THREAD]).ok is False


def test_more_than_claimed_is_fine() -> None:
    answer = (
        'Two people complain: "search is far too slow" — ann; "I cannot find any page" — bob; "it works for me" — eve'
    )
    assert counts(answer) == [("Two people", 2, 3, True)]


def test_how_many_wrote_at_all_is_counted_in_the_sources() -> None:
    assert counts("The thread has 4 comments by 4 users.") == [("4 comments", 4, 4, True), ("4 users", 4, 4, True)]


def test_a_number_of_people_that_the_source_gives_is_no_count() -> None:
    source = thread(("ann", "In all 12 people were there"), ("bob", "indeed"))
    report = check("There were 12 people.", [source])
    assert report.counts == ()
    assert [number.status for number in report.numbers] == ["present"]


def test_names_and_links_that_no_source_has_are_listed_and_fail_nothing() -> None:
    source = Document("Ada Lovelace wrote to https://example.org/a about Babbage.")
    report = check(
        "So Ada Lovelace met Grace Hopper. See https://example.org/a and https://bad.example/b now.", [source]
    )
    assert [name.text for name in report.names] == ["https://bad.example/b", "Grace Hopper"]
    assert report.ok


def test_a_capital_alone_makes_no_name() -> None:
    source = Document("The town has a mill in it.")
    assert check("## Key Takeaways\n\nIn January it was, and II and KB too.", [source]).names == ()
    german = "Der Beitrag ist in der Bücherei, und die Leitung war mit Ada Lovelace da. Die Bücherei ist zu."
    assert [name.text for name in check(german, [source]).names] == ["Ada Lovelace"]


@pytest.mark.parametrize("count", ["2,600 people", "more than 2,000 people", "14 Personen"])
def test_a_number_of_people_near_that_of_a_source_is_no_count_of_who_is_quoted(count: str) -> None:
    source = thread(("ann", "We're at 2,600 in the company"), ("bob", "and it is 14 members"))
    report = check(f'So {count} have it: "in the company" — ann', [source])
    assert report.counts == ()
    assert report.ok


def test_whom_somebody_replies_to_leaves_nothing_unchecked() -> None:
    report = check('"search is far too slow"\n— ann (in reply to bob)', [THREAD])
    assert report.unchecked == ()


def test_sentences_with_nothing_to_decide_are_unchecked() -> None:
    report = check("The town is lovely. “The town has 3,512,345 people.” It has 12 mills. All are happy.", [NUMBERS])
    assert [passage.text for passage in report.unchecked] == ["The town is lovely.", "All are happy."]


def test_an_empty_answer_claims_nothing() -> None:
    report = check("", [NUMBERS])
    assert report == Report()
    assert report.ok
