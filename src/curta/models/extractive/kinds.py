"""The kind of answer a question wants: a number, a time, a person, a reason, a place.

A sentence that holds the wanted kind is preferred among those that speak of the matter.
"""

import re
from functools import cache
from typing import NamedTuple


class Kind(NamedTuple):
    """asked: how questions ask for it; held: how a sentence shows it; weight: how sure that sign is."""

    name: str
    asked: re.Pattern[str]
    held: re.Pattern[str]
    weight: float


def wanted(question: str) -> Kind | None:
    """The kind of answer that `question` asks for, if its words say so."""
    return next((kind for kind in _kinds() if kind.asked.search(question)), None)


@cache
def _kinds() -> tuple[Kind, ...]:
    return tuple(
        Kind(name, re.compile(asked, re.IGNORECASE), re.compile(held), weight) for name, asked, held, weight in _KINDS
    )


_NUMBER = (
    r"[$£€¥]?\d[\d.,]*|(?i:\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?"
    r"|billions?|dozens?|half|twice|once|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|vierzig"
    r"|fünfzig|hundert|tausend|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|quinze|vingt|trente|quarante|cinquante"
    r"|cent|mille|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|veinte|cien|mil|due|tre|quattro|sei|otto|nove|dieci|venti"
    r"|cento|dois|três|quatro|oito|dez|vinte|twee|vier|vijf|zes|zeven|negen|tien|twintig|honderd|duizend)\b)|[一二三四五六七八九十百千万]"
)
_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Januar|Februar|März|Mai|Juni"
    r"|Juli|Oktober|Dezember|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|enero"
    r"|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio"
    r"|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro"
    r"|dezembro|januari|februari|maart|augustus)"
)
_TIME = (
    rf"\b1\d\d\d\b|\b20\d\d\b|\b{_MONTHS}\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d\d?[:.]\d\d\b"
    r"|(?i:\b(?:yesterday|tomorrow|midnight|noon|morning|evening|night|o.clock|(?:last|next|that|this) "
    r"(?:week|month|year|spring|summer|autumn|winter)|(?:a\.m|p\.m)\b|century|years? (?:ago|later|before)|days? "
    r"(?:ago|later|before)|gestern|morgen|abends|mitternacht|jahrhundert|hier|demain|siècle|ayer|mañana|siglo|ieri|domani"
    r"|secolo|ontem|amanhã|século|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi"
    r"|vendredi|samedi|dimanche))\b|\d+\s*[年月日]|\b\d{1,4}\s*г"
)
_PERSON = (
    r"(?<=[\w,;] )[A-ZÀ-ÞА-Я][\w’'-]+ (?:(?:de|von|van|da|di|[A-Z]\.) )?[A-ZÀ-ÞА-Я][\w’'-]+"
    r"|\b(?:Mr|Mrs|Miss|Ms|Dr|Sir|Lady|Lord|Captain|Professor|Frau|Herr|Madame|Monsieur|M|Mme|Señor|Señora|Signor)\b\.? [A-Z]"
)
_REASON = (
    r"(?i:\b(?:because|since|so that|due to|reasons?|owing to|as a result|in order to|therefore|caused?|for fear|problem"
    r"|weil|da|denn|damit|grund|wegen|deshalb|um|parce|car|afin|raison|à cause|porque|para que|debido|razón|perché|affinché"
    r"|motivo|omdat|want|zodat|reden|потому|поскольку|чтобы))\b|因为|由于|因此|لأن|بسبب"
)
_PLACE = r"\b(?:in|at|on|near|to|from|under|behind|beside|outside|inside) (?:the )?[A-Z]|\b(?:im|am|bei|nach|à|au|en|dans|chez) "

_KINDS = (
    (
        "number",
        r"\bhow (?:much|many|big|large|small|long|far|old|often|tall|deep|high|heavy|fast)\b|\bwhat (?:percentage|number|share"
        r"|price|fee|cost|amount)\b|\bwie ?viele?\b|\bwie (?:hoch|lang|groß|alt|oft|weit|schwer|teuer)\b|\bcombien\b"
        r"|\bcu[áa]nt[oa]s?\b|\bquant[oaie]\b|\bhoeveel\b|\bсколько\b|多少|几|كم",
        _NUMBER,
        1.0,
    ),
    (
        "time",
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|century)\b|\bhow soon\b|\bwann\b|\bin welchem jahr"
        r"|\bquand\b|\bcu[áa]ndo\b|\bquando\b|\bwanneer\b|\bкогда\b|什么时候|何时|哪一年|متى",
        _TIME,
        1.0,
    ),
    (
        "person",
        r"\bwhom?\b|\bwhose\b|\bwer\b|\bwem\b|\bwen\b|^qui\b|\bqui est\b|\bqui[ée]n|\bchi\b|\bquem\b|\bwie is\b|\bкто\b|谁|من هو",
        _PERSON,
        0.5,
    ),
    (
        "reason",
        r"\bwhy\b|\bwhat (?:reason|cause)|\bwarum\b|\bweshalb\b|\bwieso\b|\bpourquoi\b|\bpor qu[ée]\b|\bperch[ée]\b"
        r"|\bwaarom\b|\bпочему\b|为什么|لماذا",
        _REASON,
        0.5,
    ),
    (
        "place",
        r"\bwhere\b|\bwohin\b|\bwo\b|\boù\b|\bd[óo]nde\b|\bdove\b|\bonde\b|\bwaar\b|\bгде\b|哪里|أين",
        _PLACE,
        0.25,
    ),
)
