"""How people ask for a summary, in the languages that requests are understood in. Parts of regular expressions.

ORDERS    verbs that ask for one            FACTS     how a question of fact begins
NAMES     what a summary is called          BEGIN     how a request for one of NAMES begins
ABOUT     what comes before a topic         TEXTS     what a text is called
COUNTED   what a summary is counted in      NUMBERS   one to twelve
"""

ORDERS = {
    "en": r"summari[sz]e|summari[sz]ing|sum (?:it |this |that )?up|recap|condense|tl;?dr|boil (?:it |this )?down",
    "de": r"fass\w*\b.{0,80}\bzusammen|zusammenfassen|zusammenzufassen",
    "fr": "résume[rz]?|synthétise[rz]?",
    "es": "resum(?:ir|id)|sintetiza",
    "it": r"riassum\w+|sintetizza\w*",
    "pt": "resumir|sintetize",
    "nl": r"vat\b.{0,80}\bsamen|samenvatten|samen te vatten",
    "ru": r"обобщи\w*|суммируй\w*",
}

# "Resume" is English too: in other languages it asks for a summary where a sentence begins with it.
ORDER_FIRST = "(?:por favor,? )?resum[ea]"

ORDERS_UNSPACED = "总结|總結|概括|摘要|要約|لخص"

NAMES = {
    "en": r"summary|summaries|overview|synopsis|gist|digest|take-?aways?|highlights|themes"
    r"|(?:key|main|central|principal|most important) (?:points?|ideas?|topics?|arguments?|messages?|claims?"
    r"|opinions?|facts?|quotes?|quotations?|sentences?|passages?)",
    "de": r"zusammenfassung|überblick|themen|(?:kern|haupt)(?:punkte|aussagen|themen|thesen)"
    r"|wichtigsten? (?:punkte|aussagen|themen)",
    "fr": r"résumé|synthèse|thèmes|points (?:clés|essentiels|principaux)|idées (?:clés|principales)",
    "es": r"resumen|síntesis|temas|puntos (?:clave|principales)|ideas principales",
    "it": r"riassunto|sintesi|temi|punti (?:chiave|principali)|idee principali",
    "pt": r"resumo|síntese|pontos[ -](?:chave|principais)|ideias principais",
    "nl": r"samenvatting|thema.s|hoofdpunten|kernpunten|belangrijkste punten",
    "ru": r"основн\w+ (?:мысли|темы|идеи)|кратк\w+ (?:содержание|изложение)",
}

FACTS = {
    "en": "who|whom|whose|when|where|why|how|which|what|did|does|do|is|are|was|were|has|have",
    "de": "wer|wem|wen|wann|wo|warum|weshalb|wie|welche[rsnm]?|was",
    "fr": "qui|quand|où|pourquoi|comment|combien|quel(?:le)?s?|que|est-ce",
    "es": r"quién(?:es)?|cuándo|dónde|cómo|cuál(?:es)?|cuánt\w+|qué",
    "it": r"chi|quando|dove|come|perché|quali?|quant\w|cosa",
    "pt": "quem|onde|quais|qual",
    "nl": "wat|wanneer|waar|waarom|hoe|welke?",
    "ru": "кто|когда|где|почему|как|какой|какие|что",
}

IMPERATIVES = {
    "en": "(?:please |can you |could you |would you |will you )*(?:give|write|list|provide|make|create|produce|show"
    "|extract"
    "|find|quote|tell|identify|describe|explain|name|draft|prepare|return|pull|pick)",
    "de": r"(?:bitte )?(?:gib|gebt|geben|schreib\w*|nenn\w*|liste|zeig\w*|finde|zitier\w*)",
    "fr": "donne[rz]?|écri(?:s|vez|re)|fai(?:s|tes)|liste[rz]?|trouve[rz]?|cite[rz]?",
    "es": "da(?:me|nos)|haz(?:me)?|escribe|lista|encuentra|cita",
    "it": "dammi|scrivi|fai|elenca|trova",
    "pt": "dê|faça|escreva|liste|encontre",
    "nl": "geef|schrijf|maak|noem|vind|citeer",
    "ru": "дай|напиши|сделай|перечисли|найди",
}

# How a request may begin that has no verb: "The main points".
WITHOUT_VERB = (
    "please|i (?:want|need|would like|.d like)|an?|the|short|brief|bitte|eine?|die|kurze|une?|les|los|las|i|le|os|as"
    "|um|een|de"
)

THIS = "this|the|that|following|my|our|dies\\w*|de[nrms]|das|die|cet?(?:te)?|le|la|est[ea]|el|quest[oa]|il|o|a|dit|het"

ABOUT = (
    "about|regarding|concerning|on the (?:subject|topic) of|über|zum thema|à propos d[eu]|concernant|sur|sobre"
    "|acerca de"
    "|riguardo a|sul(?:la)?|over"
)

TEXTS = (
    "text|article|essay|story|chapter|letter|thread|document|speech|page|paper|report|post|book|notes?|minutes|artikel"
    "|aufsatz|brief|kapitel|rede|texte|lettre|discours|chapitre|texto|artículo|carta|testo|articolo|lettera|artigo"
    "|tekst"
)

# Further words that name no topic in a request for a summary.
AROUND_TEXTS = (
    "discussion debate conversation comment opinion view meeting author speaker writer people come came emerge raise "
    "make "
    "made present express discuss please bitte diskussion kommentar débat commentaire discusión comentario discussione "
    "commento discussie here hier ici aquí qui aqui"
)

COUNTED = (
    "sentences?|points?|bullets?|themes?|take-?aways?|ideas?|lines?|quotes?|quotations?|sätzen?|satz|punkten?|phrases?"
    "|frases?|frasi|puntos?|punti|pontos?|oraciones|zinnen|punten|thema.s"
)

NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve",
    "einem zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "une deux trois quatre cinq six sept huit neuf dix onze douze",
    "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "un due tre quattro cinque sei sette otto nove dieci undici dodici",
    "uma dois três quatro cinco seis sete oito nove dez onze doze",
    "één twee drie vier vijf zes zeven acht negen tien elf twaalf",
)

# A message with none of these asks for no summary: it is not looked at further.
SIGNS = (
    "summar sum recap condens tl;dr tldr boil overview synopsis gist digest take highlight theme key main central "
    "principal most zusammen überblick themen thesen punkte aussagen résum synth thème points idées resum sintet "
    "síntes tema puntos ideas riassu temi punti idee pontos ideias samen thema hoofd kern belangrijk обобщ суммир "
    "основн кратк 总结 總結 概括 摘要 要約 لخص"
)
