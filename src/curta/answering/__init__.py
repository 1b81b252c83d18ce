"""Answers that prove themselves: ask, check against the sources, have it mended, and strike out what stays unproven.

What lives here. `ask`, an answer from documents: `answer.py` the whole of it, driven and read; `retrieval.py` what is
looked for and where, `passages.py` what the model gets of it, `rounds.py` the loop, `form.py` what the model has to
write, `verifying.py` the verdict on that, `claims.py` what is shown in the end, `recorded.py` what is logged.
`quoted.py`, the loop behind `--quotes` and `--check`. `guarantee.py`, who guarantees a quotation: grammar or check.

Rules:
1. A model's word that it quoted correctly counts for nothing; `quotes` decides.
2. Every round is a call of its own in the log, with its verdict.
3. What is struck out is shown as struck out, never dropped silently.
4. What is shown as verified are the source's own words at their place in the stored document, never the model's copy.
5. Passages are Documents beside the user's question; nothing of them is put into words of ours.

May import instruments and everything below; no face. Importing this door loads nothing of `ask`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curta.answering.answer import Answer, ask
    from curta.answering.retrieval import Source, Wanted

__all__ = ["Answer", "Source", "Wanted", "ask"]

_HOMES = {"Answer": "answer", "ask": "answer", "Source": "retrieval", "Wanted": "retrieval"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
