"""The kind of answer a question wants: a number, a measure, money, a colour, a time, a person, a place, a name.

A sentence that holds the wanted kind is preferred among those that speak of the matter. The words that only set the
kind ("how tall", "at what age", "the name of") are no topic.
"""

import re
from functools import cache
from typing import NamedTuple

from curta.text.terms import words


class Kind(NamedTuple):
    """What answers of one kind look like.

    asked: the words and pairs of words ("how_much") by which a question asks for it; "^" before one that must be first.
    unspaced: the same in scripts without spaces.
    held: a pattern that a sentence of this kind holds.
    weight: how sure that sign is.
    beside: words of which one has to be in the question too, where the kind needs it.
    told: whether the answer is one short expression, which may well stand in the sentence beside.
    """

    asked: str
    unspaced: str
    held: str
    weight: float
    beside: str = ""
    told: bool = False

    def is_in(self, text: str) -> bool:
        return _compiled(self.held).search(text) is not None


def wanted(question: str) -> Kind | None:
    """The kind of answer that `question` asks for, if its words say so."""
    said = words(question)
    phrases = {*_phrases(said), *(f"^{word}" for word in said[:1])}
    for kind in KINDS:
        if kind.beside and frozenset(kind.beside.split()).isdisjoint(said):
            continue
        if not phrases.isdisjoint(kind.asked.split()) or any(sign in question for sign in kind.unspaced.split()):
            return kind
    return None


def of_the_asking(question: str) -> frozenset[str]:
    """The words of `question` that set the kind of its answer: "age" of "at what age", "hoch" of "wie hoch"."""
    phrases = set(_phrases(words(question)))
    found = {phrase for kind in KINDS for phrase in kind.asked.split() if "_" in phrase and phrase in phrases}
    return frozenset(word for phrase in found for word in phrase.split("_")) | (NAMING & phrases)


def _phrases(said: list[str]) -> list[str]:
    """The words, pairs and threes of a question."""
    return ["_".join(said[i : i + n]) for n in (1, 2, 3) for i in range(len(said) - n + 1)]


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

_UNIT = (
    r"(?:inch(?:es)?|feet|foot|yards?|miles?|fathoms|leagues|(?:centi|milli|kilo)?met(?:re|er)s?|[ckm]?m|Zoll|Fuß"
    r"|Metern?|Kilometern?|Zentimetern?|mètres?|kilomètres?|metros?|metri|meter"
    r"|(?:seconds?|minutes?|hours?|days?|weeks?|fortnights?|months?|years?|centur(?:y|ies)|Sekunden?|Minuten?|Stunden?"
    r"|Tagen?|Wochen?|Monaten?|Jahren?|heures?|jours?|semaines?|mois|ans|années?|horas?|días?|años?|ore|giorni|anni"
    r"|dagen|weken|maanden|jaar))"
)
_MEASURE = rf"(?:{_NUMBER})[\s-]*(?:\w+[\s-]+)?(?i:{_UNIT})\b|年|月|天|小时|米"
_MONEY = (
    r"[$£€¥]\s?\d|\d\s?[$£€¥]|(?i:\b(?:pounds?|shillings?|guineas?|pence|penny|sovereigns?|crowns?|dollars?|cents"
    r"|euros?|francs?|marks?|mark|livres|sous|pesetas|pesos|lire|gulden|roubles?|rubles?|rupees?|usd|eur|chf)\b)|元|円"
)
_NAME = rf"{_PERSON}|(?<=[a-zà-ÿ,;:] )(?!I\b)[A-ZÀ-Þ][\w’'-]+|(?i:\b(?:named|called|names?|heißt|nommée?|appelle)\b)"
_COLOUR = (
    r"(?i:\b(?:red|blue|green|yellow|black|white|brown|gr[ae]y|purple|pink|orange|crimson|scarlet|violet|gold(?:en)?"
    r"|silver|rot\w*|blau\w*|grün\w*|gelb\w*|schwarz\w*|weiß\w*|braun\w*|grau\w*|rouges?|bleue?s?|vert\w?|jaunes?"
    r"|noire?s?|blanc(?:he)?s?|rojo|azul|verde|amarillo|negro|blanco|rosso|giallo|nero|bianco)\b)"
)
# Words that ask for a name, wherever they stand.
NAMING = frozenset("name names named called heißt heissen heißen appelle nom".split())

KINDS = (
    Kind(
        "how_much how_much_money wie_viel_geld wieviel_geld combien",
        "多少钱",
        _MONEY,
        1.5,
        "money cost costs pay paid pays spend spent earn earned price fee rent worth geld argent coûte coûté kostet "
        "gekostet",
        told=True,
    ),
    Kind(
        "how_tall how_long how_deep how_wide how_broad wie_lang wie_lange wie_tief wie_breit",
        "",
        _MEASURE,
        1.5,
        told=True,
    ),
    Kind(
        "how_much how_many how_big how_large how_small how_far how_old how_often how_high what_age "
        "which_age what_height what_length what_depth what_weight what_size welchem_alter quel_âge quelle_hauteur "
        "how_heavy how_fast what_percentage what_number what_share what_price what_fee what_amount wieviel wieviele "
        "wie_viel wie_viele wie_hoch wie_groß wie_gross wie_alt wie_oft wie_weit wie_schwer "
        "wie_teuer combien cuánto cuánta cuántos cuántas quanto quanta quanti quante quantos quantas hoeveel сколько "
        "كم",
        "多少 几 幾 いくつ いくら",
        _NUMBER,
        1.0,
        told=True,
    ),
    Kind(
        "what_colour what_color which_colour which_color welche_farbe quelle_couleur qué_color che_colore",
        "什么颜色",
        _COLOUR,
        1.5,
        told=True,
    ),
    Kind(
        "when what_year which_year what_date which_date what_day which_day what_month which_month what_time "
        "what_century "
        "which_century how_soon wann welchem_jahr quand cuándo quando wanneer когда متى",
        "什么时候 何时 哪一年 哪年 いつ",
        _TIME,
        1.0,
        told=True,
    ),
    Kind("who whom whose wer wem wen ^qui ^chi quién quiénes quem кто", "谁 誰", _PERSON, 0.5, told=True),
    Kind(
        "why what_reason what_cause what_causes what_caused warum weshalb wieso pourquoi por_qué perché waarom "
        "почему لماذا",
        "为什么 为何 なぜ",
        _REASON,
        0.5,
    ),
    Kind("where wohin wo woher où dónde dove onde waar где أين", "哪里 哪裡 どこ", _PLACE, 0.25),
    Kind(" ".join(sorted(NAMING)), "", _NAME, 0.5),
)
