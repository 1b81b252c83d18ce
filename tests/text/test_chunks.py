"""Chunks are exact spans of the text, of about 200 words, cut where the text itself is divided."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.text.chunks import MOST_WORDS, Chunk, chunks

PIECES = st.sampled_from(
    [
        *"word |Ein Satz. |\n|\n\n|# Heading\n|## Sub\n\n|```\n|* item\n|a & b\n|中文字|\x00|\r\n|\t|👩‍👧|\u2028".split(
            "|"
        ),
        "x" * 90,
        " \x1f ",
        "| a | b |\n",
        "def f():\n    pass\n",
    ]
)
TEXTS = st.lists(st.tuples(PIECES, st.integers(1, 90)), max_size=20).map(
    lambda runs: "".join(piece * times for piece, times in runs)
)


def words(count: int, word: str = "word") -> str:
    return " ".join(f"{word}{number}" for number in range(count))


def shown(text: str, **how: bool) -> list[str]:
    return [text[each.start : each.end] for each in chunks(text, **how)]


@given(st.one_of(TEXTS, st.text()), st.booleans())
def test_chunks_hold_every_character_but_white_space_once(text: str, code: bool) -> None:
    found = chunks(text, code=code)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    outside = text
    for each in reversed(found):
        assert text[each.start : each.end] == text[each.start : each.end].strip()
        outside = outside[: each.start] + outside[each.end :]
    assert not outside.strip()


@given(TEXTS, st.booleans())
def test_no_chunk_is_longer_than_it_may_be(text: str, code: bool) -> None:
    assert all(len(text[each.start : each.end].split()) <= MOST_WORDS for each in chunks(text, code=code))


def test_a_short_text_is_one_chunk() -> None:
    text = f"# A\n\n{words(100)}\n\n# B\n\n{words(100)}"
    assert chunks(text) == [Chunk(0, len(text), "")]


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\u3000"])
def test_white_space_has_no_chunks(text: str) -> None:
    assert chunks(text) == []


def test_a_long_text_is_cut_before_its_headings() -> None:
    text = f"# One\n\n{words(220)}\n\n# Two\n\n{words(220)}\n\n## Deep\n\n{words(150)}"
    assert [each.split()[1] for each in shown(text)] == ["One", "Two", "Deep"]
    assert [each.header for each in chunks(text)] == ["", "", "Two"]


def test_the_header_is_the_path_of_headings() -> None:
    text = f"# Book\n\n## Chapter\n\n{words(190)}\n\n{words(190, 'more')}\n\n## Next\n\n{words(200)}"
    assert [each.header for each in chunks(text)] == ["", "Book > Chapter", "Book"]


def test_paragraphs_stay_whole_where_they_can() -> None:
    paragraphs = [words(90, name) for name in ("a", "b", "c", "d")]
    assert shown("\n\n".join(paragraphs)) == ["\n\n".join(paragraphs[:2]), "\n\n".join(paragraphs[2:])]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"This is sentence number {number} of the text." for number in range(60))
    assert all(each.startswith("This") and each.endswith("text.") for each in shown(text))


def test_a_heading_stays_with_what_is_under_it() -> None:
    text = f"{words(199)}\n\n# Heading\n\n{words(290)}"
    assert shown(text)[1].startswith("# Heading\n\nword0")


def test_fenced_code_is_not_cut_where_there_is_another_place() -> None:
    block = "```\n" + "".join(f"line {number}\n\n" for number in range(60)) + "```"
    text = f"{words(150)}\n\n{block}\n\n{words(150)}"
    assert block in [piece for each in shown(text) for piece in (each, each.partition("\n\n")[2])]


def test_a_hash_in_fenced_code_is_no_heading() -> None:
    text = f"# Real\n\n```\n# comment\n```\n\n{words(200)}\n\n{words(200)}"
    assert {each.header for each in chunks(text)} == {"", "Real"}


def test_a_bullet_stays_with_its_item() -> None:
    text = "\n".join(f"* {words(30, f'item{number}')}." for number in range(20))
    assert all(each.startswith("* ") and not each.endswith("*") for each in shown(text))


def test_a_row_of_a_table_stays_whole() -> None:
    text = "\n".join(f"| {words(20, f'row{number}')} |" for number in range(40))
    assert all(each.startswith("|") and each.endswith("|") for each in shown(text))


def test_code_is_cut_before_what_stands_at_the_margin() -> None:
    text = "\n\n".join(f"def f{number}():\n    # {words(70)}\n\n    return {number}" for number in range(10))
    found = chunks(text, code=True)
    assert all(text[each.start :].startswith("def ") for each in found)
    assert [each.header[:7] for each in found] == ["", *["def f0("] * (len(found) - 1)]


def test_a_script_without_spaces_counts_two_characters_as_a_word() -> None:
    assert [len(each) for each in shown("中" * 1200)] == [400, 400, 400]


@pytest.mark.parametrize(
    "text",
    ["x" * 300_000, "\n" * 300_000 + " a", "# " * 100_000, "#\n" * 100_000, "```\n" * 100_000, "a\n\n \n" * 100_000],
    ids=["one word", "empty lines", "hashes", "empty headings", "fences", "paragraphs"],
)
def test_a_hostile_text_takes_no_longer_than_another(text: str) -> None:
    chunks(text)
    chunks(text, code=True)
