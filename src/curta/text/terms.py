"""Terms: the words of a text as they are compared, without inflection and without words that carry no topic.

Words are compared after NFKC and case folding. Stop words and light stemming exist for eight languages and are off
when the language is unknown; scripts without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar) are compared by character
bigrams. Stemming strips suffixes only (in the manner of Harman's S-stemmer and Savoy's light stemmers): it need not
give a word, only the same string for forms of one word.
"""

import re
import unicodedata
from functools import cache

from curta.text.stopwords import STOP_CHARACTERS, STOP_WORDS

SHORTEST_STEM = 3
LONG_PARTICIPLE = 6  # German "gebaut" belongs to "bauen"
SAMPLE = 20_000
ENOUGH_STOP_WORDS = 0.12
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The characters of scripts without spaces, as they stand in a character class."""

_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


def terms(text: str, language: str | None = None) -> list[str]:
    """The terms of `text` in order, repeated as often as they occur.

    language: what `language()` gave for the text it is compared with; None switches stop words and stemming off.
    """
    stem = _stems(language or "")
    if text.isascii():
        return [term for word in words(text) if (term := stem[word])]
    found: list[str] = []
    stop = frozenset(STOP_CHARACTERS.get(language or "", ""))
    for word in words(text):
        if word.isascii() or not _unspaced().search(word):
            found.append(stem[word])
        else:
            found.extend(bigram for bigram in _bigrams(word) if stop.isdisjoint(bigram))
    return [term for term in found if term]


def fold(text: str) -> str:
    """`text` as it is compared: compatibility forms, letter case and `_` do not matter."""
    return (text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()).replace("_", " ")


def words(text: str) -> list[str]:
    """The folded words of `text`, stop words and all. A run of a script without spaces is one word."""
    return fold(text).translate(_SPACED).split() if text.isascii() else _word().findall(fold(text))


def length(text: str) -> int:
    """Length in words; two characters of a script without spaces count as one."""
    if text.isascii():
        return len(text.split())
    return len(text.split()) + sum(len(run) // 2 for run in _unspaced().findall(text))


def is_unspaced(term: str) -> bool:
    """Whether `term` is of a script without spaces, and so a bigram and no word."""
    return not term.isascii() and bool(_unspaced().match(term))


def language(text: str) -> str | None:
    """The language of `text` as a two-letter code, by script and by stop words; None when nothing tells.

    Looks at the first 20,000 characters. A language is chosen by how many of its stop words occur, not by how often:
    whoever lists the teams of Los Angeles does not write in Spanish.
    """
    sample = text[:SAMPLE]
    if found := None if _is_latin(sample) else _by_script(sample):
        return found
    seen = words(sample)
    distinct = set(seen)
    best = max(STOP_WORDS, key=lambda code: len(distinct & _stop_words(code)))
    count = sum(map(_stop_words(best).__contains__, seen))
    return best if count >= max(1, ENOUGH_STOP_WORDS * len(seen)) else None


# Words


@cache
def _word() -> re.Pattern[str]:
    """Letters and digits, with the vowel signs that `\\w` leaves out."""
    return re.compile(
        r"[\w\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0900-\u0963\u0966-\u0dff"
        r"\u0e30-\u0e4e\u0eb0-\u0ecd\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3]+"
    )


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]+")


def _bigrams(word: str) -> list[str]:
    found: list[str] = []
    last = 0
    for run in _unspaced().finditer(word):
        found.append(word[last : run.start()])
        text = run.group()
        found.extend(text[i : i + 2] for i in range(max(1, len(text) - 1)))
        last = run.end()
    return [*found, word[last:]]


# Languages


def _is_latin(sample: str) -> bool:
    """Whether so many letters are ASCII's that no other script can have a third of all."""
    plain = sample.encode("ascii", "ignore")
    return 3 * (len(sample) - len(plain)) < len(plain.translate(None, _NO_LETTERS)) or len(plain) == len(sample)


def _by_script(sample: str) -> str | None:
    """The language that a script gives away, when it has at least a third of the letters."""
    letters = sum(map(str.isalpha, sample))
    counted = [(code, len(pattern.findall(sample))) for code, pattern in _scripts()]
    kana = next(count for code, count in counted if code == "ja")
    for code, count in counted:
        han = code == "zh" and kana > 0.05 * letters
        if count and not han and (count + (_han(sample) if code == "ja" else 0)) * 3 >= letters:
            return code
    return None


def _han(sample: str) -> int:
    return sum("\u3400" <= character <= "\u9fff" for character in sample)


@cache
def _scripts() -> tuple[tuple[str, re.Pattern[str]], ...]:
    ranges = {
        "ja": r"\u3040-\u30ff",
        "zh": r"\u3400-\u9fff",
        "ko": r"\uac00-\ud7a3",
        "th": r"\u0e00-\u0e7f",
        "ar": r"\u0620-\u064a\u0671-\u06d3",
        "he": r"\u05d0-\u05ea",
        "ru": r"\u0400-\u04ff",
        "hi": r"\u0904-\u0939",
        "el": r"\u0370-\u03ff",
    }
    return tuple((code, re.compile(f"[{characters}]")) for code, characters in ranges.items())


# Stems


@cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(STOP_WORDS.get(language, "").split())


class _Stems(dict[str, str]):
    """The stem of each word of one language, worked out once; "" for a stop word."""

    LARGEST = 200_000

    def __init__(self, language: str) -> None:
        self.stop = _stop_words(language)
        self.suffixes = tuple(_SUFFIXES.get(language, "").split())
        self.irregular = _irregular() if language == "en" else {}
        self.language = language

    def __missing__(self, word: str) -> str:
        if len(self) > self.LARGEST:
            self.clear()
        self[word] = found = "" if word in self.stop else self._stem(self.irregular.get(word, word))
        return found

    def _stem(self, word: str) -> str:
        if len(word) < 2 and word.isascii() and not word.isdigit():
            return ""
        if self.language == "ar":
            return _arabic(word, self.stop)
        if not self.suffixes or word.isdigit():
            return word
        word = word if word.isascii() else _without_accents(word)
        if (
            self.language == "de"
            and len(word) >= LONG_PARTICIPLE
            and word.startswith("ge")
            and word.endswith(("t", "en"))
        ):
            word = word[2:]
        return _settled(self._without_suffix(word), self.language)

    def _without_suffix(self, word: str) -> str:
        for suffix in self.suffixes:
            if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_STEM and not word.endswith("ss"):
                return word[: -len(suffix)]
        return word


@cache
def _stems(language: str) -> _Stems:
    return _Stems(language)


def _settled(stem: str, language: str) -> str:
    """A doubled consonant at the end is single ("stopped"), and a final y is an i ("carried")."""
    if language in ("en", "nl") and len(stem) > SHORTEST_STEM and stem[-1] == stem[-2] and stem[-1] in "bdfgklmnprstz":
        stem = stem[:-1]
    return stem[:-1] + "i" if language == "en" and stem.endswith("y") else stem


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not "\u0300" <= c <= "\u036f")


def _arabic(word: str, stop: frozenset[str]) -> str:
    """Without vowel marks, article and the commonest endings; hamza and alef forms are one (Larkey's light stemmer)."""
    word = "".join(c for c in word if not "\u064b" <= c <= "\u065f" and c != "\u0640")
    word = word.translate(str.maketrans("أإآٱىة", "اااايه"))
    if word in stop:
        return ""
    for prefix in ("وال", "بال", "كال", "فال", "ولل", "لل", "ال", "و", "ب", "ل", "ي", "ت"):
        if word.startswith(prefix) and len(word) - len(prefix) >= SHORTEST_STEM + (len(prefix) == 1):
            word = word[len(prefix) :]
            break
    for suffix in ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"):
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_STEM:
            return word[: -len(suffix)]
    return word


# Longest first: the first that fits is taken.
_SUFFIXES = {
    "en": "ations ation ments ment ings ing edly ed es s ly ion e",
    "de": "ungen ung heiten heit keiten keit ischen ische isch lichen liche lich igen ige ig ten ern tet em en er "
    "es st te e n s t",
    "fr": "issements issement ements ement ations ation ateurs ateur euses euse ives ive aient antes ante ants ant "
    "ees ee ies ie ait ent ees er ez es e s x",
    "es": "amientos amiento aciones acion adores ador mente adas ada ados ado idas ida idos ido ando iendo aron "
    "ieron aba ian ia es os as ar er ir o a e s",
    "it": "amenti amento azioni azione mente atori atore ando endo ate ata ati ato ute uta uti uto ite ita iti ito "
    "are ere ire o a e i",
    "pt": "amentos amento acoes acao adores ador mente adas ada ados ado idas ida idos ido ando endo aram eram iram "
    "ava es os as ar er ir o a e s",
    "nl": "heden heid ingen ing elijke elijk eren ende den ten en er e s t d",
    "ru": "иями ями ами ого его ому ему ыми ими иях ях ах ией ей ой ий ый ая яя ое ее ые ие ую юю ом ем ов ев ть ти "
    "ла ло ли ет ит ут ют ат ят а я о е и ы у ю ь й",
}


@cache
def _irregular() -> dict[str, str]:
    """English forms that no suffix explains, to the form they belong to."""
    return {form: forms[0] for line in _IRREGULAR.split(";") if (forms := line.split()) for form in forms[1:]}


_IRREGULAR = (
    "arise arose arisen;awake awoke;bear bore borne born;beat beaten;become became;begin began begun;bend bent;bind "
    "bound;bite bit bitten;bleed bled;blow blew blown;break broke broken;breed bred;bring brought;build built;burn "
    "burnt;buy bought;catch caught;choose chose chosen;come came;creep crept;deal dealt;use used uses using;die "
    "died dies dying death dead;dig dug;draw drew drawn;dream dreamt;drink drank drunk;drive drove driven;eat ate "
    "eaten;fall fell fallen;feed fed;feel felt;fight fought;find found;flee fled;fly flew flown;forbid forbade "
    "forbidden;forget forgot forgotten;forgive forgave forgiven;freeze froze frozen;get got gotten;give gave "
    "given;go went gone goes going;grow grew grown;hang hung;hear heard;hide hid hidden;hold held;keep kept;know "
    "knew known;lay laid;lead led;learn learnt;leave left;lend lent;lie lain lying;light lit;lose lost loss;make "
    "made;mean meant;meet met;pay paid;prove proven;ride rode ridden;ring rang rung;rise rose risen;run ran;see saw "
    "seen;seek sought;sell sold sale;send sent;shake shook shaken;shine shone;shoot shot;show shown;shrink "
    "shrank;sing sang sung;sink sank sunk;sit sat;sleep slept;slide slid;speak spoke spoken;spend spent;spin "
    "spun;spring sprang sprung;stand stood;steal stole stolen;stick stuck;strike struck;swear swore sworn;sweep "
    "swept;swim swam swum;swing swung;take took taken;teach taught;tear tore torn;tell told;think thought;throw "
    "threw thrown;understand understood;wake woke;wear wore worn;weave wove woven;weep wept;win won;write wrote "
    "written;child children;man men;woman women;foot feet;tooth teeth;mouse mice;person people;wife wives;thief "
    "thieves;knife knives;marry marriage;long length;strong strength;deep depth;high height;weigh weight;grow "
    "growth;arrive arrival;big bigger biggest;good better best;bad worse worst;live life lives;choose choice"
)
