"""What a language says "not" with. Leaving such a word out of a quotation turns it round.

Each language has negations and a few frequent words by which it is recognised. Negations of all known languages count
everywhere, because a short quotation is easily mistaken for another language; only a negation that is an everyday word
elsewhere (`homographs`) counts in texts of its own language alone.
All words are in the normal form of `curta.text.normalise`.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    negations: words that turn a statement round; everywhere a negation.
    homographs: negations that are plain words in another language.
    frequent: words that hardly any text of the language lacks, and few others have.
    """

    code: str
    negations: frozenset[str]
    homographs: frozenset[str]
    frequent: frozenset[str]


def words(listed: str) -> tuple[str, ...]:
    """The words of a table of this room, which holds them as one text."""
    return tuple(listed.split())


_TABLE = {
    "en": (
        "not no never none nor neither without cannot hardly barely scarcely rarely seldom nobody nothing nowhere",
        "",
        "the of and to is in that it was for on are with as i his be have this but they you from or by at we an",
    ),
    "de": (
        "nicht nichts kein keine keinen keinem keiner keines nie niemals niemand niemandem ohne weder kaum nirgends",
        "nein noch",
        "der die und das ist ein eine zu den dem von mit sich auf für im auch es er sie wir ich aber oder wird",
    ),
    "fr": (
        "pas jamais rien sans aucun aucune guère nulle nullement",
        "ne ni non personne point nul",
        "le la les de des et est un une dans que qui pour il elle sur avec au du ce plus nous vous je mais ont",
    ),
    "es": (
        "nunca jamás nadie ningún ninguno ninguna tampoco",
        "sin ni nada no apenas",
        "el la los las de y es un una en que por para con del se lo al como más pero su fue este esta",
    ),
    "it": (
        "nessun nessuno nessuna nulla niente neppure neanche nemmeno né",
        "non mai senza no",
        "il la i gli le di e è un una che per con del della si nel sono anche ma più come lo da questo",
    ),
    "pt": (
        "não nunca ninguém nenhum nenhuma tampouco",
        "sem nem nada jamais",
        "o a os as de e é um uma em que para com do da se no na mais mas por foi são ao isso",
    ),
    "nl": (
        "niet niets niemand nooit geen zonder noch nergens",
        "nee",
        "de het een en van is in dat op te zijn met voor die er aan ook maar om als wij ik bij",
    ),
    "pl": (
        "żaden żadna żadne nigdy nikt bez",
        "nie nic ani",
        "i w na z się jest do to że jak ale dla od po przez tak był są",
    ),
    "cs": (
        "není nikdy nikdo žádný žádná žádné bez nejsou",
        "ne nic ani",
        "a se na je v že to s z do jak ale pro od po by byl jsou",
    ),
    "sv": (
        "inte aldrig ingen inget inga utan ingenting",
        "ej",
        "och att det som en på är av för med den till i har de om ett men var jag",
    ),
    "da": (
        "ikke aldrig ingen intet uden",
        "ej",
        "og at det som en på er af for med den til i har de om et men var jeg",
    ),
    "nb": (
        "ikke aldri ingen intet uten",
        "ei",
        "og at det som en på er av for med den til i har de om et men var jeg",
    ),
    "fi": ("ei eivät emme ette älä ilman koskaan", "en et", "ja on se että oli hän mutta kun myös ovat"),
    "ro": (
        "niciodată nimeni nimic nici fără niciun nicio",
        "nu",
        "și de la în a cu pe este un o că din să mai care au pentru sunt",
    ),
    "tr": (
        "değil yok asla hiç hiçbir hayır değildir yoktur olmadan değildi yoktu",
        "ne",
        "bir ve bu da de için çok ile olarak daha o gibi en kadar sonra var",
    ),
    "vi": ("không chưa chẳng đừng chả chớ", "", "và của là có các một được cho trong người những với này đã"),
    "id": ("tidak bukan belum jangan tanpa", "tak", "yang dan di dengan untuk ini itu dari pada adalah"),
    "ru": (
        "не нет ни никогда никто никого ничего ничто без нельзя нигде никакой никаких едва",
        "",
        "и в на что с по это как но из он она они мы я у к за от для",
    ),
    "uk": ("не ні немає ніколи ніхто нічого без", "", "і в на що з це як але та до від для він вона є й"),
    "el": (
        "δεν δε μη μην όχι ποτέ χωρίσ κανείσ κανένασ καμία κανένα τίποτα ούτε μήτε",
        "",
        "και το η ο να του τησ την τα με για είναι που στο από",
    ),
    "ar": (
        "لا لم لن ليس ليست ليسوا لست غير بدون دون ولا ولم ولن وليس فلا فلم فلن بلا كلا",
        "",
        "في من على أن إلى هذا التي الذي كان عن هو هي مع و ما كل",
    ),
    "fa": ("نه نیست نبود هیچ هرگز بدون بی نمی", "", "و در به از که این را با است آن برای"),
    "he": ("לא אין בלי אינו אינה אף מעולם אל", "", "של את על הוא היא זה עם כי גם אני לא"),
    "hi": ("नहीं न मत ना बिना नही कभी कोई", "", "है के में की और को से का यह कि एक हैं पर था"),
}
_BY_SCRIPT = {
    "zh": (r"[\u3400-\u9fff]", "不没沒無无非未别別勿莫"),
    "ja": (r"[\u3040-\u30ff]", "ない|なかった|なく|なけれ|ません|ませぬ|ずに|ぬ|無|不|非|未"),
    "ko": (r"[\uac00-\ud7af]", "않|없|못|아니|안 |말라|지 마"),
    "th": (r"[\u0e00-\u0e7f]", "ไม่|มิได้|ไร้|อย่า"),
}

UNSPACED_PREFIXES = ("不", "没", "沒", "無", "无", "非", "未", "别", "別", "勿", "莫", "ไม่")
UNSPACED_SUFFIXES = ("ない", "なかった", "なく", "なけれ", "ません", "ませぬ", "ずに")
HYPHEN_PREFIXES = frozenset(
    words(
        "non un anti not no ex pseudo quasi semi mis dis de in im ir counter contra sub pre under over half quarter "
        "multi mid low ill less zero never near almost twenty thirty forty fifty sixty seventy eighty ninety vingt "
        "trente quarante cinquante soixante quatre pro vice co so would well self neo fake mock former il mal"
    )
)
HYPHEN_SUFFIXES = frozenset(
    words(
        "free less proof like ish esque one two three four five six seven eight nine fold deux trois quatre cinq six "
        "sept huit neuf dix vingt onze douze treize quatorze quinze seize"
    )
)
SCALES = frozenset(
    words(
        "hundred thousand million millions billion billions trillion trillions dozen percent per bn m k tausend "
        "million millionen milliarde milliarden prozent mille milliard milliards pour mil millón millones por ciento "
        "mila milione milioni miliardo miliardi percento por cento milhão milhões bilhões duizend miljoen miljard "
        "procent тысяч тысячи миллион миллиона миллионов миллиард миллиарда миллиардов процент процента процентов bin "
        "milyon milyar yüzde χιλιάδεσ εκατομμύριο δισεκατομμύριο εκατομμύρια δισεκατομμύρια مليون مليار ألف آلاف हजार "
        "लाख करोड़ nghìn triệu tỷ mln mld mio mrd"
    )
)
TENS = frozenset(words("twenty thirty forty fifty sixty seventy eighty ninety hundred"))
COUNTED = frozenset(words("one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty"))
_REVERSALS = (
    "unable impossible unlikely unwilling untrue incapable except unless false falsely myth against far fail* refus* "
    "deny* deni* lack* reject* oppos* acquit* declin* "
    "unwahrscheinlich unmöglich unfähig gegen außer falsch* lehnt* abgelehnt weiger* geweigert scheiter* "
    "incapables sauf contre faux échou* imposible* incapaz* rechaz* salvo excepto contra falso* "
    "impossibil* rifiut* contro tranne impossível recus* exceto onmogelijk behalve"
)
ELIDED_ARTICLES = frozenset(words("l d j m t s c qu jusqu lorsqu puisqu quoiqu dell nell all dall sull un quell quest"))


@cache
def languages() -> tuple[Language, ...]:
    """The languages with words between spaces."""
    return tuple(Language(code, *(frozenset(words(column)) for column in row)) for code, row in _TABLE.items())


@cache
def _everywhere() -> frozenset[str]:
    return frozenset[str]().union(*(language.negations for language in languages()))


def negates(word: str, spoken: frozenset[str] = frozenset()) -> bool:
    """Whether a word turns a statement round. spoken: the codes of the languages the text may be in."""
    if word in _everywhere() or word.endswith("n't") or word.startswith("n'"):
        return True
    return any(word in language.homographs for language in languages() if language.code in spoken)


def negations_in(text: str, words: list[str], spoken: frozenset[str]) -> list[str]:
    """The negations of a stretch of normalised text whose tokens are `words`."""
    found = [word for word in words if negates(word, spoken)]
    for code, (_, pattern) in _BY_SCRIPT.items():
        if code in spoken:
            found += re.findall(pattern if "|" in pattern else f"[{pattern}]", text)
    return found


def reversals_in(found: list[str]) -> list[str]:
    """The words, among these tokens in order, that turn a statement round by what they mean: `unable`, `refused`, but
    `little` and `few` only without `a`."""
    turned = [word for word in found if _reversal().fullmatch(word)]
    return turned + [word for before, word in zip(["", *found], found, strict=False) if word in _FEW and before != "a"]


_FEW = ("little", "few")


@cache
def _reversal() -> re.Pattern[str]:
    return re.compile("|".join(word.replace("*", r"\w*") for word in _REVERSALS.split()))


def is_critical(word: str) -> bool:
    """Whether a wrong letter in this word changes what is said: numbers and the negations of any language."""
    if any(char.isdigit() for char in word) or negates(word):
        return True
    return any(word in language.homographs for language in languages())


@lru_cache(maxsize=1024)
def spoken_in(text: str) -> frozenset[str]:
    """The languages a normalised text may be in, by script and frequent words; empty when none is known."""
    found = {code for code, (script, _) in _BY_SCRIPT.items() if re.search(script, text)}
    scores = {language.code: sum(word in language.frequent for word in text.split()) for language in languages()}
    best = max(scores.values())
    return frozenset(found | {code for code, score in scores.items() if score and 2 * score >= best})


_POINT_DECIMAL = frozenset(words("en he hi fa ar"))


@lru_cache(maxsize=256)
def decimal_mark(text: str) -> str:
    """The mark before decimals in the language of a text, `.` or `,`; empty when the language is not known."""
    if any(re.search(script, text) for script, _ in _BY_SCRIPT.values()):
        return "."
    found = text.casefold().split()
    scores = {".": 0, ",": 0}
    for language in languages():
        mark = "." if language.code in _POINT_DECIMAL else ","
        scores[mark] = max(scores[mark], sum(word in language.frequent for word in found))
    point, comma = scores["."], scores[","]
    return "" if point == comma else "." if point > comma else ","
