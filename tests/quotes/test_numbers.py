"""What a number of an answer means, and whether a source has it: units, times, languages, rounding, words."""

import pytest

from curta.messages import Document, Span
from curta.quotes import check


@pytest.mark.parametrize(
    ("source", "answer", "found"),
    [
        ("It has 50 people.", "It has 50,000 people.", "unsupported"),
        ("They paid 3 euros.", "3,000 euros", "unsupported"),
        ("It cost 50 dollars and 2 commits.", "Over 50,000 dollars.", "unsupported"),
        ("Meet at 14:30.", "Meet at 14:45.", "unsupported"),
        ("Meet at 14:30.", "Meet at 14:30.", "present"),
        ("Meet at 14:30.", "Meet at 2:30 pm.", "present"),
        ("Meet at 2:30 am.", "at 2:30 pm", "unsupported"),
        ("Meet at 2 pm", "Meet at 14:00", "present"),
        ("Um 14 Uhr ist es so.", "at 14:00", "present"),
        ("Profit rose 5%.", "Profit rose 5 percentage points.", "unsupported"),
        ("rose 5 percentage points", "rose 5 percentage points", "present"),
        ("rose 5 percentage points", "rose 5 %", "unsupported"),
        ("It has 212 MB.", "212 GB", "unsupported"),
        ("It has 212 MB.", "212MB", "present"),
        ("It cost $95 and $30", "95 hours", "unsupported"),
        ("It cost $95 and $30", "30 minutes", "unsupported"),
        ("a 30-day window", "30 days it is", "present"),
        ("in ten per cent of it", "10% it is", "present"),
        ("in 10%", "ten per cent of it", "present"),
        ("one in five", "20% of it", "present"),
        ("two thirds", "67%", "present"),
        ("two thirds", "66%", "unsupported"),
        ("from 1914-18", "in 1918", "present"),
        ("it was -5 degrees", "it was minus 5 degrees", "present"),
        ("it was minus 5 degrees", "it was -5 degrees", "present"),
        ("it was 5 degrees", "it was minus 5 degrees", "unsupported"),
        ("三百人", "这里有300人。", "present"),
        ("there were 512 people", "more than 500 people", "rounded"),
        ("there were 480 people", "more than 500 people", "unsupported"),
        ("there were 512 people", "more than 400 people", "unsupported"),
        ("there were 480", "fewer than 500 there", "rounded"),
        ("Louis XIV was", "number 14 it was", "present"),
        ("in the nineties it", "in the 1990s it", "present"),
        ("in 1994 it", "in the 1990s it", "rounded"),
        ("in 1984 it", "in the 1990s it", "unsupported"),
        (
            "Die Stadt hat 3.512 Einwohner und es ist die Stadt.",
            "The town has 3,512 people and it is of the size.",
            "present",
        ),
        ("Die Stadt hat 1,5 Mio. Einwohner, es ist die Stadt.", "The town has 1.5 million people", "present"),
        ("The town has 1,234 people in it", "1234 people", "present"),
        ("The price is 1.234 of it", "the price is 1.234", "present"),
        ("3 hours", "3 hours", "present"),
        ("It is 12 minus 5.", "It is 12 minus 5, so.", "present"),
        ("The file is 3.5 GB.", "about 3.5GB is the file", "present"),
        ("It was 2 m long", "it was 2 m long", "present"),
        ("at 10am they", "at 10 a.m. they", "present"),
        ("ratio 16:9 of it", "the ratio is 16:9", "present"),
        ("it ran in 1:23:45 h", "it ran in 1:23:45", "present"),
        ("50 %", "half of it is", "present"),
    ],
)
def test_a_number_is_what_its_form_unit_and_language_say(source: str, answer: str, found: str) -> None:
    assert {number.status for number in check(answer, [Document(source)]).numbers} == {found}


@pytest.mark.parametrize(
    "answer",
    [
        "See line 3.",
        "Comment 49 is it.",
        "Section 3 and pages 4-6",
        "as said [3,4]",
        "(1) first, (2) second",
        "“x y z of it” (46)",
    ],
)
def test_a_reference_claims_nothing(answer: str) -> None:
    assert check(answer, [Document("x y z of it")]).numbers == ()


def test_part_of_a_compound_number_word_is_no_number() -> None:
    source = Document("Il y a 23 membres dans la ville.")
    assert check("Vingt-trois membres dans la ville.", [source]).ok


def test_three_digits_after_a_mark_are_ambiguous_only_in_an_unknown_language() -> None:
    for written in ("3,512", "3.512"):
        assert check("3512", [Document(written)]).ok
        assert check(written, [Document("3512")]).ok
    assert not check("It is 3.512 of the whole", [Document("It is 3512 of the whole")]).ok


def test_the_number_of_a_comment_is_no_number_of_hours() -> None:
    source = Document("[95] ann:\nIt took long.", spans=(Span(10, 23, "ann"),))
    assert not check("It took 95 hours.", [source]).ok
