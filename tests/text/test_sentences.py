"""Sentences as spans of the raw text: where one ends, and what they promise about any text at all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curta.text.sentences import blocks, is_heading, sentences

# "|" marks where the text is cut; it occurs in none of them otherwise.
CUT = {
    "two statements": "The ferry was late. |Nobody minded.",
    "question and answer": "Is the shop open? |It closed at six.",
    "exclamation": "Mind the step! |It is wet.",
    "several marks": "You did what?! |Say that again.",
    "no final mark": "The lamp is green. |All is well",
    "title before a name": "Ask Dr. Osei about it. |She knows.",
    "title in the plural": "Messrs. Hale and Pym signed. |The clerk did not.",
    "initials": "It was painted by J. R. Whitlow. |The frame came later.",
    "initial inside a name": "Harriet B. Lowe kept the books.",
    "initial that ends a sentence": "Take vitamin C. |The dose is small.",
    "abbreviation followed by small letters": "Bring pens, paper, etc. to the hall.",
    "abbreviation that may end a sentence": "We sold it to Pym & Co. |The price was fair.",
    "abbreviation of a country": "She moved to the U.S. |The visa took a year.",
    "abbreviation of a country inside": "He left the U.S. Navy in May.",
    "latin abbreviations": "Use a solvent, e.g. Turpentine, i.e. nothing with water.",
    "versus": "The case is Hart vs. Lane. |It ended well.",
    "figure reference": "The valve is shown in fig. 3. |Turn it left.",
    "number sign": "He lives at No. 7 Mill Lane. |The bell is broken.",
    "page reference": "See pp. 14 and 15. |They differ.",
    "the word no": "I asked twice and she said no. |We left.",
    "time of day": "We met at 9 a.m. on the pier. |It rained.",
    "time of day before a name": "At 5 p.m. Mr. Farrow came. |He was wet.",
    "decimal number": "It weighs 2.5 kg. |That is too much.",
    "money": "It cost $3.50. |I paid.",
    "web address": "Look at example.org/a.b?c=1. |It is short.",
    "file name": "Open main.py and run it. |Nothing happens.",
    "ellipsis inside": "I thought ... well, never mind. |Let us go.",
    "ellipsis that ends": "She never said.... |We never asked.",
    "spaced ellipsis": "The walls . . . were painted white. |The door was not.",
    "elision in brackets": "The report [...] Was never printed. |It was lost.",
    "quotation that ends a sentence": "“I will not go.” |She stayed.",
    "quotation that goes on": "“Will you come?” she asked. |He nodded.",
    "full stops inside a quotation": "“Go home. Stay there.” was all she said. |He went.",
    "straight quotation marks": 'He called "Stop. Turn round." and ran. |Nobody turned.',
    "bracket with a full stop inside": "The mill (it stood till 1901. Then it burnt.) was tall. |It had sails.",
    "bracketed sentence": "He came first. |(Nobody else had entered.) |We cheered.",
    "next sentence in quotation marks": "She stopped. |“What is that?”",
    "number begins the next": "It rained all day. |12 people came.",
    "accented capital": "L'année était finie. |École et mairie fermèrent.",
    "french abbreviation": "M. Fabre arriva. |Mme. Aldebert partit.",
    "german ordinal": "Am 3. Oktober war Markt. |Alle kamen.",
    "german century": "Im 19. Jahrhundert stand hier ein Turm. |Er fiel um.",
    "german abbreviation": "Man nahm z.B. Torf. |Das rauchte.",
    "german quotation": "„Geh heim. Bleib dort.“ war alles. |Er ging.",
    "spanish marks": "¿Quién llama? |¡Abre la puerta! |Nadie abrió.",
    "italian": "Il sig. Rossi è qui. |È in ritardo.",
    "dutch": "Dat kost bijv. Tien euro. |Dat is veel.",
    "russian": "Дом стоял на ул. Садовой. |Его снесли.",
    "greek": "Ήταν νύχτα. |Έβρεχε.",
    "chinese": "他来了。|我们走吧！|好吗？",
    "chinese quotation": "他说：「走吧。快点。」|然后就走了。|天黑了。",
    "japanese": "雨が降った。|試合は中止です。",
    "hindi": "वह घर गया। |दरवाज़ा बंद था।",
    "arabic": "هل وصل القطار؟ |نعم وصل. |شكرا.",
    "urdu": "وہ آیا۔ |پھر چلا گیا۔",
    "armenian": "Նա եկավ։ |Մենք գնացինք։",
    "hebrew": "הוא הגיע. |היא הלכה.",
    "emoji between": "That is great! |🎉 We won.",
    "hard-wrapped line": "The tide was out and the boats lay on\ntheir sides. |Nobody could\nleave before noon.",
    "wrapped before a capital": "The letter was written in haste by the sister of\n"
    "Edmund Farrow in the winter of 1911.\n|It was lost.",
    "blank line": "The Mill at Harle\n\n|It was tall.",
    "list": "- |the first thing\n- |the second thing. |It has two.",
    "numbered list": "1. |Open the lid.\n2. |Close it again.",
    "windows line ends": "One came.\r\n\r\n|Two went. |None stayed.",
    "markdown heading": "## |What it costs\n|Nothing.",
    "quoted line": "> |you never wrote\n\n|I did write.",
    "table row": "|a\tb. C\td\n|e\tf\tg",
    "fenced code": "Run it:\n```\n|x = f(a). B\n```\n|It prints.",
}


def cut(marked: str) -> tuple[str, list[str]]:
    """The text, and the sentences expected of it: list, heading and quote marks belong to none."""
    text = marked.replace("|", "")
    parts = [part.strip() for part in marked.split("|")]
    return text, [part.removesuffix("\n-").removesuffix("\n2.").removesuffix("\n```").strip() for part in parts]


@pytest.mark.parametrize("name", CUT)
def test_a_sentence_ends_where_a_reader_says(name: str) -> None:
    text, expected = cut(CUT[name])
    found = [text[start:end] for start, end in sentences(text)]
    assert found == [part for part in expected if any(map(str.isalnum, part)) and part not in ("1.", "2.")]


def test_there_are_enough_cases() -> None:
    assert len(CUT) >= 45


def test_offsets_refer_to_the_whole_text() -> None:
    text = "Before. Here it is. And this. After."
    assert [text[a:b] for a, b in sentences(text, 8, 29)] == ["Here it is.", "And this."]


@pytest.mark.parametrize("line", ["The End of the Walk", "CHAPTER IV.", "3. Rent", "Was ist Arbeit", "第一章"])
def test_headings_are_recognised(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line", ["It was tall.", "Tide: low water 05:52", "and then the boats", "Who can get a card?", "***", "x" * 90]
)
def test_other_lines_are_no_headings(line: str) -> None:
    assert not is_heading(line)


def test_short_lines_are_not_taken_for_a_wrapped_paragraph() -> None:
    text = "Hostel: 14 beds, kitchen\nMrs. MacPhee: two rooms\nCampsite: closed until May because of the terns there"
    assert len(sentences(text)) == 3


def test_code_keeps_its_lines() -> None:
    text = "Like this:\n\n  CREATE TABLE rev (\n    page TEXT NOT NULL\n  );\n\nThat is all."
    kinds = [block.kind for block in blocks(text)]
    assert kinds == ["prose", "code", "code", "prose"]


def test_a_sentence_keeps_the_line_breaks_of_its_source() -> None:
    text = "The tide was out and the boats lay on\ntheir sides in the mud."
    assert sentences(text) == [(0, len(text))]


@pytest.mark.parametrize(
    "text",
    ["." * 300_000, ". " * 150_000, "“" * 300_000, "(a" * 150_000, "A.b" * 100_000, " " * 300_000, "?'" * 150_000],
)
def test_hostile_runs_of_marks_are_read_once(text: str) -> None:
    """None of these may be scanned again from each of its characters: the suite would not end."""
    assert all(start < end for start, end in sentences(text))


ALPHABET = st.sampled_from(
    [
        *"abzABZ019 .!?…,;:\"'“”‘’()[]>#-*|\t\n\réŽß的。？がไทي؟हि।א🎉",
        *("\r\n", "\n\n", "\u200d", "\u0301", "\x00", "\u2028", "\x85", "\ufeff"),
        *("Mr.", "e.g.", "z.B.", "U.S.", "1.", "```"),
    ]
)


@settings(max_examples=150)
@given(st.one_of(st.lists(ALPHABET, max_size=120).map("".join), st.text(max_size=200)))
@example("")
@example("\n\r\n \t")
def test_spans_are_ordered_disjoint_and_trimmed(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        last = end


@settings(max_examples=100)
@given(st.lists(ALPHABET.filter(lambda piece: piece not in ("```", ")")), max_size=120).map("".join))
def test_every_letter_is_in_a_sentence(text: str) -> None:
    inside = sum(map(str.isalpha, "".join(text[start:end] for start, end in sentences(text))))
    assert inside == sum(map(str.isalpha, text))
