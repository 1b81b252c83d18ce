"""Sentences as spans of the raw text: `text[start:end]` is always the author's own characters.

A text is first cut into blocks (paragraphs, headings, list items, quoted lines, code, table rows), then a block into
sentences. Lines of a hard-wrapped paragraph belong to one block, so a sentence may hold line breaks; a blank line never
lies inside one. Full stops that end no sentence (abbreviations, initials, ordinals, short quotations) are known for
several Latin-script languages; other scripts end a sentence with marks of their own. Linear in the length of the text.

The cases that tests hold it to are of the kind of pySBD's "golden rules" (Sadvilkar and Neumann, 2020).
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["prose", "heading", "item", "quoted", "code", "row"]

WRAP_AT_LEAST = 40
WRAP_AT_MOST = 132
HEADING_WORDS = 9
HEADING_CHARACTERS = 80
INNER_STOP_FROM = 4  # a heading may begin with its number and a full stop
THAI_PHRASE = 60  # Thai has no full stop: a phrase of so many characters ends at the next space.
LONGEST_WORD_BEFORE_STOP = 24

FULL_STOPS = ".!?…।॥።။។៕։؟۔"  # end a sentence before white space
WIDE_STOPS = "。！？｡"  # end one anywhere
OPENERS = "\"'“‘„«‹([{¿¡*_—–-…「『（【"
CLOSERS = "\"'”’“»›)]}*_」』）】〉》"


class Block(NamedTuple):
    """A stretch of lines that belong together: `text[start:end]`, without list, quote or heading marks."""

    start: int
    end: int
    kind: Kind


class _Line(NamedTuple):
    start: int
    end: int
    indent: int
    after_blank: bool


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The sentences of `text[start:end]` as (start, end): sorted, disjoint, without surrounding white space."""
    return [span for block in blocks(text, start, end) for span in split(text, block)]


def split(text: str, block: Block) -> list[tuple[int, int]]:
    """The sentences of one block. Headings, table rows and lines of code are whole."""
    if block.kind in ("heading", "row", "code"):
        return [(block.start, block.end)]
    return _split_prose(text, block.start, block.end)


def is_heading(line: str) -> bool:
    """Whether a line by itself reads as a heading: short, without a closing mark, no "label: value"."""
    line = line.strip()
    if len(line) > HEADING_CHARACTERS or not any(map(str.isalpha, line)):
        return False
    if line[-1] == "." and _chapter().fullmatch(line):
        return True
    if (chapter := _chapter().match(line)) and line[chapter.end() : chapter.end() + 1] in (" ", ":", "."):
        line = line[chapter.end() :].lstrip(" .:—–-") or line
    closed = line[-1] in FULL_STOPS + WIDE_STOPS + CLOSERS + ":;," or _inner_stop().search(line, INNER_STOP_FROM)
    return not closed and _words(line) <= HEADING_WORDS and not line[0].islower()


def blocks(text: str, start: int = 0, end: int | None = None) -> Iterator[Block]:
    """The blocks of `text[start:end]`, in order. Lines without a letter or digit, fences and rules are left out."""
    lines = list(_lines(text, start, len(text) if end is None else end))
    width = _width(lines)
    run: list[_Line] = []
    fence = ""
    for line in lines:
        mark = text[line.start : line.start + 3]
        if mark in ("```", "~~~") and fence in ("", mark):
            yield from _run_blocks(text, run, width)
            run, fence = [], "" if fence else mark
        elif fence:
            yield from _closed(text, Block(line.start, line.end, "code"))
        else:
            if line.after_blank:
                yield from _run_blocks(text, run, width)
                run = []
            run.append(line)
    yield from _run_blocks(text, run, width)


# Lines and blocks


# Each pattern is compiled on first use: importing this module costs nothing, and few texts need them all.


@cache
def _line() -> re.Pattern[str]:
    return re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


@cache
def _mark() -> re.Pattern[str]:
    """What a line may begin with that is no part of its text: a quote mark, a heading mark, a bullet or number."""
    return re.compile(
        r"(?P<quoted>>+\s*)|(?P<heading>\#{1,6}\s+)|(?P<item>(?:(?:[-*•‣▪◦·]|\(?\d{1,3}[.)]|[a-z]\))\s+){1,2})"
    )


@cache
def _chapter() -> re.Pattern[str]:
    return re.compile(
        r"(?:chapter|book|part|volume|vol|section|kapitel|chapitre|cap[íi]tulo|capitolo|hoofdstuk|глава)"
        r"\s+(?:[ivxlcdm]+|\d+|the \w+|one|two|three|four|five|six|seven|eight|nine|ten)\.?|[IVXLC]+\.",
        re.IGNORECASE,
    )


@cache
def _inner_stop() -> re.Pattern[str]:
    """What shows that a line is no heading: a label, or more than one sentence."""
    return re.compile(r"[.!?:]\s")


@cache
def _stop() -> re.Pattern[str]:
    return re.compile(rf"[{FULL_STOPS}{WIDE_STOPS}]+[{re.escape(CLOSERS)}]*")


@cache
def _thai() -> re.Pattern[str]:
    return re.compile("[\u0e00-\u0e7f]")


@cache
def _thai_stop() -> re.Pattern[str]:
    return re.compile(_stop().pattern + r"|(?<=[\u0e00-\u0e7f])[ \t]+(?=[\u0e00-\u0e7f])")


@cache
def _whole() -> re.Pattern[str]:
    """Short quotations and brackets, which are never cut."""
    return re.compile(
        r"“[^“”]{1,160}”|„[^„“”]{1,160}[“”]|«[^«»]{1,160}»|\([^()]{1,160}\)|「[^「」]{1,160}」|『[^『』]{1,160}』"
        r"|(?<![\w.,!?…])\"(?=\S)[^\"]{1,160}(?<=\S)\"(?!\w)"
    )


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    """The lines that hold more than white space, without it."""
    last = start
    blank = False
    for match in _line().finditer(text, start, end):
        raw = match.group()
        gap = text[last : match.start()]
        blank = blank or (len(gap) > 1 and gap != "\r\n")
        last = match.end()
        if not (line := raw.strip()):
            blank = True
            continue
        indent = len(raw) - len(raw.lstrip())
        first = match.start() + indent
        yield _Line(first, first + len(line), indent, blank)
        blank = False


def _width(lines: list[_Line]) -> int:
    """The column at which the text was wrapped, 0 where it was not: few lines are longer, and none much longer."""
    lengths = sorted(line.end - line.start + line.indent for line in lines)
    width = lengths[len(lengths) * 19 // 20] if lengths else 0
    return width if WRAP_AT_LEAST <= width <= WRAP_AT_MOST else 0


def _run_blocks(text: str, run: list[_Line], width: int) -> Iterator[Block]:
    """The blocks of a run of lines without a blank one between them."""
    if not run:
        return
    if _is_code(text, run):
        for line in run:
            yield from _closed(text, Block(line.start, line.end, "code"))
        return
    opened: Block | None = None
    for before, line in zip([None, *run], run, strict=False):
        found = _single(text, line)
        if opened and before and found.kind == "prose" and _continues(text, before, line, width, opened):
            opened = opened._replace(end=line.end)
            continue
        yield from _closed(text, opened)
        opened = found
    yield from _closed(text, opened)


def _single(text: str, line: _Line) -> Block:
    """A line by itself as a block, its list, quote or heading mark taken off."""
    if match := _mark().match(text, line.start, line.end):
        kind: Kind = "quoted" if match["quoted"] else "heading" if match["heading"] else "item"
        return Block(match.end(), line.end, kind)
    if text.count("|", line.start, line.end) > 1 or text.count("\t", line.start, line.end) > 1:
        return Block(line.start, line.end, "row")
    return Block(line.start, line.end, "prose")


def _continues(text: str, before: _Line, line: _Line, width: int, opened: Block) -> bool:
    """Whether `line` goes on where the line before it was only wrapped."""
    if opened.kind not in ("prose", "item"):
        return False
    first = text[line.start]
    if first.islower() and text[before.end - 1] not in ".!?:":
        return True
    if not width:
        return opened.kind == "item" and line.indent > before.indent
    word = next(iter(text[line.start : min(line.end, line.start + width)].split(maxsplit=1)), "")
    return before.end - before.start + before.indent + 1 + len(word) > width


def _closed(text: str, block: Block | None) -> Iterator[Block]:
    """The finished block, recognised as a heading where it is one; nothing when it holds no letter or digit."""
    if block is None or not any(map(str.isalnum, text[block.start : block.end])):
        return
    if block.kind == "prose" and block.end - block.start <= HEADING_CHARACTERS:
        line = text[block.start : block.end]
        if not any(character in line for character in "\n\r") and is_heading(line):
            block = block._replace(kind="heading")
    yield block


def _is_code(text: str, run: list[_Line]) -> bool:
    """Indented lines that do not read as sentences: programs, commands, listings."""
    if any(line.indent < 2 for line in run):
        return False
    content = "".join(text[line.start : line.end] for line in run)
    symbols = sum(map(content.count, "{}[]();=<>|\\_$#&"))
    stops = sum(text[line.end - 1] in '.!?…。！？"”’' for line in run)
    return symbols * 12 > len(content) or (stops == 0 and symbols > 0)


def _words(line: str) -> int:
    """Words, counting two characters of a script without spaces as one."""
    wide = sum("\u2e80" <= character <= "\ud7ff" or "\u0e00" <= character <= "\u0eff" for character in line)
    return len(line.split()) + wide // 2


# Sentences of a paragraph


def _split_prose(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    begin = start
    for stop in _stops(text, start, end):
        after = stop.end()
        if after < end and _ends_sentence(text, begin, stop, end):
            found.append((begin, stop.start() if stop.group().isspace() else after))
            begin = after
            while text[begin].isspace():
                begin += 1
    found.append((begin, end))
    return found


def _stops(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Marks that may end a sentence, but for those inside a short quotation or bracket."""
    part = text[start:end]
    thai = not part.isascii() and _thai().search(part)
    opened = any(mark in part for mark in '“„«(「『"')
    whole = _whole().finditer(text, start, end) if opened else iter(())
    kept = next(whole, None)
    for stop in (_thai_stop() if thai else _stop()).finditer(text, start, end):
        while kept and kept.end() <= stop.start():
            kept = next(whole, None)
        if not kept or kept.start() > stop.start() or stop.end() >= kept.end():
            yield stop


def _ends_sentence(text: str, begin: int, stop: re.Match[str], end: int) -> bool:
    mark = text[stop.start()]
    if mark in WIDE_STOPS:
        return True
    if mark.isspace():
        return stop.start() - begin >= THAI_PHRASE
    if not text[stop.end()].isspace() or text[stop.start() - 1 : stop.start()] == "[":
        return False
    following = _following(text, stop.end(), end)
    if not following or following[0].islower() or following[0] in ".,;:" or _spaced_ellipsis(text, stop.start()):
        return False
    return stop.group() not in (".", ".)") or not _is_abbreviation(text, begin, stop.start(), following)


def _following(text: str, position: int, end: int) -> str:
    """The next word, without the marks that may open it; a lone mark when no word follows it."""
    while position < end and text[position].isspace():
        position += 1
    mark = text[position : position + 1]
    while position < end and text[position] in OPENERS:
        position += 1
    last = position
    while last < end and last - position < LONGEST_WORD_BEFORE_STOP and text[last].isalnum():
        last += 1
    return text[position:last] or text[position : min(position + 1, end)] or mark


def _spaced_ellipsis(text: str, stop: int) -> bool:
    """ ". . ." is a pause; a fourth point makes it an end."""
    return text[max(0, stop - 2) : stop] == ". " and text[max(0, stop - 6) : stop] != ". . . "


def _is_abbreviation(text: str, begin: int, stop: int, following: str) -> bool:
    """Whether the full stop at `stop` belongs to the word before it."""
    first = stop
    while first > begin and stop - first < LONGEST_WORD_BEFORE_STOP and not text[first - 1].isspace():
        first -= 1
    word = text[first:stop].strip(OPENERS)
    if word.isdigit():
        return len(word) <= 2 and _is_ordinal(text, begin, first, following)
    starts = following.casefold() in _group("starters")
    known = word.casefold()
    if known in _group("titles") or known in _group("never_last"):
        return True
    if known in _group("before_number") and (following[0].isdigit() or _is_roman(following)):
        return True
    if len(word) == 1 and word.isupper():
        return not starts and word != "I"
    return (known in _group("perhaps_last") or ("." in word and len(word) <= 8 and word[0].isalpha())) and not starts


def _is_ordinal(text: str, begin: int, number: int, following: str) -> bool:
    """German writes ordinals with a full stop: "am 3. Oktober", "im 19. Jahrhundert"."""
    before = text[max(begin, number - 8) : number].split()
    return following.casefold() in _group("counted") or (
        bool(before) and before[-1].casefold() in _group("before_ordinal") and not following[0].isdigit()
    )


def _is_roman(word: str) -> bool:
    return bool(word) and all(letter in "IVXLC" for letter in word)


_GROUPS = {
    # Always followed by a name.
    "titles": "mr mrs ms mx dr drs prof messrs mme mmes mlle mlles rev revd hon gen col maj capt cpt cmdr lt sgt "
    "cpl pvt adm gov sen rep pres supt insp st ste mt ft hr hrn frl dipl ing sra srta sr dra d dª sig sigg dott avv "
    "mevr dhr ds г гр им ул проф акад",
    # Never the end of a sentence.
    "never_last": "e.g eg i.e ie cf viz vs approx ca z.b d.h u.a s.o s.u vgl bzw ggf evtl sog bspw inkl exkl gegr "
    "geb gest verh p.ej c.-à-d m.n bijv d.w.z o.a т.е т.к напр см",
    # Part of a number or a reference when one follows.
    "before_number": "no nos nr nº n° num fig figs eq eqs p pp pg vol vols ch chap art arts sec sect ser ed abb tab "
    "bd s kap abs ziff pos tel ext app jan feb mar apr jun jul aug sep sept oct nov dec okt dez mär janv févr avr "
    "juil août déc ene abr ago dic gen mag giu lug ott рис стр гл табл",
    # The end of a sentence only when the next word is one that begins sentences.
    "perhaps_last": "inc ltd co corp bros jr sr dept univ assn etc usw usf gmbh al esq ph.d m.d b.a m.a u.s u.k u.n "
    "u.s.a a.m p.m a.d b.c d.c д.р т.д т.п",
    "starters": "the a an this that these those he she it we they i you his her its our their there here in on at "
    "as for from by with when while after before if although though since because but and so then however what who "
    "why how where my your no not one some all many most der die das ein eine er sie es wir ich und aber doch dann "
    "wenn als nach vor mit von im am le la les un une il elle ils elles nous je et mais puis alors dans pour el los "
    "las una y pero en por con lo gli i è ma nel de het een hij zij wij maar",
    "counted": "januar februar märz april mai juni juli august september oktober november dezember jänner "
    "jahrhundert jahrhunderts klasse weltkrieg weltkriegs stock kapitel auflage platz tag mal woche monat jahr "
    "geburtstag",
    "before_ordinal": "am im der die das dem den des vom zum zur beim bis seit ab und",
}


@cache
def _group(name: str) -> frozenset[str]:
    return frozenset(_GROUPS[name].split())
