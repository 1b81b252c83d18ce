"""An answer from documents on paper: its text, the notes under it, and which passages it is from."""

from collections.abc import Mapping, Sequence
from os.path import basename
from typing import Any

from curta.cli import output


def show(answer: Mapping[str, Any]) -> None:
    """The text and its notes on stdout. answer: as `curta ask --json` has it."""
    output.prose(answer["text"])
    notes = {claim["note"]: claim for claim in answer["claims"] if claim["note"]}
    repeated = {claim["note"] for claim in answer["claims"] if _words(claim["claim"]) == _words(claim.get("quotation"))}
    if notes:
        output.line()
    named = ""
    for number, note in sorted(notes.items()):
        _show_note(number, note, _where(note, is_named=note["uri"] == named), number in repeated)
        named = note["uri"]


def _show_note(number: int, note: Mapping[str, Any], where: str, is_repeated: bool) -> None:
    """is_repeated: the answer says the same words, so they need not be said again."""
    if is_repeated:
        output.line((f"[{number}] ", "accent"), (where, "faint"))
        return
    output.prose(f"[{number}] “{_words(note['quotation'])}”")
    output.line((f"    {where}", "faint"))


def _where(note: Mapping[str, Any], is_named: bool) -> str:
    """`Annual report (report.pdf), page 2, by Ann`. is_named: the note before it has the title already."""
    from curta.sources.names import near

    uri = near(note["uri"])
    name = uri if is_named or note["title"] in ("", basename(uri)) else f"{note['title']} ({uri})"
    place = (name, note["locator"] or f"line {note['line']}", f"by {note['author']}" if note["author"] else "")
    return _words(", ".join(filter(None, place)))


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def looked_at(found: Mapping[str, Any]) -> str:
    """`10 passages of 3 documents (lexical)`."""
    documents = _many(found["documents"], "document")
    if found["how"] == "all":
        return f"{documents}, read whole"
    return f"{_many(len(found['passages']), 'passage')} of {documents} ({found['how']})"


def explain(found: Mapping[str, Any]) -> None:
    """What was looked for, and the passages with their scores, on stderr."""
    looked_for = f"; looked for: {' '.join(found['words'])}" if found["words"] else ""
    output.note(f"{looked_at(found)}{looked_for}", force=True)
    for passage in found["passages"]:
        output.note(*_passage(passage), force=True)


def show_passages(passages: Sequence[Mapping[str, Any]]) -> None:
    """The same of a logged answer, on stdout."""
    for passage in passages:
        output.line(*_passage(passage))


def _passage(passage: Mapping[str, Any]) -> tuple[output.Piece, ...]:
    from curta.sources.names import near

    where = f"{near(passage['uri'])}  {passage['start']}-{passage['end']}"
    return f"{passage['number']:>2}  ", (where, "bold"), (_scores(passage["hits"]), "faint")


def _scores(hits: Sequence[Mapping[str, Any]]) -> str:
    if not hits:
        return ""
    figures = [f"{name} {hits[0][name]:.4f}" for name in ("score", "bm25", "cosine") if hits[0][name] is not None]
    return "  " + "  ".join(figures) + (f"  and {len(hits) - 1} beside it" if len(hits) > 1 else "")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
