"""What a report says to people, programs and models, and the answer in which nothing unverified stands."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from curta.messages import Document, Span
from curta.quotes import Sources, check, fix
from tests.quotes.corruptions import CORRUPTIONS, DOCUMENTS, LEGITIMATE, cases

ANN = "I like it, and it would not work without the wheel. The price was 3,500 dollars."
BOB = "The quick brown fox jumps over the lazy dogs (a long list of names) every day."
THREAD = Document(
    f"{ANN}\n{BOB}", uri="thread.json", spans=(Span(0, len(ANN), "ann"), Span(len(ANN) + 1, len(ANN + BOB) + 1, "bob"))
)
ANSWER = """\
- "it would work" — ann
- "The quick brown fox … every day" — bob
- "The quick brown fox" — ann
- "it was all invented by me" — bob
- "it would … work without the wheel" — ann
About 40 % agreed.
"""


def test_problems_are_messages_a_model_can_act_on() -> None:
    assert check(ANSWER, [THREAD]).problems() == [
        'quote 1: the source says "would not", you wrote "would"',
        "quote 3: these words are by bob, not ann",
        "quote 4: not found; quote exactly or drop it",
        'quote 5: what it leaves out has "not"; quote it whole',
        '"40 %": no source has it; give the expression or drop it',
    ]


def test_the_summary_reads_as_documented() -> None:
    lines = [" ".join(line.split()) for line in check(ANSWER, [THREAD]).summary().splitlines()]
    assert lines == [
        "1 of 5 quotations verified",
        '✗ altered "it would work" thread.json ann 15-32 source: "it would *not* work"',
        '✓ elided "The quick brown fox … every day" bob 81-158 left out: '
        '"jumps over the lazy dogs (a long list of names)"',
        '✗ verbatim "The quick brown fox" bob 81-100 these words are by bob, not ann',
        '✗ absent "it was all invented by me" not found',
        '✗ elided "it would … work without the wheel" ann 15-50 left out: "not" omits: not',
        'numbers: 1 unsupported ("40 %") · names: all seen',
    ]


def test_the_report_as_json_has_the_documented_shape() -> None:
    report = check(ANSWER, [THREAD]).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert list(report) == ["quotes", "numbers", "counts", "names", "unchecked", "ok"]
    assert report["quotes"][0] == {
        "text": "it would work",
        "position": 3,
        "status": "altered",
        "ok": False,
        "spans": [{"source": "thread.json", "start": 15, "end": 32, "text": "it would not work", "author": "ann"}],
        "author": {"claimed": "ann", "ok": True},
        "diff": [["", "not"]],
        "flags": [],
    }


def test_fixing_puts_in_the_sources_words_and_strikes_out_the_rest() -> None:
    assert (
        fix(ANSWER, check(ANSWER, [THREAD]))
        == """\
- “it would not work” — ann
- "The quick brown fox … every day" — bob
- ~~"The quick brown fox"~~ [unverified: by bob] — ann
- ~~"it was all invented by me"~~ [unverified: not found] — bob
- “it would not work without the wheel” — ann
About ~~40 %~~ [no source has it] agreed.
"""
    )


def test_a_json_answer_is_still_json_when_fixed() -> None:
    answer = json.dumps({"claims": [{"quote": "it would work", "author": "ann"}, {"quote": "all made up by me"}]})
    fixed = json.loads(fix(answer, check(answer, [THREAD])))
    assert fixed["claims"][0]["quote"] == "it would not work"
    assert fixed["claims"][1]["quote"] == "~~all made up by me~~ [unverified: not found]"


def test_what_passes_is_not_touched() -> None:
    answer = '"I like it" — ann; “the price was 3,500 dollars” — ann'
    assert fix(answer, check(answer, [THREAD])) == answer


def test_a_fixed_answer_passes() -> None:
    sources = Sources(DOCUMENTS)
    drawn = [*cases(9, CORRUPTIONS, 12, legitimate=False), *cases(9, LEGITIMATE, 8, legitimate=True)]
    random.Random(9).shuffle(drawn)
    for begin in range(0, len(drawn), 20):
        answer = "".join(f"- “{case.text}” — {case.author}\n\n" for case in drawn[begin : begin + 20])
        fixed = fix(answer, check(answer, sources))
        assert check(fixed, sources).problems() == []


@settings(max_examples=150)
@given(st.text("“”\"'«»>-—~[](){}\n\r ab 12.%,:`*_@ann…不", max_size=120))
def test_any_answer_can_be_checked_and_fixed(answer: str) -> None:
    report = check(answer, [THREAD], prompt="a b")
    json.dumps(report.to_dict())
    assert report.summary()
    fix(answer, report)
    for quote in report.quotes:
        assert 0 <= quote.quotation.outer_start <= quote.position <= quote.quotation.end <= len(answer)
