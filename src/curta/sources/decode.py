"""Bytes to text, or a clear refusal of what is no text.

Newlines are kept as they are. In order: a byte-order mark decides; then the encoding that was declared (by an HTTP
header or a `<meta>` tag); then UTF-8. What is not valid UTF-8 is still read as UTF-8 when most of its other characters
are (a text cut in the middle of a character), each bad byte as U+FFFD, else as Windows-1252 when that looks like text.
"""

import codecs

from curta.errors import SourceNotText
from curta.sources.names import shown

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next one
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TEXT_BYTES = bytes(range(32, 127)) + bytes(range(128, 256)) + b"\t\n\r\f\b\x1b"
_ASCII = bytes(range(128))
_MOST_CONTROLS = 0.02
_MOST_ACCENTS = 0.5

_PICTURE = "a picture"
_KINDS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", _PICTURE + " (PNG)"),
    (0, b"\xff\xd8\xff", _PICTURE + " (JPEG)"),
    (0, b"GIF87a", _PICTURE + " (GIF)"),
    (0, b"GIF89a", _PICTURE + " (GIF)"),
    (8, b"WEBP", _PICTURE + " (WebP)"),
    (0, b"II*\0", _PICTURE + " (TIFF)"),
    (0, b"MM\0*", _PICTURE + " (TIFF)"),
    (0, b"%PDF-", "a PDF"),
    (0, b"PK\x03\x04", "a zip archive (or an office document or e-book, which is one inside)"),
    (0, b"\x1f\x8b", "data compressed with gzip"),
    (0, b"BZh", "data compressed with bzip2"),
    (0, b"\xfd7zXZ\0", "data compressed with xz"),
    (0, b"\x28\xb5\x2f\xfd", "data compressed with zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x7fELF", "a program (ELF)"),
    (0, b"MZ", "a program (Windows)"),
    (0, b"\xcf\xfa\xed\xfe", "a program (Mach-O)"),
    (0, b"\xca\xfe\xba\xbe", "a program (Mach-O or Java)"),
    (0, b"\0asm", "a program (WebAssembly)"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (0, b"PAR1", "a Parquet table"),
    (0, b"GGUF", "a model (GGUF)"),
    (0, b"RIFF", "sound or film (RIFF)"),
    (0, b"ID3", "sound (MP3)"),
    (0, b"OggS", "sound or film (Ogg)"),
    (0, b"fLaC", "sound (FLAC)"),
    (4, b"ftyp", "film or sound (MP4)"),
    (0, b"\x1a\x45\xdf\xa3", "film (Matroska)"),
)
# Encodings of the web. Others that Python knows are no charsets (zip, idna), and some take quadratic time (punycode).
_ISO_LATIN_1 = frozenset({"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"})
_CHARSETS = (
    *("windows-", "cp125", "iso-8859-", "koi8-", "ibm866", "macintosh", "tis-620"),
    *("gbk", "gb2312", "gb18030", "big5", "euc-jp", "euc-kr", "shift_jis", "shift-jis", "sjis", "iso-2022-jp"),
)


def decode(data: bytes, name: str, charset: str = "") -> str:
    """The text that `data` holds.

    name: how the source is called in a message. charset: the encoding it was declared to have, if any.
    Raises SourceNotText, which says what it seems to be instead.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if charset and (encoding := _known(charset)):
        return _checked(data, name).decode(encoding, "replace")
    try:
        return _checked(data, name).decode()
    except UnicodeDecodeError:
        return _broken(data, name)


def is_text(head: bytes) -> bool:
    """Whether a file that begins with `head` looks like text."""
    return head.startswith(tuple(mark for mark, _ in BOMS)) or not (_kind(head) or _is_binary(head))


def _known(charset: str) -> str:
    """The codec for a declared encoding, '' for UTF-8, which is tried anyway, and for what is not known."""
    label = charset.strip().lower()
    if label in _ISO_LATIN_1:
        return "cp1252"  # as browsers read it: WHATWG Encoding, section 4.2
    try:
        return codecs.lookup(label).name if label.startswith(_CHARSETS) else ""
    except LookupError:
        return ""


def _checked(data: bytes, name: str) -> bytes:
    if kind := _kind(data):
        raise _refusal(name, kind)
    if _is_binary(data):
        raise _refusal(name, _nameless(data))
    return data


def _broken(data: bytes, name: str) -> str:
    """Text that is not quite UTF-8, or not UTF-8 at all."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    accents = len(data.translate(None, _ASCII))
    if len(text) - (len(data) - accents) - bad >= bad:
        return text
    if 0 in data or accents > len(data) * _MOST_ACCENTS:
        raise _refusal(name, "binary data, or text in an encoding that cannot be told from its bytes")
    return data.decode("cp1252", "replace")


def _is_binary(data: bytes) -> bool:
    return len(data.translate(None, _TEXT_BYTES)) > len(data) * _MOST_CONTROLS


def _kind(data: bytes) -> str:
    """What the first bytes say this is, or ''. A mark made of letters (`BZh`) may also begin a text."""
    for offset, magic, kind in _KINDS:
        if data.startswith(magic, offset) and (kind == "a PDF" or data[:512].translate(None, _TEXT_BYTES)):
            return kind
    return ""


def _nameless(data: bytes) -> str:
    head = data[:4096]
    for zeros, others, order in ((head[1::2], head[::2], "LE"), (head[::2], head[1::2], "BE")):
        if zeros.count(0) > len(zeros) * 0.9 and others.count(0) < len(others) * 0.1:
            return f"UTF-16{order} text without a byte-order mark"
    return "binary data"


def _refusal(name: str, kind: str) -> SourceNotText:
    return SourceNotText(f"{shown(name)} holds no plain text: it is {kind}.", then=_next_step(name, kind))


def _next_step(name: str, kind: str) -> str:
    if kind.startswith(_PICTURE):
        return f"Send a picture with `-a {shown(name)}` to a model that sees."
    if kind.startswith(("data compressed", "a zip", "a tar", "a 7", "a RAR")):
        return "Unpack it first."
    if "UTF-16" in kind:
        return f"Convert it first: `iconv -f {kind.split()[0]} -t UTF-8`."
    if "encoding" in kind:
        return "If it is text, convert it first: `iconv -f ENCODING -t UTF-8`."
    return "Turn it into plain text first." if kind == "a PDF" else ""
