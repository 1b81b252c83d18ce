"""The kind of answer a question wants: a number, a time, a person, a reason, a place.

A sentence that holds the wanted kind is preferred among those that speak of the matter.
"""

import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from curta.text.terms import words


class Kind(NamedTuple):
    """What answers of one kind look like.

    asked: the words and pairs of words ("how_much") by which a question asks for it; "^" before one that must be first.
    unspaced: the same in scripts without spaces.
    held: a pattern that a sentence of this kind holds.
    weight: how sure that sign is.
    """

    asked: str
    unspaced: str
    held: str
    weight: float

    def is_in(self, text: str) -> bool:
        return _compiled(self.held).search(text) is not None


def wanted(question: str) -> Kind | None:
    """The kind of answer that `question` asks for, if its words say so."""
    said = words(question)
    phrases = {*said, *map("_".join, pairwise(said)), *(f"^{word}" for word in said[:1])}
    for kind in KINDS:
        if not phrases.isdisjoint(kind.asked.split()) or any(sign in question for sign in kind.unspaced.split()):
            return kind
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Only the pattern of the kind that is wanted is ever compiled."""
    return re.compile(pattern)


_NUMBER = (
    r"[$£€¥]?\d[\d.,]*|(?i:\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?"
    r"|billions?|dozens?|half|twice|once|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig"
    r"|vierzig"
    r"|fünfzig|hundert|tausend|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|quinze|vingt|trente|quarante|cinquante"
    r"|cent|mille|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|veinte|cien|mil|due|tre|quattro|sei|otto|nove"
    r"|dieci|venti"
    r"|cento|dois|três|quatro|oito|dez|vinte|twee|vier|vijf|zes|zeven|negen|tien|twintig|honderd|duizend)\b)"
    r"|[一二三四五六七八九十百千万]"
)
_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Januar|Februar|März"
    r"|Mai|Juni"
    r"|Juli|Oktober|Dezember|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|enero"
    r"|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile"
    r"|maggio"
    r"|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro"
    r"|dezembro|januari|februari|maart|augustus)"
)
_TIME = (
    rf"\b1\d\d\d\b|\b20\d\d\b|\b{_MONTHS}\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d\d?[:.]\d\d\b"
    r"|(?i:\b(?:yesterday|tomorrow|midnight|noon|morning|evening|night|o.clock|(?:last|next|that|this) "
    r"(?:week|month|year|spring|summer|autumn|winter)|(?:a\.m|p\.m)\b|century|years? (?:ago|later|before)|days? "
    r"(?:ago|later|before)|gestern|morgen|abends|mitternacht|jahrhundert|hier|demain|siècle|ayer|mañana|siglo|ieri"
    r"|domani"
    r"|secolo|ontem|amanhã|século|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi"
    r"|jeudi"
    r"|vendredi|samedi|dimanche))\b|\d+\s*[年月日]|\b\d{1,4}\s*г"
)
_PERSON = (
    r"(?<=[\w,;] )[A-ZÀ-ÞА-Я][\w’'-]+ (?:(?:de|von|van|da|di|[A-Z]\.) )?[A-ZÀ-ÞА-Я][\w’'-]+"
    r"|\b(?:Mr|Mrs|Miss|Ms|Dr|Sir|Lady|Lord|Captain|Professor|Frau|Herr|Madame|Monsieur|M|Mme|Señor|Señora"
    r"|Signor)\b\.? [A-Z]"
)
_REASON = (
    r"(?i:\b(?:because|since|so that|due to|reasons?|owing to|as a result|in order to|therefore|caused?|for fear"
    r"|problem"
    r"|weil|da|denn|damit|grund|wegen|deshalb|um|parce|car|afin|raison|à cause|porque|para que|debido|razón|perché"
    r"|affinché"
    r"|motivo|omdat|want|zodat|reden|потому|поскольку|чтобы))\b|因为|由于|因此|لأن|بسبب"
)
_PLACE = (
    r"\b(?:in|at|on|near|to|from|under|behind|beside|outside|inside) (?:the )?[A-Z]"
    r"|\b(?:im|am|bei|nach|à|au|en|dans|chez) "
)

KINDS = (
    Kind(
        "how_much how_many how_big how_large how_small how_long how_far how_old how_often how_tall how_deep how_high "
        "how_heavy how_fast what_percentage what_number what_share what_price what_fee what_amount wieviel wieviele "
        "wie_viel wie_viele wie_hoch wie_lang wie_lange wie_groß wie_gross wie_alt wie_oft wie_weit wie_schwer "
        "wie_teuer combien cuánto cuánta cuántos cuántas quanto quanta quanti quante quantos quantas hoeveel сколько "
        "كم",
        "多少 几 幾 いくつ いくら",
        _NUMBER,
        1.0,
    ),
    Kind(
        "when what_year which_year what_date which_date what_day which_day what_month which_month what_time "
        "what_century "
        "which_century how_soon wann welchem_jahr quand cuándo quando wanneer когда متى",
        "什么时候 何时 哪一年 哪年 いつ",
        _TIME,
        1.0,
    ),
    Kind("who whom whose wer wem wen ^qui ^chi quién quiénes quem кто", "谁 誰", _PERSON, 0.5),
    Kind(
        "why what_reason what_cause what_causes what_caused warum weshalb wieso pourquoi por_qué perché waarom "
        "почему لماذا",
        "为什么 为何 なぜ",
        _REASON,
        0.5,
    ),
    Kind("where wohin wo woher où dónde dove onde waar где أين", "哪里 哪裡 どこ", _PLACE, 0.25),
)
