"""`curta ask`: an answer from documents, with a note for each claim that leads to the words that prove it."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

import click

from curta.cli import ask_shown, output
from curta.cli.prompt import prompt
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.answering.answer import Answer
    from curta.answering.rounds import Checked
    from curta.cli.index_shown import Progress

_HELP = """Ask documents a question. Numbered notes say of each sentence of the answer where it is proven.

\b
  curta ask diary.txt 'Why did the tailor take the coat away?'
  curta ask notes 'What did we decide about backups?' -m gpt-5-mini
  curta ask reports/ minutes/*.pdf 'Who paid for the roof?' --json

The last word is the question; those before it are indexes by name (curta index add NAME FOLDER), or files, folders,
patterns, URLs, hn:ID. The passages that fit are given to the model, and of every claim it makes, the quotation is
verified to its place in the document. A wrong one goes back to be mended, three times; what stays unverified is struck
out. "Verified" means: these words, at this place. Whether they prove the claim is for you to judge."""

_Command = TypeVar("_Command")
_LIKE_A_PROMPT = (
    "model",
    "options",
    "max_cost",
    "cache",
    "output",
    "no_stream",
    "force_log",
    "database",
    "key",
)


def _like_a_prompt(command: _Command) -> _Command:
    """With those options of a prompt that mean the same here."""
    known = {option.name: option for option in prompt.params}
    command.__click_params__ = [known[name] for name in reversed(_LIKE_A_PROMPT)]  # type: ignore[attr-defined]
    return command


@click.command("ask", help=_HELP, short_help="Ask documents, and have each claim of the answer proven.")
@click.argument("words", nargs=-1, required=True, metavar="NAME|FILE... QUESTION")
@click.option(
    "-f", "--file", "sources", multiple=True, metavar="SOURCE", help="The same as a word before the question."
)
@click.option("-n", "--passages", type=click.IntRange(1), metavar="N", help="How many passages the model gets at most.")
@click.option("--filter", "condition", metavar="SQL", help="Only documents for which this holds: title LIKE '%plan%'")
@click.option("--lexical", is_flag=True, help="Search by words alone, also where there are vectors.")
@click.option("--exact", is_flag=True, help="Compare all vectors, not only those whose bits are near.")
@click.option("--rounds", type=click.IntRange(0), default=3, show_default=True, help="How often claims are mended.")
@click.option("--strict", is_flag=True, help="Exit with 3 when anything was struck out.")
@click.option("--explain", is_flag=True, help="Say on stderr what was looked for, and which passages were found.")
@click.option("--json", "as_json", is_flag=True, help="As JSON: claims, places, passages, scores.")
@click.option("--no-log", is_flag=True, help="Leave no trace in the log.")
@_like_a_prompt
def ask(words: tuple[str, ...], **given: Any) -> int:
    if given["output"] is not None:
        from curta.cli.prompt_delivered import into_file

        return into_file(given["output"], lambda: _ask(words, given))
    return _ask(words, given)


def _ask(words: Sequence[str], given: Mapping[str, Any]) -> int:
    from curta.api import finding
    from curta.cli import prompt_read as read
    from curta.cli import prompt_shown as shown
    from curta.cli.ctrl_c import hear_at_once

    *named, question = words
    read.warn_about_key(given["key"])
    answer = finding.ask(
        question,
        _sources([*given["sources"], *named], question),
        **{name: given[name] for name in _PASSED},
        filter=given["condition"],
        options=read.read_options(given["options"]),
        stream=not given["no_stream"],
        log=read.log(given),
        caller="ask",
        on_retry=shown.say_retry,
    )
    shown.introduce(answer, given["model"])
    hear_at_once()
    with shown.telling_what_is_kept(answer):
        _tell(answer, given["explain"])
    return _show(answer, given)


_PASSED = ("model", "passages", "lexical", "exact", "rounds", "max_cost", "cache", "key")


def _sources(named: Sequence[str], question: str) -> list[Any]:
    """What is asked: what was named, else what is piped in. Raises UsageError when the question names a source."""
    if _names_a_source(question):
        raise UsageError(
            f"{question!r} names a source, and the last word is the question.", then="curta ask SOURCE... 'a question'"
        )
    if named or sys.stdin is None or sys.stdin.isatty():
        return list(named)
    from curta.sources import load_stdin

    piped = load_stdin(sys.stdin.buffer)
    return [piped] if piped else []


def _names_a_source(question: str) -> bool:
    from os.path import exists

    from curta.index.stores import places

    if any(char.isspace() for char in question):
        return False
    return exists(question) or question.startswith(("http:", "https:")) or question in places.names()


# While it is worked out


def _tell(answer: "Answer", explain: bool) -> None:
    """Wait for the answer, and say meanwhile on stderr what happens, to a person."""
    from curta.answering.answer import Found
    from curta.answering.rounds import Asking, Checked
    from curta.cli import prompt_shown as shown
    from curta.cli.index_shown import progress
    from curta.events import TextDelta

    with progress("claims so far") as told, closing(answer.events()) as events:
        count = _counting(told)
        for event in events:
            match event:
                case Found(retrieved) if explain:
                    ask_shown.explain(retrieved.to_dict())
                case Found(retrieved) if output.is_terminal(sys.stderr):
                    output.note(ask_shown.looked_at(retrieved.to_dict()))
                case Asking(1, response):
                    shown.say_asking(response)
                case TextDelta(text):
                    count(text)
                case Checked():
                    told.clear()
                    _tell_check(event)


def _counting(told: "Progress") -> Callable[[str], None]:
    """Counts the claims in what arrives, in pieces of any length."""
    key, tail = '"claim"', ""

    def count(text: str) -> None:
        nonlocal tail
        text = tail + text
        if found := text.count(key):
            told.count(found)
        tail = text[-len(key) + 1 :]

    return count


def _tell_check(checked: "Checked") -> None:
    if not output.is_terminal(sys.stderr) or (checked.judged and checked.judged.ok):
        return
    failed = len(checked.judged.problems) if checked.judged else 0
    what = f"{failed} claim{'s' * (failed != 1)} did not hold" if checked.judged else "no claims that can be checked"
    output.note(f"Round {checked.round}: {what}.")


# The answer


def _show(answer: "Answer", given: Mapping[str, Any]) -> int:
    if given["as_json"]:
        output.line(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2))
    else:
        ask_shown.show(answer.to_dict())
        _say_ending(answer)
    for warning in answer.warnings:
        output.note((warning, "bold"), force=True)
    return 3 if given["strict"] and not answer.ok else 0


def _say_ending(answer: "Answer") -> None:
    from curta.text.money import dollars

    struck = sum(not claim.ok for claim in answer.claims)
    if struck:
        all_of = f"{struck} of {len(answer.claims)} claims"
        output.note(
            (f"{all_of} could not be verified, and {'is' if struck == 1 else 'are'} struck out.", "bad"), force=True
        )
    if answer.retrieved.how == "all" and not answer.retrieved.passages:
        output.note("There is no text in what was asked.", force=True)
    if answer.names:
        output.note(f"Names that no passage has: {', '.join(answer.names)}", force=True)
    if answer.cost:
        output.note(dollars(answer.cost))
