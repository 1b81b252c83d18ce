"""What can go wrong for the user: one class per thing, each with what happened, why, and what to do next.

Rules: an error is raised where it is known and caught only at a face (`cli`, `web`).
`exit_code` is what a command ends with; the numbers are documented in `curta --help` and never change.
"""

from collections.abc import Callable
from typing import ClassVar

tell: Callable[[str], object] = lambda sentence: None  # noqa: E731
"""Told what a person should know though nothing fails: what takes seconds, what a listing lacks. A face sets it."""


class CurtaError(Exception):
    """Base of everything Curta raises on purpose.

    what: one sentence that says what happened.
    why: the reason, when it adds something.
    then: the next step, usually a command to type.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, why: str = "", then: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.then = then

    def __str__(self) -> str:
        return "\n".join(line for line in (self.what, self.why, self.then) if line)


class UsageError(CurtaError):
    """The command or call was put wrongly: an unknown option, an argument that does not fit."""

    exit_code = 2


class ConfigError(CurtaError):
    """A configuration, key or model file cannot be read or is not what it should be."""


class MissingExtra(CurtaError):
    """A package that not everybody needs is not installed. extra: the name under which Curta lists it."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(what, then=f"curta install 'curta[{extra}]'")
        self.extra = extra


# Sources


class SourceError(CurtaError):
    """A source cannot be read."""


class SourceNotFound(SourceError):
    """There is nothing under this name."""


class SourceNotText(SourceError):
    """The source is there but holds no text: a picture, a program, an archive."""


class SourceTooLarge(SourceError):
    """The source is larger than what may be loaded at once."""


# Templates


class TemplateError(CurtaError):
    """A template is missing, malformed or lacks an input. `what` names file and line when they are known."""

    exit_code = 2


# Model files


class ModelFileError(CurtaError):
    """A model file cannot be fetched, read or removed."""


class NoHash(ModelFileError):
    """Nobody says what the SHA-256 of a model file should be. It was not fetched."""

    exit_code = 4


# Models and the network


class ModelError(CurtaError):
    """A model could not answer."""


class UnknownModel(ModelError):
    """No model has this name."""

    exit_code = 2


class MissingKey(ModelError):
    """The model needs a key and none was found."""


class UnsupportedRequest(ModelError):
    """The model cannot do what the request asks for (an option, a schema, an image): named, never half-obeyed."""

    exit_code = 2


class Unreachable(ModelError):
    """No connection to the host: refused, no such name, no network, TLS failure."""


class BadModelFile(ModelError):
    """A file is no model, is cut off or damaged, or is of a kind that the engine does not know."""


class EngineError(ModelError):
    """The engine that runs models on this computer cannot start, or needs more than this computer has."""


class PromptTooLong(UnsupportedRequest):
    """The prompt does not fit into the context of the model. It was not sent, and nothing was cut off.

    tokens: of the prompt, by the model's own tokenizer. room: how many there is room for.
    """

    def __init__(self, what: str, *, tokens: int, room: int, why: str = "", then: str = "") -> None:
        super().__init__(what, why=why, then=then)
        self.tokens = tokens
        self.room = room


class TimedOut(ModelError):
    """The host did not answer in time."""


class BrokenAnswer(ModelError):
    """The answer was cut off in the middle or is not what the protocol says. What had arrived is kept."""


class ProviderError(ModelError):
    """The provider answered with an error of its own.

    status: the HTTP status.
    """

    def __init__(self, what: str, *, status: int, why: str = "", then: str = "") -> None:
        super().__init__(what, why=why, then=then)
        self.status = status


class BadKey(ProviderError):
    """The provider refused the key (401, 403)."""


class RateLimited(ProviderError):
    """Too many requests, and the retries were used up (429).

    wait: seconds after which the provider will take more, where it says so.
    """

    def __init__(
        self, what: str, *, status: int = 429, why: str = "", then: str = "", wait: float | None = None
    ) -> None:
        super().__init__(what, status=status, why=why, then=then)
        self.wait = wait


class Refused(ModelError):
    """The model or its provider declined to answer for reasons of content."""

    exit_code = 4


class TooExpensive(CurtaError):
    """A call could cost more than it may, or nobody knows what it could cost. It was not made."""

    exit_code = 4


class NeedsApproval(CurtaError):
    """Something is done only when somebody agrees, and nobody was there to be asked."""

    exit_code = 5


# Tools


class ToolError(CurtaError):
    """A tool cannot be found, made or called. As the result of a call, its words go to the model."""


class ChainTooLong(ToolError):
    """The model still asks for tools after as many calls as were allowed. What had arrived is kept."""


# The log


class LogError(CurtaError):
    """The log cannot be read or written."""


class LogUnavailable(LogError):
    """The log cannot be used now: locked, read-only, disk full."""


class LogCorrupt(LogError):
    """The log file is damaged. It is named and kept, never deleted."""


class LogTooNew(LogError):
    """The log was written by a newer Curta than this one."""


class UnknownCall(LogError):
    """No logged call has this id."""


class AmbiguousCall(UnknownCall):
    """Several logged calls have ids that begin so."""


# Indexes


class IndexFileError(CurtaError):
    """An index cannot be read or written: locked, damaged, of a newer Curta, the disk is full."""


class UnknownIndex(CurtaError):
    """No index has this name."""

    exit_code = 2


class WrongVectors(CurtaError):
    """Vectors that do not fit an index: of another model, of another dimension, or no vectors at all."""


# Tools of MCP servers


class ServerError(CurtaError):
    """An MCP server cannot be started or reached, broke off, or says that a call went wrong."""


class ToolChanged(CurtaError):
    """A tool is not what the user agreed to: it waits for them to agree again."""

    exit_code = 5


# Plugins


class PluginError(CurtaError):
    """A plugin failed, or cannot be installed or removed. `what` names it."""


# Checks


class CheckFailed(CurtaError):
    """A decided claim does not hold: an unverified quotation, a wrong author, an unsupported number."""

    exit_code = 3


class WrongFile(CheckFailed):
    """A model file is not what its hash, its size or its first bytes should be: damaged, or another file."""


class SchemaNotFollowed(CheckFailed):
    """The answer is not JSON of the schema that was asked for. It is kept as it came."""


# The sandbox


class SandboxError(CurtaError):
    """The sandbox cannot be built, compiled or started here."""
