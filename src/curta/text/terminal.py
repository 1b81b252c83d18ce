"""Text from models, files and file names, made safe to write to a terminal.

A terminal obeys control characters: it copies to the clipboard (OSC 52), hides links, overwrites what was printed.
Each character that could do so is shown as a visible symbol of its own. There is no state, so no split of a stream
into pieces can smuggle a sequence through.
"""

import re
import unicodedata

# C0 except \n and \t, DEL, C1, and what is invisible or reorders text: bidi controls, zero-width characters,
# interlinear annotation, tag characters. U+200D (the joiner in emoji families) is judged by its neighbours below.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]|\u200d"
)


def clean(text: str) -> str:
    """`text` with every character that could command a terminal replaced by a visible symbol.

    `\\n` and `\\t` stay; a carriage return becomes visible too, so nothing on a line can be overwritten.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text)


def clean_line(text: str) -> str:
    """`clean(text)` on one line: for names, titles and table cells."""
    return clean(" ".join(text.split()))


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\u200d":
        return character if _joins_emoji(match.string, match.start()) else "<U+200D>"
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def _joins_emoji(text: str, position: int) -> bool:
    """Whether the joiner at `position` stands between two emoji. At the edge of a piece it is taken to be harmless."""
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    return all(not side or unicodedata.category(side) in ("So", "Sk", "Mn") for side in (before, after))


def width(text: str) -> int:
    """How many columns of a terminal `text` takes: two for wide East Asian characters and emoji, none for marks."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shorten(text: str, columns: int) -> str:
    """`text` cut to at most `columns`, with an ellipsis when something was left out."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += width(character)
        if used > columns - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"
