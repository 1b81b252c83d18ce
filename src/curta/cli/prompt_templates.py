"""The templates of a prompt: their inputs as flags, what they want of the command line, and --save."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from curta import templates
from curta.cli import output
from curta.errors import UsageError
from curta.templates import Input, Template, TypedAttachment

FIELD = "input_"
"""What the parameters of such flags begin with, for click."""


# Inputs as flags


def named(command: click.Command, context: click.Context, words: Sequence[str]) -> tuple[Template, ...]:
    """The templates that the command line names, before all of its flags are known. Raises TemplateError."""
    parser = command.make_parser(context)
    parser.ignore_unknown_options = True
    try:
        given, _, _ = parser.parse_args(list(words))
    except click.UsageError:  # the proper reading will say it
        return ()
    return tuple(templates.load(name) for name in given.get("template", ()) or ())


def flags(kept: Iterable[Template], command: click.Command) -> list[click.Option]:
    """A flag for each input of these templates: `--audience experts`.

    A name that Curta has a flag for, or that is not of plain letters, needs -p.
    """
    taken = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)} | {"--help"}
    inputs = {each.name: each for template in kept for each in reversed(template.asks_for)}
    plain = [each for each in reversed(inputs.values()) if each.name.isidentifier() and each.name.isascii()]
    made = [_flag(each) for each in plain]
    return [option for option in made if not taken.intersection((*option.opts, *option.secondary_opts))]


def _flag(each: Input) -> click.Option:
    field, dashed = FIELD + each.name, each.name.replace("_", "-").strip("-")
    if each.type == "flag":
        return click.Option([field, f"--{dashed}/--no-{dashed}"], default=None, help=_help(each))
    spellings = dict.fromkeys([f"--{dashed}", f"--{each.name}"])
    metavar = "|".join(each.choices) if each.choices else _METAVARS.get(each.type, "TEXT")
    return click.Option([field, *spellings], metavar=_shown(metavar), help=_help(each))


_METAVARS = {"integer": "WHOLE NUMBER", "number": "NUMBER"}


def _help(each: Input) -> str:
    example = f"For example {each.example!r}." if each.example and each.default is None else ""
    default = f"Without it: {each.default}." if each.default is not None else ""
    label = each.label and each.label.rstrip(".") + "."
    return _shown(" ".join(filter(None, (label, default, example))) or "Has to be given.")


def _shown(text: str) -> str:
    """Text of a template, which may be anybody's, for a terminal."""
    return output.safe(" ".join(text.split()))


def collected(fields: Mapping[str, Any]) -> dict[str, str]:
    """The values of such flags by the name of the input, as typed."""
    given = {name.removeprefix(FIELD): value for name, value in fields.items() if value is not None}
    return {
        name: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value for name, value in given.items()
    }


# What templates want


def apply(given: dict[str, Any]) -> None:
    """Let the templates have their say about flags: tools come before those typed, the block to extract after."""
    kept: tuple[Template, ...] = given["template"]
    if not (given["extract"] or given["extract_last"]) and (
        wish := next((each for each in kept if each.extract or each.extract_last), None)
    ):
        given["extract"], given["extract_last"] = wish.extract, wish.extract_last
    given["tools"] = (*(tool for each in kept for tool in each.tools), *given["tools"])
    given["functions"] = (*(each.functions for each in kept if each.functions), *given["functions"])
    given["template"] = [replace(each, tools=(), functions="") for each in kept]


# Keeping what was typed


def save(words: str | None, given: Mapping[str, Any]) -> int:
    """Keep what was typed as the template `given["save"]`, and ask nothing."""
    from curta.cli.completion_names import refresh

    for flag, name in (("-t", "template"), ("-c", "resume"), ("--cid", "cid")):
        if given[name]:
            raise UsageError(f"--save keeps what is typed; {flag} has no place in it.")
    template = _typed(words, given)
    replaced = templates.path_of(template.name).exists()
    path = templates.save(template)
    refresh()
    earlier = f" (the earlier one is {path.name}~)" if replaced else ""
    output.note(f"Kept in {path}{earlier}. Use it: curta -t {template.name}")
    return 0


def _typed(words: str | None, given: Mapping[str, Any]) -> Template:
    from curta.cli import prompt_read as read
    from curta.models import registry

    return Template(
        name=given["save"],
        prompt="\n\n".join(filter(None, (read.piped_text(given), words))),
        system=given["system"] or "",
        model=registry.get(given["model"]).name if given["model"] else "",
        defaults=dict(given["inputs"]),
        options=_options(given),
        schema_object=read.schema(given),
        fragments=_lasting(given["sources"]),
        system_fragments=_lasting(given["system_sources"]),
        attachments=_lasting(given["attached"]),
        attachment_types=tuple(
            TypedAttachment(value, type)
            for value, (_, type) in zip(_lasting(name for name, _ in given["typed"]), given["typed"], strict=True)
        ),
        tools=given["tools"],
        functions="\n\n".join(map(_code, given["functions"])),
        extract=given["extract"],
        extract_last=given["extract_last"],
    )


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options, when the model takes them. Raises UsageError for one that it would refuse."""
    from curta.cli.prompt_read import read_options
    from curta.models import registry

    options = read_options(given["options"])
    model = registry.get(given["model"]) if options else None
    known = {each.name for each in model.options} if model else set()
    if wrong := [name for name in options if name not in known]:
        assert model is not None
        raise UsageError(
            f"{model.name} has no option {wrong[0]!r}.", then=f"It takes: {', '.join(sorted(known)) or 'none'}."
        )
    return options


def _lasting(names: Iterable[str]) -> tuple[str, ...]:
    """Names as they are understood from any folder. Raises UsageError for `-`: what is piped in is gone afterwards."""
    from os.path import abspath, lexists

    names = tuple(names)
    if "-" in names:
        raise UsageError("A template cannot keep what is piped in as a source.", then="Name a file.")
    return tuple(abspath(name) if lexists(name) else name for name in names)


def _code(functions: str) -> str:
    """The code itself, also of a file that may change."""
    from curta.sources.files import read

    is_file = functions.endswith(".py") and "\n" not in functions
    return read(functions).decode("utf-8") if is_file else functions
