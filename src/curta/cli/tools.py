"""`curta tools`: list the tools there are, and look at one."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from curta.cli import output
from curta.cli.group import DefaultGroup
from curta.cli.tools_servers import SERVER_COMMANDS


@click.group(cls=DefaultGroup, default="list", help="List the tools a model may call (-T), and look at one.")
def tools() -> None:
    pass


for _command in SERVER_COMMANDS:
    tools.add_command(_command)


@tools.command("list", help="Every tool that `curta -T NAME` takes; or those that each SPEC names.")
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--functions", "code", multiple=True, metavar="CODE|FILE", help="The tools of Python code instead.")
@click.option("-m", "--model", metavar="NAME", help="What this model can call: nothing, where it cannot call tools.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(specs: tuple[str, ...], code: tuple[str, ...], model: str | None, as_json: bool) -> None:
    from curta.tools import available, find_all, provided

    found = [provided(each) for each in find_all(specs, code)] if specs or code else list(available())
    if model and not _calls_tools(model):
        found = []
    if as_json:
        output.line(json.dumps([each._asdict() for each in found], indent=2, ensure_ascii=False))
        return
    width = min(max((len(each.spec) for each in found), default=0), 40)
    for each in found:
        source = each.source + (f", also {each.also}" if each.also else "")
        output.line(f"{each.spec:{width}}  ", (_brief(each.description), "faint"), (f"  {source}", "faint"))


def _calls_tools(model: str) -> bool:
    from curta.models import registry

    if registry.get(model).facts.tools is not False:
        return True
    output.note(f"{model} cannot call tools.", force=True)
    return False


@tools.command("show", help="All that a model is told of the tools SPEC names: their arguments above all.")
@click.argument("spec")
@click.option("--functions", "code", multiple=True, metavar="CODE|FILE", help="Python code with a toolbox SPEC names.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(spec: str, code: tuple[str, ...], as_json: bool) -> None:
    from curta.tools import named, provided

    found = [provided(each) for each in named(spec, code)]
    if as_json:
        output.line(json.dumps([each._asdict() for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        output.line((each.name, "bold"), (f"  {each.source}", "faint"))
        if each.description:
            output.prose("  " + each.description.replace("\n", "\n  "))
        for line in _arguments(each.parameters):
            output.line(f"  {line}")


def _brief(text: str) -> str:
    first = text.strip().partition("\n")[0]
    return first if len(first) <= output.COLUMN else first[: output.COLUMN - 1] + "…"


def _arguments(schema: Mapping[str, Any]) -> Iterable[str]:
    """A line for each argument: `city (string, required): where`."""
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        facts = [_kind(each), *(["required"] if name in required else [])]
        facts += [f"default {json.dumps(each['default'], ensure_ascii=False)}"] if "default" in each else []
        text = f": {each['description']}" if each.get("description") else ""
        yield f"{name} ({', '.join(filter(None, facts))}){text}"


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(filter(None, (_kind(each) for each in schema["anyOf"])))
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
