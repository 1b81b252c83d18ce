"""Whatever an answer is, each scorer comes to a score or says why not, and in good time."""

import pytest

from curta.evals.scorers import Sample, scorer_of

SCORERS = [
    {"equals": "a"},
    {"icontains-all": ["a", "b"]},
    {"regex": r"\bword@\w+"},
    {"numeric": 5},
    {"choice": {"label": "yes", "of": ["yes", "no"]}},
    {"token-f1": "a b"},
    {"length": {"max_words": 5, "max_sentences": 2}},
    {"json-schema": "name, age int"},
    {"field-f1": {"a": [1, {"b": "c"}]}},
    {"quotes": {"against": "The pelican arrives on Tuesday."}},
    {"attribution": {"against": "The pelican arrives on Tuesday."}},
    {"refusal": True},
    {"coverage": ["a", ["é", "word"]]},
    {"quoted": "a"},
    {"chosen": {"of": ["yes", "no"]}},
    {"helps": ["a", "word"]},
    {"civil": {}},
    {"product": [{"contains": "a"}, "civil"]},
    {
        "constraints": {
            "items": 1, "highlights": 1, "placeholders": 1, "title": True, "quoted": True, "json": True,
            "paragraphs": 1, "includes": ["a", "("], "occurrences": {"a": 1}, "letters": {"é": 1},
            "postscript": True, "headings": 1,
        }
    },
]  # fmt: skip
ANSWERS = {
    "empty": "",
    "blank": " \n\t\r\n ",
    "control": "\x00\x07\x1b]8;;http://x\x07\x1b[2J",
    "surrogate": "a \ud800 b",
    "combining": "e" + "\u0301" * 5000,
    "right to left": "\u202etxt.exe\u202c שלום",
    "one long word": "not" + "a" * 100_000,
    "not not": "not " * 20_000,
    "numbers": "1e5 " * 3_000,
    "one long number": "9" * 50_000,
    "nesting": "[" * 50_000,
    "stars": "*" * 20_000 + " " + "**a" * 10_000,
    "marks": '"' * 20_000,
    "spaces": '"' + " " * 100_000 + "x",
    "fences": "```\n" * 5_000,
    "infinite": '{"a": 1e999, "age": NaN}',
    "lines": "\n \n" * 20_000,
}


@pytest.mark.parametrize("described", SCORERS, ids=lambda each: next(iter(each)))
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_any_answer_is_scored_or_says_why_not(described, answer: str) -> None:
    found = scorer_of(described).score(Sample(answer))
    assert (found.value is None) == bool(found.failure)
    assert found.value is None or 0 <= found.value <= 1
