"""The parts of messages as protocols carry them: Documents rendered, words, attachments in base64, tool choices."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from curta.errors import UnsupportedRequest
from curta.messages import JSON, Attachment, Document, Part, Request, Text, Tool, ToolResult
from curta.models.rendering import render

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
PDF = "application/pdf"


def numbers(request: Request) -> dict[str, int]:
    """Each Document's number, by its hash: the same Document has the same number wherever it stands."""
    found = [document for message in request.messages for document in _documents(message.parts)]
    return {hash: number for number, hash in enumerate(dict.fromkeys(d.sha256 for d in found), start=1)}


def _documents(parts: Iterable[Part]) -> Iterator[Document]:
    for part in parts:
        if isinstance(part, Document):
            yield part
        elif isinstance(part, ToolResult):
            yield from _documents(part.parts)


def documents(parts: Iterable[Part], numbers: Mapping[str, int]) -> list[str]:
    """The Documents among `parts`, rendered."""
    return [render(part, numbers[part.sha256]) for part in parts if isinstance(part, Document)]


def texts(parts: Iterable[Part]) -> str:
    """The words among `parts`."""
    return "\n\n".join(part.text for part in parts if isinstance(part, Text))


def words(parts: Iterable[Part], numbers: Mapping[str, int], where: str) -> str:
    """The Documents, rendered, and after them the words. Raises UnsupportedRequest when there is more than text."""
    parts = list(parts)
    for part in attachments(parts):
        raise UnsupportedRequest(f"This protocol cannot carry an attachment ({part.media_type}) in {where}.")
    return "\n\n".join([*documents(parts, numbers), *(part.text for part in parts if isinstance(part, Text))])


def system(request: Request, numbers: Mapping[str, int]) -> str:
    """The system messages in one: for protocols where they stand apart from the conversation."""
    told = [message for message in request.messages if message.role == "system"]
    return "\n\n".join(words(message.parts, numbers, "the system prompt") for message in told)


def attachments(parts: Iterable[Part]) -> list[Attachment]:
    return [part for part in parts if isinstance(part, Attachment)]


def result(part: Part) -> ToolResult:
    """`part` of a tool message. Raises UnsupportedRequest for anything but a tool's result."""
    if not isinstance(part, ToolResult):
        raise UnsupportedRequest("A tool message carries results of tools only.")
    return part


def media_type(part: Attachment) -> str:
    """Its media type in lower case, without parameters."""
    return part.media_type.partition(";")[0].strip().lower()


def not_carried(part: Attachment, carried: Iterable[str]) -> UnsupportedRequest:
    """The refusal of an attachment, with what would be carried instead."""
    return UnsupportedRequest(
        f"This protocol cannot carry an attachment of type {part.media_type!r}{' by URL' if part.url else ''}.",
        then=f"It carries {', '.join(carried)}. A text file is a source: -f FILE",
    )


def data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64(data)}"


def base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode("ascii")


def chosen(request: Request) -> str | None:
    """The tool choice: None, `auto`, `none`, `required` or the name of a tool. Raises UnsupportedRequest for others."""
    names = {tool.name for tool in request.tools}
    if not names and request.choice not in (None, "auto", "none"):
        raise UnsupportedRequest(f"The tool choice is {request.choice!r}, but there are no tools.")
    if names and request.choice not in {None, "auto", "none", "required", *names}:
        raise UnsupportedRequest(f"There is no tool called {request.choice!r} to choose.")
    return request.choice


def openai_tools(request: Request, declared: Callable[[Tool], JSON], named: Callable[[str], JSON]) -> dict[str, JSON]:
    """The tools and the choice among them, as OpenAI's protocols have it. named: how one says that it must be this."""
    choice = chosen(request)
    if not request.tools:
        return {}
    tools: dict[str, JSON] = {"tools": [declared(tool) for tool in request.tools]}
    if choice is None:
        return tools
    return {**tools, "tool_choice": choice if choice in ("auto", "none", "required") else named(choice)}
