"""Templates written as YAML, the way a person would write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curta import config
from curta.errors import TemplateError
from curta.templates.finding import folder, path_of
from curta.templates.template import KEYS, Input, Template


def save(template: Template) -> Path:
    """Keep `template` under its name; one that had the name stays beside it, as `NAME.yaml~`. Returns the file.

    Raises TemplateError for a name that cannot be one.
    """
    path = path_of(template.name)
    if path.parent != folder():
        raise TemplateError(f"{template.name!r} cannot be the name of a template.", then="Use letters and dashes.")
    config.ensure_folder(path.parent)
    text = as_yaml(template)
    if path.exists():
        with config.replacing(path.with_name(f"{path.name}~"), 0o600) as file:
            file.write(path.read_text(encoding="utf-8", errors="replace"))
    with config.replacing(path, 0o600) as file:
        file.write(text)
    return path


def remove(name: str) -> Path:
    """Forget the user's own template `name`. Raises TemplateError when there is none."""
    path = path_of(name)
    if path.parent != folder() or not path.exists():
        raise TemplateError(
            f"There is no template of your own called {name!r}.",
            then=f"Your own are in {folder()}; built-in ones stay.",
        )
    path.unlink()
    return path


def as_yaml(template: Template) -> str:
    """The YAML of `template`: only what it says, texts of several lines as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value.strip("\n") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return str(yaml.dump(described(template), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100))


def described(template: Template) -> dict[str, Any]:
    """What `template` says, as plain values, by the keys of its file."""
    said = {key: getattr(template, key) for key in _ORDER}
    said["inputs"] = {each.name: _input(each) for each in template.inputs}
    said["attachment_types"] = [each._asdict() for each in template.attachment_types]
    return {key: _plain(value) for key, value in said.items() if value}


_ORDER = (
    *("description", "model", "system", "prompt", "inputs", "defaults", "options", "schema_object"),
    *("fragments", "system_fragments", "attachments", "attachment_types", "tools", "functions"),
    *("extract", "extract_last"),
)
assert {*_ORDER, "name"} == KEYS


def _input(each: Input) -> dict[str, Any]:
    kind = {} if each.type == ("choice" if each.choices else "text") else {"type": each.type}
    texts = {key: value for key in ("label", "example") if (value := getattr(each, key))}
    default = {} if each.default is None else {"default": each.default}
    return {**kind, **texts, **default, **({"choices": list(each.choices)} if each.choices else {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
