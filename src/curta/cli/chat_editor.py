"""The line editor of a chat: history, several lines, pasting, completion. The only module that knows prompt_toolkit.

What was typed before comes from the log, the one place where it is kept: whatever is redacted or removed there is gone
from here as well.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import is_done
from prompt_toolkit.history import History, ThreadedHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.styles import Style

from curta.cli import chat_commands as commands
from curta.cli import output
from curta.cli.chat_lines import PROMPT

if TYPE_CHECKING:
    from curta.store import Log

MOST = 500  # messages of earlier times that are offered again
_LONGEST = 10_000  # characters of a message that is offered again
_LONG_PASTE, _TALL_PASTE = 2_000, 24  # characters, lines: what is pasted beyond is shown as a note in its place
_PASTED = re.compile(r"\[pasted (\d+): [\d,]+ characters\]")


class Editor:
    """Reads messages from a terminal.

    past: where earlier ones come from. completer: of words. suffix: of the file an external editor is given.
    is_whole: whether Enter sends what was typed; else it begins a new line.
    """

    interactive = True

    def __init__(
        self,
        past: History,
        completer: Completer | None = None,
        *,
        suffix: str = ".md",
        is_whole: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._pasted: list[str] = []
        self._history = ThreadedHistory(past)
        out, depth = _screen()
        self._session: PromptSession[str] = PromptSession(
            history=self._history,
            completer=completer,
            complete_while_typing=False,
            enable_open_in_editor=True,
            enable_history_search=True,
            tempfile_suffix=suffix,
            key_bindings=_keys(self._paste, is_whole),
            multiline=True,
            prompt_continuation=" " * len(PROMPT),
            style=Style.from_dict({"prompt": "ansicyan bold"}),
            color_depth=depth,
            input=create_input(sys.stdin),
            output=out,
        )

    def read(self, *, more: bool = False) -> str:
        sys.stdout.flush()
        sys.stderr.flush()
        typed = self._session.prompt([("class:prompt", "" if more else PROMPT)])
        return self._whole(typed)

    def remember(self, message: str) -> None:
        if len(message) <= _LONGEST:
            self._history.append_string(message)

    def _paste(self, event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > _LONG_PASTE or text.count("\n") > _TALL_PASTE:
            self._pasted.append(text)
            text = f"[pasted {len(self._pasted)}: {len(text):,} characters]"
        event.current_buffer.insert_text(text)

    def _whole(self, typed: str) -> str:
        """`typed` with what was pasted in the place of each note."""

        def pasted(found: re.Match[str]) -> str:
            number = int(found[1])
            return self._pasted[number - 1] if 0 < number <= len(self._pasted) else found[0]

        return _PASTED.sub(pasted, typed)


def _screen() -> tuple[Output, ColorDepth | None]:
    """Where the line is edited: stdout, or stderr when stdout goes elsewhere."""
    from prompt_toolkit.output.vt100 import Vt100_Output

    stream = sys.stdout if output.is_terminal() else sys.stderr
    depth = None if output.coloured(stream) else ColorDepth.DEPTH_1_BIT
    if sys.platform == "win32":
        from prompt_toolkit.output import create_output

        return create_output(stream), depth
    # Asking the terminal where the cursor is costs an answer that may come late, among what is typed.
    screen = Vt100_Output.from_pty(stream)
    screen.enable_cpr = False
    return screen, depth


def _keys(paste: Any, is_whole: Callable[[str], bool]) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter", filter=~is_done)
    def send(event: KeyPressEvent) -> None:
        if is_whole(event.current_buffer.text):
            event.current_buffer.validate_and_handle()
        else:
            _begin_a_line(event.current_buffer)

    @keys.add("escape", "enter")
    def begin_a_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c")
    @keys.add("<sigint>")
    def interrupt(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt())

    keys.add(Keys.BracketedPaste)(paste)
    return keys


def _begin_a_line(buffer: Buffer) -> None:
    """As far in as the line before, and further after a colon."""
    opens = buffer.document.current_line_before_cursor.rstrip().endswith(":")
    buffer.newline(copy_margin=True)
    if opens:
        buffer.insert_text("    ")


class Past(History):
    """What was typed before. typed: gives it from a log, the latest first."""

    def __init__(self, log: "Log | None", typed: "Callable[[Log], Iterable[str]]") -> None:
        super().__init__()
        self._path, self._typed = log.path if log else None, typed

    def load_history_strings(self) -> Iterator[str]:
        if self._path is None:
            return
        from curta.errors import LogError
        from curta.store import open_log

        log, before = open_log(self._path), ""  # one of its own: this runs in a thread
        try:
            for typed in self._typed(log):
                if typed and typed != before and len(typed) <= _LONGEST:
                    before = typed
                    yield before
        except LogError:
            return  # what is wrong with it is said where something is written
        finally:
            log.close()

    def store_string(self, string: str) -> None:
        """The log has it."""


def asked(log: "Log") -> Iterator[str]:
    """What was asked in earlier chats."""
    from curta.store import Filter

    yield from (call.prompt for call in log.calls(Filter(caller="chat", limit=MOST)) if not call.template)


class ChatCompleter(Completer):
    """Completes commands, and what follows them: files, models."""

    def get_completions(self, document: Document, complete_event: Any) -> Iterable[Completion]:
        text = document.text_before_cursor
        if not text.startswith("!"):
            return
        word, space, rest = text.partition(" ")
        if not space:
            yield from _beginning(word, (f"!{name}" for name in sorted(commands.names())))
        elif word in ("!fragment", "!file", "!attach"):
            last = rest.rpartition(" ")[2]
            yield from PathCompleter(expanduser=True).get_completions(Document(last, len(last)), complete_event)
        elif word == "!model":
            yield from _beginning(rest, _models())


def _beginning(typed: str, known: Iterable[str]) -> Iterator[Completion]:
    yield from (Completion(each, start_position=-len(typed)) for each in known if each.startswith(typed))


def _models() -> list[str]:
    from curta.models import registry

    known = (entry.name for entry in registry.entries())
    return sorted({registry.BUILT_IN, *registry.files(), *known, *registry.aliases()})
