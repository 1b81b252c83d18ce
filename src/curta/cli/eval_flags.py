"""What the flags of `curta eval` say of an experiment, as keys of its spec: they count instead of what a file says."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import click

from curta.errors import TemplateError, UsageError
from curta.statistics.verdict import Decide

_DECIDE = click.Choice(get_args(Decide))
_OPTIONS = (
    click.argument("spec", metavar="[SPEC.yml]", required=False),
    click.option("-m", "--model", "models", multiple=True, metavar="NAME", help="The model to ask; several: compare."),
    click.option("--prompt", "prompts", multiple=True, metavar="TEXT", help="What is asked; several: wordings of it."),
    click.option("-t", "--template", metavar="NAME", help="A kept prompt; its inputs are columns or factors."),
    click.option("-s", "--system", metavar="TEXT", help="A system prompt."),
    click.option("--factor", "factors", multiple=True, metavar="NAME={...}", help="What is varied, in YAML."),
    click.option("--on", "inputs", metavar="FILE", help="What it is asked about: rows, as for `curta map`."),
    click.option("--document", "documents", multiple=True, metavar="COLUMN", help="Send this column as a document."),
    click.option("--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="An option of the model."),
    click.option("--score", multiple=True, metavar="NAME[=...]", help="How good an answer is: contains='$answer'."),
    click.option("--unit", metavar="COLUMN", help="What inputs share that are not independent."),
    click.option("--repeat", type=click.IntRange(min=1), metavar="N", help="Ask each so many times."),
    click.option("--rope", type=float, metavar="X", help="The margin within which a difference is none (0.05)."),
    click.option("--decide", type=_DECIDE, help="How it is decided (anytime)."),
    click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Of the order."),
)


def describes_experiment(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument and the options that say what an experiment is."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def described(given: Mapping[str, Any]) -> dict[str, Any]:
    """What `api.experiment` takes, from what these options hold. Raises UsageError."""
    from curta.cli.prompt_read import read_options
    from curta.evals.short_form import beside

    if not (given["spec"] or given["prompts"] or given["template"]):
        raise UsageError(
            "Nothing says what to ask.",
            then="Name a spec (curta eval SPEC.yml), or say it in flags: --prompt TEXT --on FILE --score NAME",
        )
    changes = {
        "models": list(given["models"]),
        "prompt": list(given["prompts"]),
        "factors": dict(_named("--factor", each) for each in given["factors"]),
        "inputs": given["inputs"] and beside(given["inputs"], Path.cwd()),
        "documents": list(given["documents"]),
        "options": read_options(given["options"]),
        "score": [scorer(each) for each in given["score"]],
        **{name: given[name] for name in ("system", "unit", "repeat", "rope", "decide", "seed")},
    }
    changes = {key: each for key, each in changes.items() if each not in (None, [], {})}
    told = {"spec": given["spec"], "template": given["template"], "changes": changes}
    if len(given["models"]) == 1:  # it is asked, and compared with none
        return {**told, "changes": {**changes, "models": None}, "model": given["models"][0]}
    return told


def _named(flag: str, text: str) -> tuple[str, Any]:
    """`NAME=VALUE`, with a value in YAML."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{flag} takes NAME=VALUE, not {text!r}.", then=f"{flag} 'tip={{base: \"\", tip: Please.}}'")
    return name.strip(), _read(flag, value)


def scorer(text: str) -> Any:
    """`contains=$answer`, `length={max_words: 40}`, `size`; or as a spec has it: `contains: $answer`."""
    name, equals, value = text.partition("=")
    if not equals or ":" in name:
        return _read("--score", text)
    return {name: _read("--score", value) if value[:1] in ("{", "[", '"', "'") else value}


def _read(flag: str, value: str) -> Any:
    from curta.templates.reading import read_yaml

    try:
        return read_yaml(value, flag)
    except TemplateError as error:
        raise UsageError(error.what, why=error.why, then=error.then) from error
