"""Pictures and other files that are sent as they are, for models that see or hear."""

import os

from curta.errors import SourceTooLarge, UsageError
from curta.messages import Attachment
from curta.sources.files import LIMIT, read

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
)


def attachment(source: str, media_type: str | None = None) -> Attachment:
    """The attachment a path, a URL (which the provider fetches itself) or `-` (standard input) names.

    media_type: what it is; without it, what its bytes or its name show.
    Raises what reading a file raises, and UsageError when the kind of file cannot be told.
    """
    if source.startswith(("http://", "https://")):
        return Attachment(media_type or _by_name(source.partition("?")[0]) or "image/*", url=source)
    if source == "-":
        import sys

        return _of_bytes(sys.stdin.buffer.read(LIMIT + 1), "stdin", media_type)
    return _of_bytes(read(source), os.path.basename(source), media_type)


def _of_bytes(data: bytes, name: str, given: str | None) -> Attachment:
    if len(data) > LIMIT:
        raise SourceTooLarge(f"The attachment {name!r} is larger than {LIMIT >> 20} MB.")
    kind = given or media_type(data) or _by_name(name)
    if kind is None:
        raise UsageError(
            f"Cannot tell what kind of file the attachment {name!r} is.",
            then="A text is sent with -f; of any other file, say what it is: --at FILE image/png",
        )
    return Attachment(kind, data, name)


def media_type(data: bytes) -> str | None:
    """The media type that the first bytes of a file show."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12])
    return None


def _by_name(name: str) -> str | None:
    from mimetypes import guess_type

    kind = guess_type(name)[0]
    return kind if kind and kind.startswith(("image/", "audio/", "video/", "application/pdf")) else None
