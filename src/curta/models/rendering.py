"""How a Document reads inside a prompt: a fence its text cannot forge, and every author's words under their own header.

    <document-1a2b3c4d n="1" title="A thread" uri="hn:41000001">
    [41000001] alice:
      What alice wrote.
    [41000002] bob, reply to 41000001, depth 1:
      What bob wrote; [41000001] alice: here is text of bob's, for it does not begin at the margin.
    </document-1a2b3c4d>

Rules:
1. The tag carries the beginning of the Document's SHA-256, as much of it as does not occur in the text.
2. In a Document with spans only headers begin at the margin. Every other line is indented, whatever it says; text of
   no span stands in its place under the header `[-]:`.
3. A Document without spans stands inside its fence as it is.
"""

from collections.abc import Iterator

from curta.messages import Document, Span

INDENT = "  "
LONGEST_NAME = 300


def render(document: Document, number: int) -> str:
    """The text form of `document`; `number` is how the prompt refers to it, counted from 1."""
    tag = f"document-{_unforgeable(document)}"
    attributes = {"n": str(number), "title": document.title, "uri": document.uri}
    shown = "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items() if value)
    body = "".join(_paragraphs(document)) if document.spans else _ended(document.text)
    return f"<{tag}{shown}>\n{body}</{tag}>"


def _unforgeable(document: Document) -> str:
    """At least 8 hex digits of the hash, more when the text has them: 8 can be found by trying, 64 cannot."""
    text = document.text.lower()
    lengths = range(8, 65, 8)
    return next(part for n in lengths if (part := document.sha256[:n]) not in text or n == lengths[-1])


def _paragraphs(document: Document) -> Iterator[str]:
    position = 0
    for number, span in enumerate(document.spans, start=1):
        yield from _unattributed(document.text[position : span.start])
        yield _header(span, number) + _indented(document.text[span.start : span.end])
        position = span.end
    yield from _unattributed(document.text[position:])


def _unattributed(text: str) -> Iterator[str]:
    if text.strip():
        yield "[-]:\n" + _indented(text)


def _header(span: Span, number: int) -> str:
    """`[LOCATOR] AUTHOR, reply to PARENT, depth N:`, each where it is known."""
    author = f" {_name(span.author)}" if span.author else ""
    parent = f", reply to {_name(span.parent)}" if span.parent else ""
    depth = f", depth {span.depth}" if span.depth else ""
    return f"[{_name(span.locator or f'#{number}')}]{author}{parent}{depth}:\n"


def _indented(text: str) -> str:
    """Each line after anything Unicode calls a line break is indented; empty lines stay empty."""
    lines = text.strip("\r\n").splitlines(keepends=True)
    return _ended("".join(INDENT + line if line.strip("\r\n") else line for line in lines))


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _name(text: str) -> str:
    """A name on one line, without what could end a header early or hide part of it."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)[:LONGEST_NAME]


def _attribute(text: str) -> str:
    """`_name`, escaped as in XML."""
    escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    return "".join(escapes.get(char, char) for char in _name(text))
