"""What the last user message asks for: a summary, or an answer to a question; and of which text."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from curta.messages import Document, Request
from curta.models.extractive.legible import is_question
from curta.text.sentences import sentences
from curta.text.stopwords import STOP_WORDS
from curta.text.terms import language, terms

LONG_MESSAGE = 25  # words; beyond that a message is an instruction with details, not a topic


class Wish(NamedTuple):
    """question: what to look for; "" asks for a summary.

    topic: what a summary should keep to, "" for all of the text.
    sentences: how many were asked for ("in three sentences"), None where nothing was said.
    """

    question: str
    topic: str = ""
    sentences: int | None = None


class Task(NamedTuple):
    """A wish and the texts it is about."""

    wish: Wish
    documents: Sequence[Document]


def task(request: Request) -> Task | None:
    """What `request` wants of which texts; None when it holds no text to quote from.

    All Documents of all turns are sources. The question is the last user message; earlier turns are not input. System
    text counts only when that message has no words.
    """
    asked = next((message.text.strip() for message in reversed(request.messages) if message.role == "user"), "")
    if documents := request.documents:
        return Task(wish(asked or _verbs_of(request.system)), documents)
    return _within(asked)


def wish(message: str) -> Wish:
    """Whether `message` asks for a summary, and of what; any other message is a question."""
    if not message.strip():
        return Wish("")
    if not (request := _request_for_summary(message)):
        return Wish(message)
    return Wish("", _topic(request) if len(message.split()) <= LONG_MESSAGE else "", _number_of_sentences(request))


def _verbs_of(instructions: str) -> str:
    """Instructions that ask for a summary; others are not for this model."""
    return instructions if _request_for_summary(instructions) else ""


# A request for a summary


def _request_for_summary(message: str) -> str:
    """The first sentence of `message` that asks for a summary, "" when none does.

    Words of summarising inside a question of fact ("Who wrote the summary?") do not ask for one.
    """
    patterns = _patterns()
    for start, end in sentences(message):
        sentence = message[start:end]
        if patterns.fact.match(sentence):
            if patterns.noun.search(sentence) and not _named(sentence):
                return sentence
        elif patterns.verb.search(sentence) or (patterns.noun.search(sentence) and patterns.order.match(sentence)):
            return sentence
    return ""


def _named(sentence: str) -> list[str]:
    """The words of a sentence that name something besides the text and its summary."""
    bare = _patterns().noun.sub(" ", sentence)
    return [term for term in terms(bare, language(sentence)) if term not in _about_texts()]


def _topic(sentence: str) -> str:
    """What a summary should keep to: "summarize what is said about the harbour"."""
    found = _patterns().topic.search(sentence)
    return found["topic"] if found and not found["text"] and _named(found["topic"]) else ""


def _number_of_sentences(sentence: str) -> int | None:
    found = _patterns().number.search(sentence)
    if not found:
        return None
    written = found["number"].casefold()
    return int(written) if written.isdecimal() else _numbers().get(written)


# Text in the prompt itself


def _within(message: str) -> Task | None:
    """Question and text in one message: the last paragraph that asks is the question, the rest is the text.

    Where none asks, the shorter of the first and the last is taken for the question.
    """
    paragraphs = _paragraphs(message)
    if len(paragraphs) < 2:
        return None
    asking = [span for span in paragraphs if _asks(message[slice(*span)])]
    start, end = asking[-1] if asking else min(paragraphs[-1], paragraphs[0], key=lambda span: span[1] - span[0])
    rest = message[:start].rstrip() + ("\n\n" if start else "") + message[end:].lstrip()
    return Task(wish(message[start:end]), (Document(rest, "prompt", trust="user"),))


def _paragraphs(message: str) -> list[tuple[int, int]]:
    """Stretches between blank lines; the lines, when there is no blank one."""
    parts = [match.span() for match in re.finditer(r"\S(?:[^\n]|\n(?!\s*\n))*", message)]
    return parts if len(parts) > 1 else [match.span() for match in re.finditer(r"\S[^\n]*", message)]


def _asks(paragraph: str) -> bool:
    return is_question(paragraph) or bool(_patterns().order.match(paragraph)) or bool(_request_for_summary(paragraph))


# Words


class _Patterns(NamedTuple):
    verb: re.Pattern[str]
    noun: re.Pattern[str]
    fact: re.Pattern[str]
    order: re.Pattern[str]
    topic: re.Pattern[str]
    number: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    number = "|".join(_numbers())
    return _Patterns(
        *(
            re.compile(rf"(?:{source})", re.IGNORECASE)
            for source in (
                r"\bsummari[sz](?:e|ing)\b|\bsum (?:it |this |that )?up\b|\brecap\b|\bcondense\b|\btl;?dr\b|\bboil (?:it )?down\b"
                r"|\bfass\w*\b.{0,80}\bzusammen\b|\bzusammenfassen\b|\bzusammenzufassen\b|\br[ée]sume[rz]?\b|\bsynthétise[rz]?\b"
                r"|\bresum(?:ir|e|a|en|an|ime|id)\b|\bsintetiz\w+\b|\briassum\w+\b|\bsintetizz\w+\b|\bvat\b.{0,80}\bsamen\b"
                r"|\bsamenvatten\b|\bsamen te vatten\b|\bсуммируй\w*\b|\bобобщи\w*\b|总结|概括|摘要|要約|لخص",
                r"\bsummary\b|\bsummaries\b|\boverview\b|\bsynopsis\b|\bgist\b|\bdigest\b|\btake-?aways?\b|\bhighlights\b"
                r"|\b(?:key|main|central|most important|principal) (?:points?|ideas?|themes?|topics?|arguments?|messages?|claims?"
                r"|opinions?|facts?)\b|\bthemes\b|\bzusammenfassung\b|\büberblick\b|\b(?:kern|haupt)(?:punkte|aussagen|themen|thesen)\b"
                r"|\bwichtigsten? (?:punkte|aussagen|themen)\b|\bthemen\b|\brésumé\b|\bsynthèse\b|\bpoints (?:clés|essentiels|principaux)\b"
                r"|\bidées (?:clés|principales)\b|\bthèmes\b|\bresumen\b|\bsíntesis\b|\bpuntos (?:clave|principales)\b"
                r"|\bideas principales\b|\btemas\b|\briassunto\b|\bsintesi\b|\bpunti (?:chiave|principali)\b|\bidee principali\b|\btemi\b"
                r"|\bresumo\b|\bsíntese\b|\bpontos[ -](?:chave|principais)\b|\bsamenvatting\b|\b(?:hoofd|kern)punten\b"
                r"|\bbelangrijkste (?:punten|thema.s)\b|\bоснов\w+ (?:мысли|темы|идеи)\b|\bкратко\w* (?:содержание|изложение)\b",
                r"\W*(?:who|whom|whose|when|where|why|how|which|what|did|does|do|is|are|was|were|has|have|wer|wem|wen|wann|wo|warum|weshalb"
                r"|wie|welche[rsnm]?|was|qui|quand|où|pourquoi|comment|combien|quel(?:le)?s?|que|qu|qué|quién(?:es)?|cuándo|dónde|cómo"
                r"|cuál(?:es)?|cuánt\w+|chi|quando|dove|come|perché|quali?|quant\w|cosa|quem|onde|quais|wat|wanneer|waar|waarom|hoe|welke?"
                r"|кто|когда|где|почему|как|какой|какие)\b",
                r"\W*(?:please |bitte |kindly |(?:can|could|would|will) you (?:please )?|i (?:want|need|would like|.d like)|let.s )?\W*(?:give|write|list"
                r"|provide|make|create|produce|show|extract|find|quote|tell|identify|describe|explain|name|draft|prepare|return|pull|pick"
                r"|summari[sz]e|summary|recap|overview|synopsis|key|main|themes|highlights|takeaways|gist|tl;?dr|a (?:short |brief )?summary|the (?:key|main|gist|summary|themes)"
                r"|gib|gebt|geben|schreib\w*|nenn\w*|liste|zeig\w*|finde|zitier\w*|eine? (?:kurze )?zusammenfassung|zusammenfassung|kernpunkte"
                r"|hauptpunkte|die (?:wichtigsten|kernpunkte|hauptpunkte)|donne[rz]?|écri[srvtez]+|fai[st]|liste[rz]?|trouve[rz]?|cite[rz]?|(?:un )?résumé|points clés|les (?:points|thèmes|idées)"
                r"|da(?:me|nos)?|haz(?:me)?|escrib[ea]|lista|encuentra|cita|(?:un )?resumen|puntos clave|los (?:puntos|temas)|dammi|scrivi|fai|elenca|trova"
                r"|(?:un )?riassunto|punti chiave|i (?:punti|temi)|dê|faça|escreva|liste|encontre|cite|(?:um )?resumo|pontos|os (?:pontos|temas)"
                r"|geef|schrijf|maak|noem|vind|citeer|(?:een )?samenvatting|hoofdpunten|de (?:hoofdpunten|kernpunten|belangrijkste)"
                r"|дай|напиши|сделай|перечисли|найди|основные|кратко)\b",
                r"(?P<text>\b(?:this|the|that|following|my|our|dies\w*|den|das|die|cet?(?:te)?|le|la|est[ea]|el|quest[oa]|il|lo|o|a|dit|deze|het|de)\s+"
                r"(?:\w+\s+)?(?:text|article|essay|story|chapter|letter|thread|document|speech|page|paper|report|post|book|note|minutes"
                r"|artikel|aufsatz|brief|kapitel|rede|texte|lettre|discours|chapitre|texto|artículo|carta|testo|articolo|lettera|artigo|tekst)\s+)?"
                r"\b(?:about|regarding|concerning|on the (?:subject|topic) of|über|zum thema|à propos d[eu]|concernant|sur|sobre|acerca de"
                r"|riguardo a|sul(?:la)?|over)\s+(?P<topic>[^.!?;:]+)",
                rf"\b(?P<number>\d{{1,3}}|{number})\s+(?:[\w-]+\s+){{0,2}}?(?:sentences?|points?|bullets?|themes?|takeaways?|ideas?|lines?|quotes?"
                r"|quotations?|s[äa]tze[n]?|satz|punkten?|phrases?|frases?|frasi|frase|puntos?|punti|pontos?|oraciones|zinnen|punten|thema.s)\b",
            )
        )
    )


@cache
def _numbers() -> dict[str, int]:
    """The small numbers in words, in the languages that questions are understood in."""
    rows = (
        "one two three four five six seven eight nine ten eleven twelve",
        "einem zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "une deux trois quatre cinq six sept huit neuf dix onze douze",
        "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "un due tre quattro cinque sei sette otto nove dieci undici dodici",
        "uma dois três quatro cinco seis sete oito nove dez onze doze",
        "één twee drie vier vijf zes zeven acht negen tien elf twaalf",
    )
    return {word: value for row in reversed(rows) for value, word in enumerate(row.split(), 1)}


@cache
def _about_texts() -> frozenset[str]:
    """Terms that name a text or its parts, in any of the languages."""
    listed = (
        "text document article passage chapter thread discussion debate conversation comment opinion view speech essay letter "
        "report meeting minutes story author speaker writer people come came up emerge raise make made present express discuss "
        "short brief please bitte artikel dokument diskussion kommentar rede brief texte discussion débat commentaire lettre "
        "discours texto artículo discusión comentario carta testo articolo discussione commento lettera artigo tekst artikel "
        "discussie here hier ici aquí qui aqui"
    )
    return frozenset(term for code in STOP_WORDS for term in terms(listed, code))
