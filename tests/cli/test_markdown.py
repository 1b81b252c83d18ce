"""Markdown on a terminal: what is styled, when it appears, and what can never happen."""

import re
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curta.cli.markdown import Markdown
from curta.models import registry
from tests.servers.openai import Answer, Bytes

SGR = re.compile(r"\x1b\[[\d;]*m")
ATTACK = "x\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202eafter\rover\x08"


def shown(*pieces: str, colour: bool = True, columns: int = 80) -> str:
    """What is written for `pieces` fed one after the other."""
    written: list[str] = []
    markdown = Markdown(written.append, colour=colour, columns=columns)
    for piece in pieces:
        markdown.feed(piece)
    markdown.finish()
    return "".join(written)


def words(*pieces: str, **how: Any) -> str:
    """What is written, without its colours."""
    return SGR.sub("", shown(*pieces, **how))


def so_far(*pieces: str) -> str:
    """What has been written before the text is known to have ended, without colours."""
    written: list[str] = []
    markdown = Markdown(written.append, colour=True, columns=80)
    for piece in pieces:
        markdown.feed(piece)
    return SGR.sub("", "".join(written))


# What is shown


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("plain words", "plain words\n"),
        ("**bold** word", "\x1b[1mbold\x1b[0m word\n"),
        ("*it* word", "\x1b[3mit\x1b[0m word\n"),
        ("***both***", "\x1b[1;3mboth\x1b[0m\n"),
        ("**bold *both***", "\x1b[1mbold \x1b[0m\x1b[1;3mboth\x1b[0m\n"),
        ("~~gone~~", "\x1b[9mgone\x1b[0m\n"),
        ("`a*b*`", "\x1b[36ma*b*\x1b[0m\n"),
        ("``a`b``", "\x1b[36ma`b\x1b[0m\n"),
        ("**`**kwargs`**", "\x1b[1;36m**kwargs\x1b[0m\n"),
        ("中文**粗体**中文", "中文\x1b[1m粗体\x1b[0m中文\n"),
        ("## Title", "\x1b[1;36mTitle\x1b[0m\n"),
        ("### A `b`", "\x1b[1mA \x1b[0m\x1b[1;36mb\x1b[0m\n"),
    ],
)
def test_marks_become_styles(markdown: str, expected: str) -> None:
    assert shown(markdown) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 and 2*3*4",
        "snake_case and __init__ and _private",
        "**never closed",
        "`never closed",
        "a ~ b ~~ c",
        "[bold] and [/foo] and [link=http://evil] x [/link]",
        "[a][b] and [x] (y)",
        "#hashtag",
        "-5 degrees",
        "C:\\new\\table",
        "\\(x\\) and \\[y\\]",
        "| a | b |",
        "5. ",
        "!",
        "🧑\u200d💻 and 👩\u200d👩\u200d👧",
    ],
)
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    assert words(text) == text + "\n"


def test_escaped_marks_are_characters() -> None:
    assert words("\\*not it\\* 1\\. \\#") == "*not it* 1. #\n"


def test_a_link_always_shows_where_it_leads() -> None:
    assert words("[your bank](http://evil.example/a_(b))") == "your bank (http://evil.example/a_(b))\n"
    assert words("[http://a.b](http://a.b)") == "http://a.b\n"
    assert words('[a](<http://c.d> "title")') == "a (http://c.d)\n"
    assert words("[**a** `b`](c)") == "a b (c)\n"
    assert words("![a chart](c.png)") == "image: a chart (c.png)\n"


def test_lists_quotes_and_rules() -> None:
    assert words("- one\n  - two\n* three\n+ [x] four\n12. five\n") == "• one\n  • two\n• three\n• [x] four\n12. five\n"
    assert words("> a\n> > - b\n") == "▏ a\n▏ ▏ • b\n"
    assert words("a\n\n---\n\n* * *\n") == f"a\n\n{'─' * 40}\n\n{'─' * 40}\n"


def test_a_table_is_set_in_columns_and_its_cells_are_styled() -> None:
    table = "| name | n |\n|------|--:|\n| **ab** | 1 |\n| c \\| d | 200 | more |\n"
    head, rule, first, second = words(table).splitlines()
    assert head.split() == ["name", "n"]
    assert set(rule) == {"─"}
    assert first.index("1") > head.index("n", 5) - 1
    assert "\x1b[1mab" in shown(table)
    assert "c | d" in second
    assert "200 | more" in second  # nothing a model wrote is left out


def test_a_table_too_wide_for_the_terminal_is_shown_as_written() -> None:
    row = "| " + " | ".join("abcdefgh") + " |\n"
    assert words(row + row.translate({ord(c): "-" for c in "abcdefgh"}) + row, columns=20).startswith(row)


def test_code_keeps_every_character_and_its_colour_across_lines() -> None:
    code = '```python\ndef f(**x):\n    """One\n    two"""\n    return [x] * 2\n```\n'
    assert words(code) == code
    assert "\x1b[35mdef\x1b[0m" in shown(code)
    assert "\x1b[32m    two" in shown(code)


@pytest.mark.parametrize("language", ["", "nonsense", "html", "c", "rust", "bash", "json", "console", "yaml", "diff"])
def test_code_of_any_language_is_shown_whole(language: str) -> None:
    code = f"~~~{language}\n$ <a b='c'>&amp;</a> /* x\n\ty */ {{'k': 1}}\n- key: [1, \"2\n~~~\nafter"
    assert words(code) == code + "\n"


def test_an_unclosed_fence_holds_the_rest() -> None:
    assert words("```\n**a**\n# b") == "```\n**a**\n# b\n"


def test_a_shorter_fence_does_not_close_a_longer_one() -> None:
    text = "````\n```\n**a**\n```\n````\n"
    assert words(text + "**b**") == text + "b\n"


def test_without_colour_the_marks_stay_and_tables_are_set() -> None:
    text = "# T\n**b** [a](c)\n- `x`\n```python\nx = 1\n```\n"
    assert shown(text, colour=False) == text
    assert shown("|a|b|\n|-|-|\n|cc|**d**|\n", colour=False).split() == ["a", "b", "─" * 10, "cc", "**d**"]


# When it is shown


def test_words_of_a_paragraph_appear_at_once() -> None:
    assert so_far("The first wo") == "The first wo"
    assert so_far("The first **bold") == "The first "
    assert so_far("The first **bold** wo") == "The first bold wo"


def test_a_mark_that_never_closes_does_not_hold_the_line_for_ever() -> None:
    assert len(so_far("*" + "a " * 400)) > 800
    assert len(so_far("`" + "a " * 400)) > 800
    assert len(so_far("[" + "a " * 1400)) > 2800
    assert len(so_far("| " + "a " * 1400)) > 2800


def test_code_appears_line_by_line() -> None:
    assert so_far("```python\nx = 1\ny") == "```python\nx = 1\n"


def test_plain_text_needs_neither_rich_nor_pygments(tmp_path: Any) -> None:
    import subprocess
    import sys

    program = (
        "import sys\nfrom curta.cli.markdown import Markdown\n"
        "m = Markdown(str, colour=True, columns=80)\nm.feed('# a\\n- **b** `c` [d](e)\\n')\nm.finish()\n"
        "assert not {'rich', 'pygments'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# What can never happen

PIECES = ["*", "**", "***", "~~", "`", "``", "```", "```python", "~~~", "#", "# ", "- ", "> ", ">", "1. ", "1", "+ "]
PIECES += ["[", "]", "(", ")", "](", "![", "[a](b)", "|", "|-|-|\n", "| a | b |\n", "---", "_", "\\", "\n", "\n\n", " "]
PIECES += [
    "\t",
    '"',
    "'",
    "<",
    "a",
    "word ",
    "é",
    "\u200d",
    "😀",
    "\x1b[2J",
    "\r",
    "*a*",
    "**b** ",
    "`c`",
    "*",
    "**",
    "`",
]
MARKDOWN = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join)


@settings(max_examples=300)
@given(MARKDOWN, st.data())
@example("a\u200d😀", None)
@example("**a `b** c` d**", None)
@example("# " + " " * 20 + "a", None)
@example("-" * 1003 + "\n", None)
@example("- " * 1000 + "a\n", None)
@example("-" + " " * 1100 + "a\n", None)
@example(" " * 1100 + "- a\n", None)
@example("*a" * 400, None)
@example("```\n" + "a" * 2500 + "\n```\n", None)
@example("`" * 1200 + "\n", None)
def test_any_split_of_the_stream_gives_the_same_bytes(text: str, data: Any) -> None:
    whole = shown(text)
    assert shown(*text) == whole
    if data is not None:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
        assert shown(*(text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))) == whole


@settings(max_examples=200)
@given(MARKDOWN | st.text())
def test_no_control_character_but_our_colours_is_written(text: str) -> None:
    left = SGR.sub("", shown(text))
    assert not [c for c in left if (ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u200b"]


@settings(max_examples=200)
@given(MARKDOWN)
def test_no_word_is_lost_and_the_terminal_is_left_without_style(text: str) -> None:
    result = shown(text)
    letters = [c for c in text if c in "wordé"]
    assert sorted(c for c in SGR.sub("", result).replace("image: ", "") if c in "wordé") == sorted(letters)
    assert SGR.findall(result)[-1:] in ([], ["\x1b[0m"])


@pytest.mark.parametrize(
    "text",
    [
        ">" * 10_000,
        "> " * 10_000 + "x",
        "- " * 10_000,
        "*a " * 30_000,
        "**" * 30_000,
        "*a* *a " * 5_000,
        "**a" * 10_000,
        "`" * 30_000,
        "` " * 30_000,
        "[" * 30_000,
        "[a](" * 20_000,
        "(" * 30_000,
        "| a " * 30_000,
        "|a|b|\n|-|-|\n" * 2_000,
        "\\" * 30_001,
        "```" + "x" * 50_000,
        "```c\n" + "/*" * 20_000,
        "a" * 1_000_000,
        "\n" * 30_000,
        "[" * 5000 + "a" + "](b)" * 5000,
    ],
    ids=lambda text: f"{text[:8]!r}",
)
def test_hostile_markdown_ends(text: str) -> None:
    assert shown(text)
    assert shown(*(text[at : at + 7] for at in range(0, 7000, 7)))


# On a terminal


@pytest.fixture
def server(openai_server: Any) -> Any:
    registry.add("hello", url=openai_server.url, model="hello")
    return openai_server


def test_an_answer_is_rendered_on_a_terminal(terminal: Any, server: Any) -> None:
    server.script(Answer("# Title\n\nSome **bold** text.\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
    screen = terminal("-m", "hello", "hi")
    assert screen.wait() == 0
    assert b"\x1b[1mbold\x1b[0m text." in screen.screen
    assert b"|---|" not in screen.screen


def test_no_markdown_shows_it_as_the_model_wrote_it(terminal: Any, server: Any) -> None:
    server.script(Answer("Some **bold** text."))
    screen = terminal("-m", "hello", "hi", "--no-markdown")
    screen.wait()
    assert b"Some **bold** text." in screen.screen


def test_hostile_markdown_cannot_command_the_terminal(terminal: Any, server: Any) -> None:
    server.script(
        Answer(f"**{ATTACK}** [{ATTACK}]({ATTACK})\n```sh\n{ATTACK}\n```\n|{ATTACK}|\n|-|\n|{ATTACK}|\n[/foo]")
    )
    screen = terminal("-m", "hello", "hi")
    assert screen.wait() == 0
    text = SGR.sub("", screen.screen.decode()).replace("\r\n", "\n")
    assert "[/foo]" in text
    assert not [c for c in text if (ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or c == "\u202e"]


def test_an_interrupted_answer_leaves_no_style_behind(terminal: Any, server: Any) -> None:
    event = b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'
    server.script(Bytes(event + b'{"role":"assistant","content":"## A title that"}}]}\n\n', stall=True))
    screen = terminal("-m", "hello", "hi")
    screen.read_until(b"title that")
    time.sleep(0.3)  # until it waits for more: CPython loses a signal that comes just before a read begins
    screen.interrupt()
    assert screen.wait() == 130
    assert re.search(rb"title that\x1b\[0m", screen.screen)


def test_a_pipe_gets_the_marks(curta: Any, server: Any) -> None:
    server.script(Answer("# Title\n**bold**"))
    assert curta("-m", "hello", "hi").out == "# Title\n**bold**\n"
    assert "# Title\n**bold**\n" in curta("logs").out


def test_the_log_shows_an_answer_as_it_was_shown(terminal: Any, server: Any) -> None:
    server.script(Answer("Some **bold** text."))
    terminal("-m", "hello", "hi").wait()
    screen = terminal("logs")
    assert screen.wait() == 0
    assert b"Some \x1b[1mbold\x1b[0m text." in screen.screen


def test_json_asked_for_by_a_schema_keeps_its_marks(terminal: Any, server: Any) -> None:
    server.script(Answer('{"a": "**b**"}'), Answer('{"a": "**b**"}'))
    for arguments in (["hi", "--schema", '{"type": "object"}'], ["hi", "--json"]):
        screen = terminal("-m", "hello", *arguments)
        assert screen.wait() == 0
        assert b"**b**" in screen.screen
