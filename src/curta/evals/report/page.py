"""A report as one HTML file: no request leaves it, nothing in it can run but the script that filters its list."""

import base64
import hashlib
from typing import TYPE_CHECKING

from curta.evals.report import sections
from curta.evals.report.markup import Markup, join, tag
from curta.evals.report.plots.drawing import STYLE
from curta.evals.report.study import Study
from curta.evals.report.style import PAGE, SCRIPT

if TYPE_CHECKING:
    pass


def to_html(study: Study, items: int) -> str:
    """The whole file. items: disagreements to show, the texts of which are read from the log."""
    found = (
        sections.warnings(study),
        sections.differences(study),
        sections.ways(study),
        sections.evidence(study),
        sections.asked(study),
        sections.failed(study),
        sections.costs(study),
        sections.items(study, items),
        sections.again(study),
    )
    parts = {f"part{number}": each for number, each in enumerate(filter(None, found), 1)}
    links = (tag("a", each.title, href=f"#{id}") for id, each in parts.items())
    body = tag(
        "body",
        tag("header", sections.head(study), sections.verdicts(study), tag("nav", *links, aria_label="Contents")),
        tag("main", *(tag("section", tag("h2", each.title), each.body, id=id) for id, each in parts.items())),
        tag("footer", f"Experiment {study.report.id}. Computed from the log; made by Curta."),
        tag("script", SCRIPT),
    )
    return whole(f"{study.report.name or 'Experiment'}: {len(study.comparisons)} verdicts", body)


def whole(title: str, body: Markup) -> str:
    """A page of one file: nothing in it is loaded, and nothing can run but SCRIPT."""
    return f"<!doctype html>\n{tag('html', _head(title), body, lang='en')}\n"


def _head(title: str) -> Markup:
    style = join(PAGE, STYLE)
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="generator", content="Curta"),
        tag("title", title),
        tag("style", style),
    )


def _policy(style: Markup) -> str:
    """What the page may do: have its own style, that of plots, and its script."""
    styles = f"{_hash(style)} {_hash(STYLE)}"
    return f"default-src 'none'; style-src {styles}; script-src {_hash(SCRIPT)}; base-uri 'none'; form-action 'none'"


def _hash(text: Markup) -> str:
    """How a policy names what may be there: by its SHA-256."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
