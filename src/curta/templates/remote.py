"""Templates of other people: from an address, from GitHub, from the loaders of plugins.

Rules:
1. What is no file of this computer may change words, never actions: `functions:` and `tools:` are left out and named.
2. Nor may it send your files away: it can name other addresses to read, no paths; and no model by its address.
3. A loader is a row of LOADERS: from what stands after its prefix to the YAML of a template, or to a Template.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from curta.errors import CurtaError, SourceError, TemplateError
from curta.templates.reading import LONGEST, parse
from curta.templates.template import Template

if TYPE_CHECKING:
    from curta.plugins import Provided

Loader: TypeAlias = Callable[[str], str | Template]
GITHUB = "https://raw.githubusercontent.com"
RUNS = ("functions", "tools")
"""The keys that run something here."""


def load(name: str) -> Template:
    """The template that `name` (`gh:user/template`, an address) stands for. Raises TemplateError."""
    found = _found(name)
    template = found if isinstance(found, Template) else parse(found, _last_part(name), None, name)
    return _kept_in_bounds(replace(template, path=None, origin=name))


def source_of(name: str) -> str:
    """The YAML behind `name`. Raises TemplateError."""
    found = _found(name)
    if isinstance(found, str):
        return found
    from curta.templates.saving import as_yaml

    return as_yaml(found)


def loaders() -> Mapping[str, Loader]:
    """Every loader by its prefix: those of plugins of `llm`, those of plugins, and those here."""
    return {**_of_llm(), **_ours()}


def _ours() -> dict[str, Loader]:
    from curta import plugins

    return {**{name: _of_plugin(each) for name, each in plugins.provided("templates").items()}, **LOADERS}


def _of_llm() -> dict[str, Loader]:
    """The loaders of the plugins of the user's `llm`; the plugin is loaded when one is called."""
    from curta.models.bridge import loaders as bridged

    return {prefix: _bridged(prefix, help) for prefix, help in bridged.prefixes("template").items()}


def _bridged(prefix: str, help: str) -> Loader:
    def load_over_the_bridge(argument: str) -> str:
        from json import dumps

        from curta.models.bridge import loaders as bridged

        return dumps(bridged.template(prefix, argument))  # JSON is YAML

    load_over_the_bridge.__doc__ = help
    return load_over_the_bridge


def _of_plugin(provided: "Provided") -> Loader:
    """The loader that a plugin provides; the plugin is imported when it is called."""

    def load_with_plugin(argument: str) -> str | Template:
        load = provided.load()
        with provided.plugin.blamed():
            found: str | Template = load(argument)
        return found

    load_with_plugin.__doc__ = provided.about.get("help")
    return load_with_plugin


def _found(name: str) -> str | Template:
    if name.startswith(("http://", "https://")):
        return _at_address(name)
    prefix, _, argument = name.partition(":")
    known = _ours()
    if prefix not in known:
        known = {**_of_llm(), **known}
    if prefix not in known:
        raise TemplateError(
            f"There is no template called {name!r}, and no loader for {prefix}: names.",
            why=f"Loaders: {', '.join(f'{each}:' for each in known)}",
        )
    try:
        return known[prefix](argument)
    except CurtaError:
        raise
    except Exception as error:  # a loader is anybody's code
        raise TemplateError(
            f"The template {name} could not be loaded.", why=f"{type(error).__name__}: {error}"
        ) from error


def _at_address(url: str) -> str:
    from curta.http import fetch

    try:
        found = fetch(url, max_bytes=LONGEST)
    except SourceError as error:
        raise TemplateError(f"The template cannot be read: {error.what}", why=error.why, then=error.then) from error
    if "html" in found.headers.get("content-type", ""):
        raise TemplateError(f"{url} is a web page, not a template.", then="Name the address of the YAML file itself.")
    try:
        return found.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{url} is not UTF-8 text.") from error


def _from_github(argument: str) -> str:
    """A template on GitHub: USER/NAME in the repository llm-templates, or USER/REPOSITORY/NAME."""
    user, *rest = argument.split("/")
    if not rest or not all(re.fullmatch(r"[\w-][\w.-]*", part, re.ASCII) for part in (user, *rest)):
        raise TemplateError(
            f"gh:{argument} does not name a template on GitHub.", then="gh:USER/TEMPLATE or gh:USER/REPOSITORY/TEMPLATE"
        )
    repository, path = ("llm-templates", rest) if len(rest) == 1 else (rest[0], rest[1:])
    file = "/".join(path).removesuffix(".yaml") + ".yaml"
    return _at_address(f"{GITHUB}/{user}/{repository}/main/{file}")


LOADERS: dict[str, Loader] = {"gh": _from_github}
"""Who loads what, by the prefix of the name."""


# What other people's templates may say


def _kept_in_bounds(template: Template) -> Template:
    """`template` without what would run here. Raises TemplateError for what would send something away."""
    for key, named in (
        ("fragments", template.fragments),
        ("system_fragments", template.system_fragments),
        ("attachments", template.attachments),
        ("attachment_types", tuple(each.value for each in template.attachment_types)),
    ):
        for source in named:
            _refuse_private(template, key, source)
    if "://" in template.model:
        raise _refusal(template, "model", template.model, "a model by its address")
    distrusted = tuple(key for key in RUNS if getattr(template, key))
    return replace(template, functions="", tools=(), distrusted=distrusted)


def _refuse_private(template: Template, key: str, source: str) -> None:
    from curta.http import is_private

    if not source.startswith(("http://", "https://")):
        raise _refusal(template, key, source, "a file of this computer")
    home = template.origin if template.origin.startswith(("http://", "https://")) else GITHUB
    if is_private(source) and not is_private(home):
        raise _refusal(template, key, source, "an address of this computer's own network")


def _refusal(template: Template, key: str, what: str, kind: str) -> TemplateError:
    return TemplateError(
        f"The template {template.origin} names {kind}: `{key}: {what}`.",
        why="A template that is not yours must not decide what is read here, or who gets it.",
        then=f"Read it with `curta templates show {template.origin}`; keep what you want of it as a file.",
    )


def _last_part(name: str) -> str:
    return re.split(r"[/:]", name.partition("?")[0].rstrip("/"))[-1].removesuffix(".yaml") or name
