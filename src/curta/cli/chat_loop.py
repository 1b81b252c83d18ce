"""The loop of a chat: a message or a command is read, and done, until the end."""

from time import monotonic
from typing import TYPE_CHECKING, Protocol

from curta.cli import chat_commands as commands
from curta.cli import output
from curta.errors import CurtaError

if TYPE_CHECKING:
    from curta.cli.chat_session import Session

INTERRUPTED = 130
_REPEATS = 0.15  # seconds: a Ctrl-C that follows another so soon comes from the same press of the key
GOODBYES = ("exit", "quit", "!exit", "!quit")


class Lines(Protocol):
    """Where the messages come from.

    interactive: whether a person types them.
    """

    interactive: bool

    def read(self, *, more: bool = False) -> str:
        """The next message, or the next line of one (`more`). Raises EOFError at the end, KeyboardInterrupt."""

    def remember(self, message: str) -> None:
        """Offer a message again that was not read as one."""


def converse(session: "Session", lines: Lines) -> int:
    """Go on until the end; the exit code: 0 for a person, of a pipe the first that is not 0."""
    if lines.interactive:
        _introduce(session)
    code, impatience, interrupted = 0, 0, 0.0
    while True:
        try:
            typed = lines.read()
        except EOFError:
            break
        except KeyboardInterrupt:
            held, interrupted = monotonic() - interrupted < _REPEATS, monotonic()
            if held:
                continue
            impatience += 1
            if impatience > 1 or not lines.interactive:
                break
            output.note("Ctrl-C again, Ctrl-D or `exit` leaves.")
            continue
        impatience = 0
        if typed.strip() in GOODBYES:
            break
        ended = _done(session, lines, typed)
        if ended == INTERRUPTED and not lines.interactive:
            return ended
        interrupted = monotonic() if ended == INTERRUPTED else interrupted
        code = code or ended
    return 0 if lines.interactive else INTERRUPTED if impatience else code


def _done(session: "Session", lines: Lines, typed: str) -> int:
    """Do what was typed: a command, or a message to say. Its exit code."""
    try:
        message = commands.understood(session, lines, typed)
    except CurtaError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:  # while something was read for it
        output.note("Stopped.")
        return INTERRUPTED
    if message is None:
        return 0
    code = session.say(message)
    if lines.interactive:
        output.note()
    return code


def _introduce(session: "Session") -> None:
    model, where = session.talk.model.name, session.talk.model.facts.where
    output.note(
        ("Chatting with ", "faint"),
        (model, "bold"),
        (f", on {where}. !help says what else to type; Ctrl-D ends.", "faint"),
    )
    spoken = [message for message in session.talk.messages if message.role in ("user", "assistant")]
    for message in spoken[-2:]:
        mark = "> " if message.role == "user" else "  "
        words = " ".join(message.text.split())
        output.note(mark + (words if len(words) <= 200 else words[:199] + "…"))
