"""What can be typed in a chat besides messages: `!multi`, `!edit`, `!model` ... A word of it never goes to a model."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from curta.cli import output
from curta.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from curta.cli.chat_loop import Lines
    from curta.cli.chat_session import Session

_COMMAND = re.compile(r"!([A-Za-z][\w-]*)(?:\s+(.*))?", re.DOTALL)
_FRAGMENT = re.compile(r"\s*!(?:fragment|file)\s+(\S.*)")


class Command(NamedTuple):
    """A command of a chat.

    does: is given what follows the word; what it returns is said to the model.
    takes: what follows. also: other names.
    """

    does: "Callable[[Session, Lines, str], str | None]"
    takes: str
    help: str
    also: tuple[str, ...] = ()


def understood(session: "Session", lines: "Lines", typed: str) -> str | None:
    """What `typed` says to the model, the command in it done; None when it says nothing. Raises CurtaError."""
    text = typed.strip()
    if text.startswith("!!"):
        return text[1:]
    if found := _COMMAND.fullmatch(text):
        return _named(found[1]).does(session, lines, (found[2] or "").strip())
    return text or None


def names() -> list[str]:
    return [name for main, command in COMMANDS.items() for name in (main, *command.also)]


def _named(word: str) -> Command:
    for name, command in COMMANDS.items():
        if word.lower() in (name, *command.also):
            return command
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), names(), n=1)
    raise UsageError(
        f"There is no command !{word[:40]}; nothing was sent." + (f" Did you mean !{close[0]}?" if close else ""),
        then="!help lists them. To send a text that begins with !, double it: !!text",
    )


# Saying more than a line


def _multi(session: "Session", lines: "Lines", end: str) -> str | None:
    """Lines up to `!end`; those that name fragments are read and go with the message."""
    closing = f"!end {end}".rstrip()
    if lines.interactive:
        output.note(f"Lines up to {closing} are one message; Ctrl-C forgets them.")
    said: list[str] = []
    try:
        while (line := lines.read(more=True)).strip() != closing:
            said.append(line)
    except EOFError:
        pass
    except KeyboardInterrupt:
        if not lines.interactive:
            raise
        output.note("Forgotten; nothing was sent.")
        return None
    return _without_fragments(session, lines, "\n".join(said))


def _without_fragments(session: "Session", lines: "Lines", text: str) -> str | None:
    kept = []
    lines.remember(text)
    for line in text.split("\n"):
        if found := _FRAGMENT.fullmatch(line):
            session.attach(files=_words(found[1]))
        else:
            kept.append(line)
    return "\n".join(kept).strip("\n") or None


def _edit(session: "Session", lines: "Lines", text: str) -> str | None:
    """Write the message in an editor."""
    edited = _edited(text)
    if not edited or not edited.strip():
        output.note("Nothing was written; nothing was sent.")
        return None
    for line in edited.rstrip("\n").split("\n"):
        output.note(f"  {line}")
    lines.remember(edited.strip("\n"))
    return edited.strip("\n")


def _edited(text: str) -> str | None:
    """`text` as it comes back from $VISUAL or $EDITOR; None when it was not saved. Raises ConfigError."""
    import os
    import shutil
    import signal

    import click

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or next(filter(shutil.which, ("nano", "vi")), None)
    if editor is None:
        raise ConfigError("No editor is set.", then="Set EDITOR; or use !multi.")
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a Ctrl-C in the editor is the editor's
    try:
        return click.edit(text, editor=editor, extension=".md", require_save=not text)
    except click.ClickException as error:
        raise ConfigError(f"The editor {editor!r} failed: {error.format_message()}", then="Set EDITOR.") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _retry(session: "Session", lines: "Lines", _: str) -> str | None:
    """Ask the latest question once more, from where it was asked."""
    return session.again()


# What goes with the next message


def _fragment(session: "Session", lines: "Lines", names: str) -> None:
    before = len(session.documents)
    session.attach(files=_words(_wanted(names, "!fragment FILE...")))
    for document in session.documents[before:]:
        size = f"{len(document.text):,} characters"
        output.note(f"Goes with your next message: {document.uri or document.title} ({size})")


def _attach(session: "Session", lines: "Lines", names: str) -> None:
    before = len(session.attachments)
    session.attach(pictures=_words(_wanted(names, "!attach FILE...")))
    for each in session.attachments[before:]:
        output.note(f"Goes with your next message: {each.name or each.url} ({each.media_type})")


def _words(text: str) -> list[str]:
    """The names in `text`, split as a shell splits them. Raises UsageError."""
    import shlex

    try:
        return shlex.split(text)
    except ValueError:
        raise UsageError(f"A quotation mark is not closed: {text}") from None


def _wanted(text: str, usage: str) -> str:
    if not text:
        raise UsageError("Something is missing.", then=f"For example: {usage}")
    return text


# How it goes on


def _model(session: "Session", lines: "Lines", name: str) -> None:
    if name:
        session.choose(name)
    model = session.talk.model
    output.note(f"The model is {model.name}, on {model.facts.where}.")


def _system(session: "Session", lines: "Lines", text: str) -> None:
    if text:
        session.system = text
        output.note("Takes effect with your next message.")
    else:
        output.note(session.instructions or "There is no system prompt.")


def _option(session: "Session", lines: "Lines", text: str) -> None:
    from curta.cli.prompt_read import read_options

    name, _, value = text.partition(" ")
    if name and not value.strip():
        session.options.pop(name, None)
    elif name:
        session.options |= read_options(((name, value.strip()),))
    known = ", ".join(f"{name} {value}" for name, value in session.options.items())
    output.note(f"Options: {known}." if known else "No option is set.")


def _undo(session: "Session", lines: "Lines", _: str) -> None:
    taken = _latest(session, "user")
    session.back()
    output.note(f"Back to before: {taken}")
    last = _latest(session, "assistant")
    output.note(f"The last answer is now: {last}" if last else "Nothing has been said yet.")


def _latest(session: "Session", role: str) -> str:
    """The beginning of what was said last, on one line."""
    said = (message.text for message in reversed(session.talk.messages) if message.role == role)
    return " ".join(next(said, "").split())[:70]


def _name(session: "Session", lines: "Lines", name: str) -> None:
    if name:
        session.call_it(name)
        output.note(f"This conversation is called {name}. Go on with it: curta chat --cid '{name}'")
    else:
        output.note(session.called or "This conversation has no name yet: !name NAME")


def _cost(session: "Session", lines: "Lines", _: str) -> None:
    output.note(session.spent())


def _help(session: "Session", lines: "Lines", _: str) -> None:
    rows = [*((_usage(name, command), command.help) for name, command in COMMANDS.items()), *_KEYS]
    width = max(len(typed) for typed, _ in rows)
    for typed, help in rows:
        output.note((f"  {typed.ljust(width)}  ", "accent"), (help, "faint"), force=True)


_KEYS = (
    ("!!text", "Send a text that begins with !"),
    ("Alt-Enter", "Begin a new line; pasted lines stay one message"),
    ("Ctrl-C", "Clear the line; stop an answer, and keep what it said"),
    ("Ctrl-D, exit, quit", "Leave"),
)


def _usage(name: str, command: Command) -> str:
    return " ".join(filter(None, (f"!{name}", command.takes)))


COMMANDS: dict[str, Command] = {
    "multi": Command(_multi, "[X]", "Several lines as one message, up to !end [X]"),
    "edit": Command(_edit, "[TEXT]", "Write the message in $EDITOR"),
    "fragment": Command(_fragment, "FILE...", "Files, folders, URLs, hn:ID to go with the next message", ("file",)),
    "attach": Command(_attach, "FILE...", "Pictures and other files to go with the next message"),
    "model": Command(_model, "[NAME]", "Go on with another model"),
    "system": Command(_system, "[TEXT]", "Another system prompt from here on"),
    "option": Command(_option, "NAME [VALUE]", "Set an option of the model, or leave it out again"),
    "undo": Command(_undo, "", "Go back to before the last question", ("fork",)),
    "retry": Command(_retry, "", "Ask the last question once more"),
    "name": Command(_name, "[NAME]", "Give the conversation a name, to go on with later"),
    "cost": Command(_cost, "", "What this chat has used and cost", ("usage",)),
    "help": Command(_help, "", "This list"),
}
