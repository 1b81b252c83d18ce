"""A chat while it goes on: the conversation, what goes with the next message, and what it has cost."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from curta.api import prompting
from curta.api.given import opened
from curta.cli import output
from curta.cli import prompt_read as read
from curta.conversations import Response
from curta.conversations.budget import Budget
from curta.errors import CurtaError, UsageError
from curta.messages import Attachment

if TYPE_CHECKING:
    from curta.conversations import Conversation
    from curta.conversations.chain import Chain
    from curta.messages import Document, Message
    from curta.store import Log
    from curta.templates import Template

_ALWAYS = {"as_json": False, "extract": False, "extract_last": False, "check": False, "quotes": False}
_PATIENCE = 2.0  # seconds in which a second Ctrl-C is taken for the same wish as the first


class Session:
    """A chat while it goes on.

    talk: what was said so far. documents, attachments: what goes with the next message.
    system, options: as they are for the next message. last: the words of the latest message.
    name: how the conversation is to be called once there is one.
    """

    def __init__(self, talk: "Conversation", log: "Log | None", given: Mapping[str, Any]) -> None:
        self.talk = talk
        self.log = log
        self.given = {**_ALWAYS, **given}
        self.system: str | None = given["system"]
        self.options: dict[str, Any] = read.read_options(given["options"])
        self.templates: list[Template] = list(given["template"])
        self.system_documents: list[Document] = []
        self.documents: list[Document] = []
        self.attachments: list[Attachment] = []
        self.tools: dict[str, Any] = {}
        self.budget = None if given["max_cost"] is None else Budget(given["max_cost"])
        self.name: str | None = given["name"]
        self.last = ""
        self.answers: list[Response | Chain] = []
        self._went_on = False

    def say(self, words: str) -> int:
        """Say it, show what is answered; the exit code. What goes wrong is shown, and the chat goes on."""
        self.last, before = words, self.talk.messages
        answer: Response | Chain | None = None
        with _one_interrupt():
            try:
                answer = self._ask(words)
                return self._show(answer)
            except KeyboardInterrupt:
                if answer is not None:
                    answer.close()
                self._say_stopped(answer)
                return 130
            except CurtaError as error:
                output.error(error)
                return error.exit_code
            finally:
                if answer is not None:
                    self._take(answer, before)

    def attach(self, *, files: list[str] | None = None, pictures: list[str] | None = None) -> None:
        """Read these, to go with the next message. Raises SourceError."""
        documents = [document for name in files or () for document in prompting.load(name)]
        self.attachments += read.read_attachments(tuple(pictures or ()))
        self.documents += documents

    def back(self) -> None:
        """Go back to before the last message. Raises UsageError at the beginning."""
        self.talk = self.talk.fork(back=1)

    def again(self) -> str:
        """The words of the latest message, to be said from where they were said. Raises UsageError."""
        if not self.last:
            raise UsageError("Nothing was asked here yet.")
        if self._went_on:
            asked = next(message for message in reversed(self.talk.messages) if message.role == "user")
            self.back()
            self.documents = list(asked.documents)
            self.attachments = [part for part in asked.parts if isinstance(part, Attachment)]
        return self.last

    def choose(self, model: str) -> None:
        """Go on with another model. Raises UnknownModel."""
        self.talk.model = prompting.model(model, key=self.given["key"])

    def call_it(self, name: str) -> None:
        """Name the conversation, as soon as there is one. Raises UsageError."""
        if self.log is None:
            raise UsageError("This conversation is not logged: it cannot have a name.")
        if self.talk.id is None:
            self.log.check_name(name)
            self.name = name
        else:
            self.log.name_conversation(self.talk.id, name)

    @property
    def called(self) -> str | None:
        """The name of the conversation."""
        if self.name or not (self.log and self.talk.id):
            return self.name
        return self.log.call(self.talk.id).conversation_name

    @property
    def instructions(self) -> str | None:
        """The system prompt of the next message."""
        said = (message.text for message in reversed(self.talk.messages) if message.role == "system")
        return self.system or next(said, None)

    def spent(self) -> str:
        """What this chat has used and cost, in a line."""
        from curta.text.money import dollars

        if not self.answers:
            return "Nothing was asked yet."
        used = [answer.usage for answer in self.answers if answer.usage is not None]
        costs = [answer.cost for answer in self.answers if answer.cost is not None]
        unknown = len(self.answers) - len(costs)
        pieces = [f"{len(self.answers)} answer{'s' * (len(self.answers) != 1)}"]
        if used:
            sums = [sum(getattr(each, name) or 0 for each in used) for name in ("input", "output")]
            pieces.append(f"{sums[0]:,} in, {sums[1]:,} out {used[0].unit}")
        pieces += [dollars(sum(costs))] if costs else []
        pieces += [f"the cost of {unknown} unknown"] if unknown else []
        return " · ".join(pieces)

    def _ask(self, words: str) -> "Response | Chain":
        from curta.cli import prompt_shown as shown

        asked: dict[str, Any] = {
            "words": words,
            "documents": self.documents,
            "attachments": self.attachments,
            "system": self.system,
            "system_documents": self.system_documents,
            "template": self.templates or None,
            "inputs": dict(self.given["inputs"]),
            "options": self.options,
        }
        how = {
            "stream": not self.given["no_stream"],
            "on_retry": shown.say_retry,
            "caller": "chat",
            "max_cost": self.budget,
            "cache": self.given["cache"],
        }
        return prompting.prompt(**{**asked, **how, **self.tools}, conversation=self.talk)  # type: ignore[no-any-return]

    def _show(self, answer: Any) -> int:
        from curta.cli import prompt_shown as shown

        if not isinstance(answer, Response):
            from curta.cli import prompt_tools

            return prompt_tools.show(answer, self.given)
        shown.introduce(answer, self.given["model"])
        shown.show(answer, self.given)
        return shown.finish(answer, None, self.given)

    def _take(self, answer: "Response | Chain", before: "tuple[Message, ...]") -> None:
        """What goes with a message has gone once it was answered; a failed one is asked again with it."""
        from dataclasses import replace

        self.answers += [answer] if answer.status != "failed" else []
        self._went_on = self.talk.messages != before
        if self._went_on:
            self.documents, self.attachments = [], []
            self.templates = [
                replace(each, fragments=(), attachments=(), attachment_types=(), distrusted=())
                for each in self.templates
            ]
        if self.name and self.log and self.talk.id:
            name, self.name = self.name, None
            self.call_it(name)

    def _say_stopped(self, answer: "Response | Chain | None") -> None:
        import sys

        said = answer.partial() if answer else ""
        if said and output.is_terminal():
            sys.stdout.write("\n")
        if said.strip():
            output.note("Stopped. The conversation goes on from there; !undo takes the question back.")
        else:
            output.note("Stopped before anything was said; the arrow up has your words.")


def begin(given: Mapping[str, Any]) -> Session:
    """The chat that the command line asks for. Raises what is wrong with it before anything is asked."""
    read.warn_about_key(given["key"])
    if given["hide_reasoning"]:
        output.hide_reasoning()
    log = read.log(given)
    templates: Sequence[Template] = given["template"]
    model = given["model"] or next((each.model for each in templates if each.model), None)
    talk = read.resumed(given, log) or prompting.conversation(model, log=log, key=given["key"])
    session = Session(talk, opened(log), given)
    session.attach(files=list(given["sources"]), pictures=list(given["attached"]))
    session.attachments += read.typed_attachments(given["typed"])
    session.system_documents = [document for name in given["system_sources"] for document in prompting.load(name)]
    if given["tools"] or given["functions"] or templates:
        from curta.cli import prompt_tools

        session.tools = prompt_tools.asked(session.given)
    if session.name:
        name, session.name = session.name, None
        session.call_it(name)
    return session


@contextmanager
def _one_interrupt() -> Iterator[None]:
    """Take a Ctrl-C that is held down for one: closing an answer must not be broken off by the next."""
    import signal
    import threading
    import time

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    first: list[float] = []

    def interrupt(*_: object) -> None:
        if not first or time.monotonic() - first[0] > _PATIENCE:
            first.append(time.monotonic())
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
