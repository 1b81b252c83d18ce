"""Quotations made from true ones, in sixteen languages: some wrong in one respect, some only typed differently.

Everything is drawn from a seed, so a failing case can be drawn again. The texts (`paragraphs.json`) were written for
this project: about the same mill in every language, with numbers, ranges, signs and negations in them.
"""

import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from curta.messages import Document, Span

TEXTS: dict[str, list[str]] = json.loads((Path(__file__).parent / "paragraphs.json").read_text(encoding="utf-8"))
UNSPACED = {"zh", "ja"}
AUTHORS = ("ann", "bob", "Carol Ng", "дмитрий")
NEGATIONS = {
    "en": "not", "de": "nicht", "fr": "pas", "es": "nunca", "it": "non", "pt": "não", "nl": "niet", "ru": "не",
    "el": "δεν", "tr": "değil", "ar": "لا", "hi": "नहीं", "vi": "không", "ko": "않고",
}  # fmt: skip
NEGATED = re.compile(
    r"\b(?:not|nobody|never|n't|can't|don't|non|nicht|niemand|kein\w*|glaube|ne|n'|pas|personne|sans|no|nadie|nunca|sin|"
    r"nessuno|senza|não|ninguém|nunca|sem|niet|niemand|geen|zonder|не|никто|нельзя|без|δεν|κανείς|ποτέ|χωρίς|hiç|değil|"
    r"olmadan|لم|لن|لا|ليس|بدون|không|chẳng)\b|नहीं|बिना|n't|不|没|无|無|ない|なかった|ませ|않|못|아무|없",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Passage:
    """Some consecutive sentences of one author."""

    language: str
    sentences: tuple[str, ...]
    author: str
    others: tuple[str, ...]

    @property
    def text(self) -> str:
        return joint(self.language).join(self.sentences)


@dataclass(frozen=True)
class Case:
    """A quotation and whether it is true."""

    kind: str
    language: str
    text: str
    author: str
    legitimate: bool


def joint(language: str) -> str:
    return "" if language in UNSPACED else " "


def documents() -> list[Document]:
    """One document for each language: a stretch of three sentences for each author in turn."""
    return [_document(language, sentences) for language, sentences in TEXTS.items()]


def _document(language: str, sentences: list[str]) -> Document:
    text, spans = "", []
    for number, first in enumerate(range(0, len(sentences), 3)):
        start = len(text)
        text += joint(language).join(sentences[first : first + 3])
        spans.append(Span(start, len(text), AUTHORS[number % len(AUTHORS)], f"{language}-{number}"))
        text += "\n\n"
    return Document(text, uri=f"{language}.txt", spans=tuple(spans))


DOCUMENTS = documents()
FOLDED = "\n".join(document.text for document in DOCUMENTS).casefold()
WORDS = {
    language: sorted({w for s in texts for w in re.findall(r"[^\W\d]{3,}", s)}) for language, texts in TEXTS.items()
}


def draw_passage(rng: random.Random) -> Passage:
    language = rng.choice(list(TEXTS))
    sentences = TEXTS[language]
    number = rng.randrange((len(sentences) + 2) // 3)
    mine = sentences[3 * number : 3 * number + 3]
    begin = rng.randrange(len(mine))
    end = rng.randrange(begin + 1, len(mine) + 1)
    rest = [s for i, s in enumerate(sentences) if i // 3 % len(AUTHORS) != number % len(AUTHORS)]
    return Passage(language, tuple(mine[begin:end]), AUTHORS[number % len(AUTHORS)], tuple(rest))


Corrupt = Callable[[random.Random, Passage], str | None]


def pieces(passage: Passage) -> list[str]:
    """The words of a passage, or its characters where there are no spaces."""
    return list(passage.text) if passage.language in UNSPACED else passage.text.split(" ")


def joined(passage: Passage, words: list[str]) -> str:
    return joint(passage.language).join(words)


def inner(rng: random.Random, words: list[str]) -> int:
    return rng.randrange(1, len(words) - 1)


# What changes the words


def word_replaced(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    words[inner(rng, words)] = rng.choice(WORDS[passage.language])
    return joined(passage, words)


def word_of_another_language(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    words[inner(rng, words)] = rng.choice(WORDS[rng.choice(list(TEXTS))])
    return joined(passage, words)


def negation_added(rng: random.Random, passage: Passage) -> str | None:
    if passage.language in UNSPACED:
        return None
    words = pieces(passage)
    words.insert(inner(rng, words), NEGATIONS[passage.language])
    return joined(passage, words)


def negation_removed(rng: random.Random, passage: Passage) -> str | None:
    found = [m for m in NEGATED.finditer(passage.text) if m.start() > 0 and m.end() < len(passage.text) - 1]
    if not found:
        return None
    gone = rng.choice(found)
    return " ".join((passage.text[: gone.start()] + passage.text[gone.end() :]).split())


def number_changed(rng: random.Random, passage: Passage) -> str | None:
    found = list(re.finditer(r"\d", passage.text))
    if not found:
        return None
    digit = rng.choice(found)
    return (
        passage.text[: digit.start()] + str((int(digit[0]) + rng.randrange(1, 10)) % 10) + passage.text[digit.end() :]
    )


def decimal_mark_moved(rng: random.Random, passage: Passage) -> str | None:
    text = re.sub(r"(\d)[.,](\d)", r"\1\2", passage.text)
    return (
        text
        if text != passage.text
        else re.sub(r"(\d)(\d)", r"\1.\2", passage.text)
        if re.search(r"\d\d", text)
        else None
    )


def percent_dropped(rng: random.Random, passage: Passage) -> str | None:
    text = re.sub(r"(\d) ?%", r"\1", passage.text)
    return text if text != passage.text else None


def sign_flipped(rng: random.Random, passage: Passage) -> str | None:
    text = re.sub(r"(?<![\d\w])-(\d)", r"\1", passage.text)
    return text if text != passage.text else None


def word_dropped(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    del words[inner(rng, words)]
    return joined(passage, words)


def word_added(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    words.insert(inner(rng, words), rng.choice(WORDS[passage.language]))
    return joined(passage, words)


def word_doubled(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    i = inner(rng, words)
    return joined(passage, [*words[:i], words[i], *words[i:]])


def words_swapped(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    i = inner(rng, words)
    words[i], words[i - 1] = words[i - 1], words[i]
    return joined(passage, words)


def letter_wrong(rng: random.Random, passage: Passage) -> str:
    text = passage.text
    i = rng.choice([m.start() for m in re.finditer(r"[^\W\d_]", text)][1:-1])
    letter = rng.choice([c for c in re.findall(r"[^\W\d_]", text) if c.casefold() != text[i].casefold()])
    return text[:i] + letter + text[i + 1 :]


def letter_dropped(rng: random.Random, passage: Passage) -> str:
    text = passage.text
    i = rng.choice([m.start() for m in re.finditer(r"[^\W\d_]", text)][1:-1])
    return text[:i] + text[i + 1 :]


def accents_removed(rng: random.Random, passage: Passage) -> str | None:
    marks = "".join(c for c in unicodedata.normalize("NFD", passage.text) if not unicodedata.combining(c))
    text = unicodedata.normalize("NFC", marks)
    return text if text.casefold() != passage.text.casefold() and passage.language not in ("hi", "ko") else None


def space_lost(rng: random.Random, passage: Passage) -> str | None:
    words = pieces(passage)
    if passage.language in UNSPACED:
        return None
    i = inner(rng, words)
    return joined(passage, [*words[:i], words[i] + words[i + 1], *words[i + 2 :]])


def comma_lost_or_put_in(rng: random.Random, passage: Passage) -> str | None:
    commas = [m.start() for m in re.finditer(r"(?<=\w)[,，、،](?=[^\d])", passage.text)]
    if commas and rng.random() < 0.5:
        i = rng.choice(commas)
        return passage.text[:i] + passage.text[i + 1 :]
    if passage.language in UNSPACED:
        return None
    words = pieces(passage)
    i = inner(rng, words)
    return joined(passage, [*words[:i], words[i] + ",", *words[i + 1 :]]) if words[i][-1].isalpha() else None


# What cuts where it may not


def cut_in_first_word(rng: random.Random, passage: Passage) -> str | None:
    words = [w for w in pieces(passage) if w]
    if passage.language in UNSPACED or not re.match(r"[^\W\d_]{3}", words[0]):
        return None
    return joined(passage, [words[0][rng.randrange(1, 3) :], *words[1:]])


def cut_in_last_word(rng: random.Random, passage: Passage) -> str | None:
    text = passage.text.rstrip(".。।!?")
    if passage.language in UNSPACED or not re.search(r"[^\W\d_]{4}$", text):
        return None
    return text[: -rng.randrange(1, 3)]


def _from(pattern: str) -> Corrupt:
    """A quotation that begins inside what `pattern` matches, at its group `cut`."""

    def corrupt(rng: random.Random, passage: Passage) -> str | None:
        found = list(re.finditer(pattern, passage.text, re.IGNORECASE))
        text = passage.text[rng.choice(found).start("cut") :] if found else ""
        return text if len(text) >= 16 else None

    return corrupt


def _until(pattern: str) -> Corrupt:
    """A quotation that ends inside what `pattern` matches, before its group `cut`."""

    def corrupt(rng: random.Random, passage: Passage) -> str | None:
        found = list(re.finditer(pattern, passage.text, re.IGNORECASE))
        text = passage.text[: rng.choice(found).start("cut")] if found else ""
        return text if len(text.split()) >= 4 else None

    return corrupt


cut_in_grouped_number = _from(r"\d[.,](?P<cut>\d)")
cut_in_spaced_number = _from(r"\d (?P<cut>\d{3})")
cut_number_at_end = _until(r"\d(?P<cut>[.,]?\d)")
cut_sign = _from(r"(?<!\w)-(?P<cut>\d)")
cut_range = _from(r"\d-(?P<cut>\d)")
cut_range_at_end = _until(r"\d(?P<cut>-\d)")
cut_percent = _until(r"\d(?P<cut> ?%)")
cut_scale = _until(r"\d(?P<cut> (?:million|Million|miljoen|milion|миллион|εκατομ|milyon|triệu|مليون|लाख))")
cut_contraction = _until(r"\w(?P<cut>n't)")
cut_contraction_at_start = _from(r"\w(?P<cut>'t\b)")
cut_prefix = _from(r"\bnon-(?P<cut>\w)")
cut_han_numeral = _from(r"[一二三四五六七八九十百千万](?P<cut>[百千万一二三四五六七八九十])")
cut_han_negation = _from(r"[不没无無](?P<cut>\w)")
cut_japanese_negation = _until(r"(?P<cut>ない|なかった|ませんでした)")


def prefix_in_brackets(rng: random.Random, passage: Passage) -> str | None:
    if passage.language != "en":
        return None
    words = pieces(passage)
    i = inner(rng, words)
    prefix = rng.choice(["in", "un", "dis", "non"])
    return joined(passage, [*words[:i], f"[{prefix}]{words[i]}", *words[i + 1 :]]) if words[i].isalpha() else None


# What joins what does not belong together


def _halves(rng: random.Random, passage: Passage) -> tuple[list[str], list[str], list[str]] | None:
    words = pieces(passage)
    if len(words) < 12:
        return None
    a, b = rng.randrange(4, len(words) // 2), rng.randrange(len(words) // 2 + 1, len(words) - 4)
    return words[:a], words[a:b], words[b:]


def elision_drops_negation(rng: random.Random, passage: Passage) -> str | None:
    sentence = rng.choice(passage.sentences)
    found = [
        m for m in NEGATED.finditer(sentence) if len(sentence[: m.start()]) >= 8 and len(sentence[m.end() :]) >= 10
    ]
    if not found or passage.language in ("ko", "ja"):
        return None
    gone = rng.choice(found)
    rest = sentence[gone.end() :]
    if passage.language not in UNSPACED and not rest.startswith(" "):
        return None
    before, after = sentence[: gone.start()].strip(), rest.strip()
    enough = min(len(before.split()), len(after.split())) >= 2 or passage.language in UNSPACED
    return f"{before} ... {after}" if enough else None


def elision_cut_in_word(rng: random.Random, passage: Passage) -> str | None:
    halves = _halves(rng, passage)
    if halves is None or passage.language in UNSPACED or not re.match(r"[^\W\d_]{4}", halves[2][0]):
        return None
    return f"{' '.join(halves[0])} … {' '.join(halves[2])[2:]}"


def elision_out_of_order(rng: random.Random, passage: Passage) -> str | None:
    halves = _halves(rng, passage)
    return f"{joined(passage, halves[2])} … {joined(passage, halves[0])}" if halves else None


def elision_of_two_authors(rng: random.Random, passage: Passage) -> str | None:
    return f"{passage.sentences[0].rstrip('.。।')} … {rng.choice(passage.others)}"


def splice_of_two_authors(rng: random.Random, passage: Passage) -> str | None:
    return passage.text + joint(passage.language) + rng.choice(passage.others)


def clauses_reordered(rng: random.Random, passage: Passage) -> str | None:
    halves = _halves(rng, passage)
    return joined(passage, halves[2] + halves[1] + halves[0]) if halves else None


def negation_inserted_in_brackets(rng: random.Random, passage: Passage) -> str | None:
    halves = _halves(rng, passage)
    if halves is None or passage.language in UNSPACED:
        return None
    return f"{' '.join(halves[0])} [{NEGATIONS[passage.language]}] {' '.join(halves[1] + halves[2])}"


def number_inserted_in_brackets(rng: random.Random, passage: Passage) -> str | None:
    halves = _halves(rng, passage)
    if halves is None:
        return None
    return f"{joined(passage, halves[0])} [{rng.randrange(2, 900)}] {joined(passage, halves[1] + halves[2])}"


def fabricated(rng: random.Random, passage: Passage) -> str:
    return " ".join(rng.choices(WORDS[passage.language], k=rng.randrange(5, 14)))


CORRUPTIONS: dict[str, Corrupt] = {
    function.__name__: function
    for function in (
        word_replaced, word_of_another_language, negation_added, negation_removed, number_changed, decimal_mark_moved,
        percent_dropped, sign_flipped, word_dropped, word_added, word_doubled, words_swapped, letter_wrong,
        letter_dropped, accents_removed, space_lost, comma_lost_or_put_in, cut_in_first_word, cut_in_last_word,
        elision_drops_negation, elision_cut_in_word, elision_out_of_order, elision_of_two_authors,
        splice_of_two_authors, clauses_reordered, negation_inserted_in_brackets,
        number_inserted_in_brackets, prefix_in_brackets, fabricated,
    )
} | {
    "cut_in_grouped_number": cut_in_grouped_number,
    "cut_in_spaced_number": cut_in_spaced_number,
    "cut_number_at_end": cut_number_at_end,
    "cut_sign": cut_sign,
    "cut_range": cut_range,
    "cut_range_at_end": cut_range_at_end,
    "cut_percent": cut_percent,
    "cut_scale": cut_scale,
    "cut_contraction": cut_contraction,
    "cut_contraction_at_start": cut_contraction_at_start,
    "cut_prefix": cut_prefix,
    "cut_han_numeral": cut_han_numeral,
    "cut_han_negation": cut_han_negation,
    "cut_japanese_negation": cut_japanese_negation,
}  # fmt: skip


# What is only typed differently


def verbatim(rng: random.Random, passage: Passage) -> str:
    return passage.text


def first_letter_case(rng: random.Random, passage: Passage) -> str:
    return passage.text[0].swapcase() + passage.text[1:]


def typographic(rng: random.Random, passage: Passage) -> str:
    text = passage.text.replace("'", "’").replace(" ", rng.choice(["\u00a0", " ", "\u2009", "  "]), 2)
    return re.sub(r"(?<=\w)-(?=[^\W\d])", "‑", text)


def edge_punctuation(rng: random.Random, passage: Passage) -> str:
    return passage.text.rstrip(".。।") + rng.choice([",", "!", "?", "", ";", "…", "...", "。"])


def truncated(rng: random.Random, passage: Passage) -> str | None:
    if passage.language in UNSPACED:
        return passage.sentences[0]
    words = passage.text.split(" ")
    begin, end = rng.randrange(0, len(words) // 3), rng.randrange(2 * len(words) // 3, len(words) + 1)
    cut = re.compile(r"\d|^(?:to|de|bis|до|a|à|million\w*|миллион\w*|euro\w*|लाख|مليون|milyon|triệu)$", re.IGNORECASE)
    beside = [*words[max(0, begin - 1) : begin + 1], *words[end - 1 : end + 1]]
    return None if any(map(cut.search, beside)) or end - begin < 4 else " ".join(words[begin:end])


def decomposed(rng: random.Random, passage: Passage) -> str:
    return unicodedata.normalize("NFD", passage.text)


def composed(rng: random.Random, passage: Passage) -> str:
    return unicodedata.normalize("NFKC", passage.text)


def wrapped(rng: random.Random, passage: Passage) -> str:
    words = passage.text.split(" ")
    i = rng.randrange(1, len(words)) if len(words) > 1 else 0
    return " ".join(words[:i]) + ("\n" if i else "") + " ".join(words[i:])


def emphasised(rng: random.Random, passage: Passage) -> str | None:
    words = pieces(passage)
    i = inner(rng, words)
    mark = rng.choice(["*", "**", "_"])
    if passage.language in UNSPACED or not words[i].isalpha():
        return None
    return joined(passage, [*words[:i], f"{mark}{words[i]}{mark}", *words[i + 1 :]])


def invisible(rng: random.Random, passage: Passage) -> str:
    words = pieces(passage)
    i = inner(rng, words)
    words[i] = words[i][:1] + rng.choice(["\u00ad", "\u200b", "\ufeff", "\u200e"]) + words[i][1:]
    return joined(passage, words)


def elided(rng: random.Random, passage: Passage) -> str | None:
    halves = _halves(rng, passage)
    if halves is None or passage.language in UNSPACED | {"ko", "tr"}:
        return None
    left, gap, right = (" ".join(half) for half in halves)
    if NEGATED.search(gap) or re.search(r"\d", left[-8:] + gap[:8] + gap[-8:] + right[:8]):
        return None
    return f"{left} {rng.choice(['…', '...', '[...]', '[…]', '. . .'])} {right}"


def capital_in_brackets(rng: random.Random, passage: Passage) -> str | None:
    first = passage.text[0]
    if not first.isascii() or not first.isalpha() or not passage.text[1].isalpha():
        return None
    return f"[{first.lower()}]{passage.text[1:]}"


def loud(rng: random.Random, passage: Passage) -> str | None:
    return passage.text.upper() if passage.language != "tr" and passage.language != "el" else None


def full_width(rng: random.Random, passage: Passage) -> str | None:
    if passage.language not in UNSPACED:
        return None
    return re.sub(r"\d", lambda digit: chr(ord(digit[0]) + 0xFEE0), passage.text)


LEGITIMATE: dict[str, Corrupt] = {
    function.__name__: function
    for function in (
        verbatim, first_letter_case, typographic, edge_punctuation, truncated, decomposed, composed, wrapped,
        emphasised, invisible, elided, capital_in_brackets, loud, full_width,
    )
}  # fmt: skip


def cases(seed: int, kinds: dict[str, Corrupt], each: int, legitimate: bool) -> Iterator[Case]:
    """About `each` cases of every kind; of kinds that few passages allow, fewer. A corruption that happens to give a
    true quotation is left out."""
    for kind, corrupt in kinds.items():
        rng, made = random.Random(f"{seed} {kind}"), 0
        for _ in range(12 * each):
            passage = draw_passage(rng)
            text = corrupt(rng, passage) if len(pieces(passage)) >= 4 else None
            if text is None or len(text) < 16 or (not legitimate and is_true(kind, text, passage)):
                continue
            yield Case(kind, passage.language, text, passage.author, legitimate)
            made += 1
            if made == each:
                break


def is_true(kind: str, text: str, passage: Passage) -> bool:
    """Whether a corruption by chance left the words as they were, or gave those of another sentence."""
    if kind.startswith("cut_"):
        return False
    return " ".join(text.casefold().split()).strip(" .。।") in FOLDED
