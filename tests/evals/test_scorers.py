"""Scorers: what a spec can ask of an answer, and what becomes of specs, answers and scorers that are wrong."""

import json

import pytest

from curta import Document, Span
from curta.errors import UsageError
from curta.evals.scorers import Sample, Score, Scorer, patterns, scorer_of


def score(described, output: str, **row) -> float | None:
    found = scorer_of(described).score(Sample(output, row))
    assert (found.value is None) == bool(found.failure)
    return found.value


@pytest.mark.parametrize(
    ("described", "output", "expected"),
    [
        ({"equals": "Paris"}, " Paris\n", 1),
        ({"equals": "Paris"}, "paris", 0),
        ({"iequals": "the “Seine”"}, 'The "Seine"', 1),
        ({"equals": ["yes", "Yes"]}, "Yes", 1),
        ({"contains": "42"}, "It is 42.", 1),
        ({"contains": 42}, "It is 42.", 1),
        ({"icontains": "STRASSE"}, "In der Straße.", 1),
        ({"contains-any": ["tea", "coffee"]}, "some coffee", 1),
        ({"contains-all": ["tea", "coffee"]}, "some coffee", 0),
        ({"icontains-all": ["tea", "coffee"]}, "Coffee, then TEA", 1),
        ({"not-contains": "sorry"}, "Sure.", 1),
        ({"not-contains": "sorry"}, "I am sorry", 0),
        ({"regex": r"^\d{3}-\d{4}$"}, "555-0199", 1),
        ({"regex": r"(?i)HELLO"}, "well, hello", 1),
        ({"regex": r"^a"}, "", 0),
        ({"numeric": 18}, "She has 3 + 15 = **18** dollars.", 1),
        ({"numeric": 1234.5}, "The sum is 1,234.5", 1),
        ({"numeric": 1234.5}, "Die Summe ist 1.234,5 und das war es auch schon.", 1),
        ({"numeric": -5}, "x = -5", 1),
        ({"numeric": 6.02e23}, "about 6.02e23 of them", 1),
        ({"numeric": {"value": 3.14159, "tolerance": 0.01}}, "roughly 3.14", 1),
        ({"numeric": {"value": 100, "relative": 0.05}}, "104", 1),
        ({"numeric": {"value": 100, "relative": 0.05}}, "106", 0),
        ({"numeric": {"value": 7, "take": "first"}}, "7 of 9", 1),
        ({"numeric": {"value": 7, "take": "any"}}, "1, 7 or 9", 1),
        ({"numeric": 7}, "no number here", 0),
        ({"choice": {"label": "spam", "of": ["spam", "not spam"]}}, "Spam.", 1),
        ({"choice": {"label": "spam", "of": ["spam", "not spam"]}}, "This is not spam", 0),
        ({"choice": {"label": "B", "of": ["A", "B"]}}, "The answer is a clear **B**.", 1),
        ({"token-f1": "the Eiffel Tower"}, "Eiffel tower!", 1),
        ({"token-f1": ["Paris", "the city of Paris"]}, "City of Paris", 1),
        ({"token-f1": "red green"}, "red blue", 0.5),
        ({"token-f1": "北京"}, "北", 2 / 3),
        ({"token-f1": "x"}, "", 0),
        ({"length": {"max_words": 3}}, "one two three", 1),
        ({"length": {"max_words": 3, "min_words": 2}}, "one", 0),
        ({"length": {"max_sentences": 1}}, "One. Two.", 0),
        ({"json-schema": "name, age int"}, '{"name": "Ada", "age": 36}', 1),
        ({"json-schema": "name, age int"}, 'Here:\n```json\n{"name": "Ada", "age": 36}\n```', 1),
        ({"json-schema": {"type": "array", "minItems": 1}}, "[]", 0),
        ({"json-schema": {"schema": {"type": "array"}}}, "[]", 1),
        ({"json-schema": "name"}, "not JSON", 0),
        ({"field-f1": {"name": "Ada", "age": 36}}, '{"name": "ADA", "age": "36"}', 1),
        ({"field-f1": {"name": "Ada", "age": 36}}, '{"name": "Ada", "town": null}', 2 / 3),
        ({"field-f1": {"tags": ["a", "b"]}}, '{"tags": ["b", "a"]}', 1),
        ({"field-f1": {"name": "Ada"}}, "[[[", 0),
        ({"refusal": True}, "The text does not say who paid.", 1),
        ({"refusal": True}, "I don’t know.", 1),
        ({"refusal": True}, "Das wird im Text nicht erwähnt.", 1),
        ({"refusal": True}, "Le texte ne mentionne pas cela.", 1),
        ({"refusal": True}, "Mrs Pooter paid.", 0),
        ({"refusal": False}, "Mrs Pooter paid.", 1),
        ({"refusal": {"expected": True, "says": "NOT IN TEXT"}}, "not in text.", 1),
        ("refusal", "", 1),
    ],
)
def test_answers_are_scored(described, output: str, expected: float) -> None:
    assert score(described, output) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("follow", "kept", "broken"),
    [
        ({"max_words": 3}, "one two three", "one two three four"),
        ({"min_sentences": "2"}, "One. Two.", "One."),
        ({"paragraphs": 2}, "One.\n\nTwo.", "One."),
        ({"items": 2}, "- one\n- two", "1. one\n2. two\n3. three"),
        ({"headings": 1}, "# One\ntext", "text"),
        ({"highlights": 2}, "*one* and **two**", "*one*"),
        ({"placeholders": 1}, "Dear [name],", "Dear you,"),
        ({"includes": ["pelican", "fish"]}, "The Pelican eats fish.", "The pelicans eat fish."),
        ({"excludes": "very"}, "It is good.", "It is VERY good."),
        ({"occurrences": {"tea": 2}}, "Tea, and more tea.", "Tea."),
        ({"letters": {"o": 3}}, "Oh no, oo.", "no"),
        ({"starts_with": "Dear"}, "dear  Ada", "Hello"),
        ({"ends_with": "Yours, Bob"}, "... Yours,  Bob", "Yours"),
        ({"lowercase": True}, "all small", "Not all"),
        ({"uppercase": True}, "ALL", "all"),
        ({"max_capital_words": 1}, "One BIG thing", "TWO BIG things"),
        ({"no_commas": True}, "a b", "a, b"),
        ({"no_digits": True}, "two", "2"),
        ({"quoted": True}, '"So be it."', "So be it."),
        ({"title": True}, "<<On Tea>>\nIt is.", "On Tea"),
        ({"postscript": True}, "Yours\nP.S. Tea.", "Yours"),
        ({"json": True}, '{"a": 1}', "{a}"),
        ({"json": False}, "words", "[]"),
    ],
)
def test_instructions_are_verified(follow, kept: str, broken: str) -> None:
    assert score({"constraints": follow}, kept) == 1
    assert score({"constraints": follow}, broken) == 0


def test_of_several_instructions_the_share_that_is_kept_counts() -> None:
    found = scorer_of({"constraints": {"max_words": 3, "no_commas": True, "lowercase": True}}).score(Sample("a, b C"))
    assert found == Score(pytest.approx(1 / 3), {"broken": ["no_commas", "lowercase"]})


def test_a_label_outside_of_the_set_is_told_apart_from_a_wrong_one() -> None:
    scorer = scorer_of({"choice": {"label": "$label", "of": ["joy", "anger"]}})
    wrong, outside, both = (scorer.score(Sample(each, {"label": "joy"})) for each in ("Anger", "fear", "joy or anger"))
    assert (wrong.value, wrong.detail["outside"]) == (0, False)
    assert (outside.value, outside.detail["outside"]) == (0, True)
    assert both.detail["outside"] is True


def test_quotations_are_scored_against_the_documents_of_the_sample() -> None:
    document = Document("Ada said that the pelican arrives on Tuesday at four, with its own fish.", "a.txt")
    scorer = scorer_of("quotes")

    def value(output: str) -> float | None:
        return scorer.score(Sample(output, documents=(document,))).value

    assert value('He notes that "the pelican arrives on Tuesday at four".') == 1
    assert value('He notes that "the pelican arrives on Monday at four".') == 0
    assert value("Without any quotation.") == 0
    assert score({"quotes": {"against": "$text", "least": 0}}, "No quotation.", text="Anything.") == 1


def test_whom_an_answer_quotes_is_scored() -> None:
    text = "the bot commits straight to main with their name as the author"
    thread = Document(text, "thread", spans=(Span(0, len(text), author="mossgate"),))
    scorer = scorer_of({"attribution": None})
    right = scorer.score(Sample('mossgate says "the bot commits straight to main".', documents=(thread,)))
    assert right == Score(1.0, {"claimed": 1, "right": 1})
    assert scorer.score(Sample('"the bot commits straight to main".', documents=(thread,))).value == 0


def test_a_program_is_run_against_its_tests(box) -> None:
    scorer = scorer_of({"program": {"tests": "$tests", "seconds": 20}})
    row = {"tests": "import program\n\ndef test_adds():\n    assert program.add(2, 3) == 5\n"}
    right = "Here it is:\n```python\ndef add(a, b):\n    return a + b\n```\n"
    assert scorer.score(Sample(right, row)).value == 1
    wrong = scorer.score(Sample(right.replace("+", "-"), row))
    assert (wrong.value, "AssertionError" in str(wrong.detail["error"])) == (0, True)
    assert scorer.score(Sample("import os\nos._exit(0)", row)).value == 0


def test_columns_are_filled_in_as_they_are() -> None:
    assert score({"contains": "$answer"}, "It is 42", answer=42) == 1
    assert score({"numeric": "$answer"}, "It is 42", answer="42") == 1
    assert score({"contains-any": "$answers"}, "b", answers=["a", "b"]) == 1
    assert score({"equals": "$$5 for ${the thing}"}, "$5 for tea", **{"the thing": "tea"}) == 1
    assert score({"refusal": "$absent"}, "Unknown.", absent="yes") == 1
    assert scorer_of({"choice": {"label": "$label", "of": ["$a", "b"]}}).fields == {"label", "a"}


def test_a_column_that_is_empty_is_a_failed_score() -> None:
    found = scorer_of({"contains": "$answer"}).score(Sample("x", {"answer": None}))
    assert found.failure == "'words' of the scorer 'contains' takes a text or a list, not None."


def test_a_column_that_is_not_there_is_a_failed_score() -> None:
    found = scorer_of({"contains": "$anwser"}).score(Sample("x", {"answer": "x"}))
    assert found == Score(None, failure="The input has no column 'anwser'. It has: answer.")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}$"])
def test_a_pattern_that_never_ends_is_ended(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    found = scorer_of({"regex": pattern}).score(Sample("a" * 60 + "!"))
    assert "takes longer than 0.2 seconds" in found.failure
    monkeypatch.undo()
    assert score({"regex": "a+"}, "aaa") == 1


@pytest.mark.parametrize("text", ["\x00\x1b]8;;\x07", "\ud800 \U0010ffff", "x" * 1_000_000, ""])
def test_a_pattern_meets_any_text(text: str) -> None:
    assert score({"regex": "x$"}, text) == float(text.endswith("x"))


@pytest.mark.parametrize("given", [1.2, -0.1, float("nan"), float("inf"), "good", None])
def test_a_number_outside_of_0_and_1_is_an_error_and_no_score(given) -> None:
    found = Scorer("mine", 1, lambda sample: given).score(Sample("x"))
    assert found.value is None
    assert "0, 1" in found.failure or "no number" in found.failure


@pytest.mark.parametrize("error", [ValueError("it broke"), RecursionError(), SystemExit(3), UsageError("not so")])
def test_a_scorer_that_raises_is_a_failed_score_with_its_reason(error: BaseException) -> None:
    def rate(sample: Sample) -> float:
        raise error

    found = Scorer("mine", 1, rate).score(Sample("x"))
    assert found.value is None
    assert found.failure


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"contians": "x"}, "Did you mean 'contains'?"),
        ({"not-contians": "x"}, "Did you mean 'not-contains'?"),
        ({"length": {"max_word": 3}}, "Did you mean 'max_words'?"),
        ({"length": {"max_words": "many"}}, "takes a whole number, not 'many'"),
        ({"length": {}}, "needs a bound"),
        ({"size": "wrods"}, "Did you mean 'words'?"),
        ({"not-size": "words"}, "no scorer called"),
        ({"constraints": {"max_wrods": 3}}, "Did you mean 'max_words'?"),
        ({"constraints": {"max_words": "ten"}}, "takes a whole number"),
        ({"constraints": {"letters": 3}}, "takes words with numbers"),
        ({"constraints": {}}, "takes names with values"),
        ({"regex": "("}, "is no regular expression"),
        ({"contains": None}, "needs 'words'"),
        ({"numeric": {"value": 1, "take": "best"}}, "last, first, any"),
        ({"numeric": {"value": 1, "tolerance": -1}}, "0 or more"),
        ({"choice": {"label": "a", "of": ["b", "c"]}}, "none of the labels"),
        ({"choice": {"label": "a", "of": ["a"]}}, "two different labels"),
        ({"json-schema": {"type": "objekt"}}, "has to be one of"),
        ({"program": {"tests": "", "language": "cobol"}}, "cobol"),
        ({"contains": "a", "regex": "b"}, "a name with its settings"),
        ("contains", "needs 'words'"),
        (3, "a name with its settings"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_nearest_that_can(described, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        scorer_of(described)
    assert said in str(raised.value)


def test_what_a_scorer_was_told_can_be_stored_beside_its_scores() -> None:
    stored = json.loads(json.dumps(scorer_of({"length": {"max_words": 40}}).to_dict()))
    assert stored == {"name": "length", "version": 1, "settings": {"max_words": 40}, "mark": ""}
    assert scorer_of({"judge": {"asks": "Is it polite?"}}).mark == "unvalidated judge"
