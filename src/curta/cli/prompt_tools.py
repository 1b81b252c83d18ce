"""The tools that go with a prompt: which, whether each call may be made, and what is said of each on stderr."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Any

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.conversations import Conversation
    from curta.conversations.chain import Chain, ChainEvent, Pause
    from curta.messages import ToolCall, ToolResult
    from curta.tools import Function

_LINE = 100


def asked(given: Mapping[str, Any], conversation: "Conversation | None" = None) -> dict[str, Any]:
    """What `prompting.prompt` takes of the flags about tools. Raises UsageError for a tool that is not there.

    Without any, `conversation` goes on with the tools that it had.
    """
    named, code = given["tools"], given["functions"]
    if (named or code) and given["quotes"]:
        raise UsageError(
            "--quotes verifies against sources, and what tools say is none.", then="Leave out --quotes, or the tools."
        )
    if named:
        _say_left_out(named)
    tools = functions(named, code) if named or code else _had(conversation, given)
    return {
        **({"tools": tools} if tools else {}),
        "chain_limit": given["chain_limit"],
        "approve": Approval(every=given["approve"]),
    }


def _had(conversation: "Conversation | None", given: Mapping[str, Any]) -> "list[Function]":
    """The tools that a conversation had at its last turn, as far as a name finds them; the others are named."""
    if conversation is None or conversation.unfinished or given["quotes"]:
        return []
    from curta.tools import find_again

    found, lost = [], []
    for name in conversation.offered:
        try:
            found += find_again([name])
        except UsageError:
            lost.append(name)
    if lost:
        output.note(f"Without {', '.join(lost)}, which a name does not find. Give the same -T and --functions again.")
    return found


def _say_left_out(named: tuple[str, ...]) -> None:
    from curta.tools.mcp import servers

    for server, tools in servers.left_out(named).items():
        output.note(
            f"Left out, for they are not what you agreed to: {', '.join(tools)}. See: curta tools trust {server}"
        )


def functions(named: tuple[str, ...], code: tuple[str, ...]) -> "list[Function]":
    from curta.tools import find_all

    return find_all(named, code)


def show(chain: "Chain", given: Mapping[str, Any]) -> int:
    """The answers of a chain as they arrive, a note for each tool call; the exit code."""
    from curta.cli import prompt_shown as shown

    answer: Any = chain  # it reads like a Response
    shown.introduce(answer, given["model"])
    with shown.telling_what_is_kept(answer), _telling_how_to_go_on(chain):
        if given["as_json"] or given["extract"] or given["extract_last"]:
            for event in events(chain):
                _tell(event, given)
            shown.show(answer, given)
        else:
            _stream(chain, given)
    if chain.paused:
        return _say_paused(chain, chain.paused)
    from curta.api import prompting

    report = prompting.check(chain.response) if given["check"] else None
    return shown.finish(answer, report, given)


@contextmanager
def _telling_how_to_go_on(chain: "Chain") -> Iterator[None]:
    """When somebody stops it between two answers, the tool calls wait in the log."""
    try:
        yield
    except KeyboardInterrupt:
        if chain.id and chain.conversation.unfinished:
            output.note("Its tool calls have no results yet. To go on: curta -c, with the same -T and --functions.")
        raise


def _stream(chain: "Chain", given: Mapping[str, Any]) -> None:
    from curta.cli.prompt_shown import shows_markdown
    from curta.conversations.chain import Asking, Called, Calling
    from curta.events import ReasoningDelta, TextDelta

    answer: Any = chain
    paper = _Markdown() if shows_markdown(answer, given) else _Plain()
    with paper:
        for event in events(chain):
            match event:
                case TextDelta(text):
                    paper.write(text)
                case ReasoningDelta(text) if output.is_terminal(sys.stderr):
                    output.note_piece(text)
                case Asking() | Calling() | Called():
                    paper.break_off()
                    _tell(event, given)


def events(chain: "Chain") -> "Iterator[ChainEvent]":
    """The events of a chain. What a tool prints while it works goes to stderr, beside the answer."""
    from curta.conversations.chain import Calling

    paper = sys.stdout
    try:
        with closing(chain.events()) as happening:
            for event in happening:
                sys.stdout = paper
                yield event
                sys.stdout = sys.stderr if isinstance(event, Calling) else paper
    finally:
        sys.stdout = paper


class _Plain:
    """Words as they come; a blank line between those of two answers."""

    def __init__(self) -> None:
        self._gap, self._last = "", ""

    def write(self, text: str) -> None:
        if text:
            output.write(self._gap + text)
            self._gap, self._last = "", text

    def break_off(self) -> None:
        """End the line: something else is about to be said."""
        if self._last:
            output.write("" if self._last.endswith("\n") else "\n")
            self._gap, self._last = "\n", ""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.break_off()


class _Markdown:
    """The same, with the marks shown as what they mean."""

    def __init__(self) -> None:
        self._shown: Any = None
        self._gap = ""

    def write(self, text: str) -> None:
        from curta.cli.markdown import on_stdout

        if self._shown is None:
            sys.stdout.write(self._gap)
            self._shown = on_stdout()
        self._shown.feed(text)
        sys.stdout.flush()

    def break_off(self) -> None:
        if self._shown is not None:
            self._shown.finish()
            self._shown, self._gap = None, "\n"

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.break_off()


# What is said of each call


def _tell(event: "ChainEvent", given: Mapping[str, Any]) -> None:
    """With --tools-debug all of each call and result; else a line for each call, for a person."""
    from curta.conversations.chain import Called, Calling

    debug = given["tools_debug"]
    if not debug and not output.is_terminal(sys.stderr):
        return
    match event:
        case Calling(call):
            output.note(("Tool: ", "faint"), (call_line(call, None if debug else _LINE), "accent"), force=debug)
        case Called(call, result) if debug or result.failed:
            text = _told(result)
            output.note(f"  {'failed: ' if result.failed else ''}{text if debug else shortened(text)}", force=debug)


def call_line(call: "ToolCall", longest: int | None = None) -> str:
    """`weather(city="Rome")`, on one line."""
    import json

    arguments = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call.arguments.items())
    text = f"{call.name}({arguments})"
    return text if longest is None else shortened(text, longest)


def shortened(text: str, longest: int = _LINE) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _told(result: "ToolResult") -> str:
    """The parts of a result, in words."""
    from curta.messages import Attachment, Document, Text

    told = []
    for part in result.parts:
        if isinstance(part, Text | Document):
            told.append(part.text)
        elif isinstance(part, Attachment):
            told.append(f"<{part.media_type}, {len(part.data):,} bytes>")
    return "\n  ".join("\n".join(told).splitlines())


# Approval


class Approval:
    """Asks a person about each call. Without a terminal to ask on, the chain pauses.

    every: also of tools that may be called without asking.
    """

    def __init__(self, every: bool = True) -> None:
        self._every = every
        self._all = False

    def __call__(self, call: "ToolCall", function: "Function") -> "bool | Pause":
        from curta.conversations.chain import Pause

        if self._all or not (self._every or function.asks):
            return True
        if (keyboard := _keyboard()) is None:
            return Pause("There is no terminal to ask on.")
        with keyboard:
            output.note(("Call ", "bold"), (call_line(call), "accent"), (f" ({function.source})?", "bold"), force=True)
            match _key(keyboard):
                case "y":
                    return True
                case "a":
                    self._all = True
                    return True
                case "n":
                    return False
        return Pause("You stopped here.")


def _key(keyboard: IO[str]) -> str:
    """`y`, `n`, `a` or `q`, asked for until it is one of them."""
    while True:
        sys.stderr.write("  y yes, n no, a all from here on, q quit: ")
        sys.stderr.flush()
        line = keyboard.readline()
        if not line:
            sys.stderr.write("\n")
            return "q"
        if (answer := line.strip().lower()) in ("y", "n", "a", "q", "yes", "no", "all", "quit"):
            return answer[0]


def _keyboard() -> "IO[str] | None":
    """Where a person types: the terminal, also when something else was piped in."""
    if not output.is_terminal(sys.stderr):
        return None
    try:
        return open("/dev/tty", encoding="utf-8", errors="replace")
    except OSError:
        return open(sys.stdin.fileno(), closefd=False) if sys.stdin and sys.stdin.isatty() else None


def _say_paused(chain: "Chain", pause: "Pause") -> int:
    count = len(chain.pending)
    output.note(
        (f"{count} tool call{'s' * (count != 1)} wait{'s' * (count == 1)} for approval. ", "bold"),
        pause.why,
        force=True,
    )
    for call in chain.pending:
        output.note(f"  {call_line(call, _LINE)}", force=True)
    for warning in chain.warnings:
        output.note((warning, "bold"), force=True)
    if chain.id or chain.conversation.id:
        output.note("Nothing of it was called. To decide: curta -c --ta, with the same -T and --functions.", force=True)
    return 5
