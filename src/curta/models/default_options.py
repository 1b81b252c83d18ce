"""Options that go with every request to a model, unless the request says otherwise.

The user's own are in `config.json`; those set with an `llm` on this computer apply beneath them. An own option that is
null hides one of `llm`'s.
"""

from collections.abc import Mapping
from typing import Any

from curta import config
from curta.errors import UsageError
from curta.messages import JSON
from curta.models.model import Model

FILE, SECTION = "config.json", "options"


def options_for(model: Model) -> dict[str, JSON]:
    """What to send to `model` by default. An option of `llm`'s that it does not take is left out and named."""
    own = _own().get(model.name, {})
    past = {name: value for name, value in _of_llm(model.name).items() if name not in own}
    takes = {option.name for option in model.options} if past else set()
    if past.keys() - takes:
        from curta import llm_home

        for name in sorted(past.keys() - takes):
            llm_home.note_trouble(
                f"llm's option {name!r} for {model.name} is not sent: the model takes no such option."
            )
    kept = {name: value for name, value in past.items() if name in takes}
    return {**kept, **{name: value for name, value in own.items() if value is not None}}


def all_options() -> dict[str, dict[str, JSON]]:
    """Model -> its default options, the user's own and those of `llm` together."""
    own, past = _own(), all_of_llm()
    merged = {name: {**past.get(name, {}), **own.get(name, {})} for name in sorted({*own, *past})}
    shown = {name: {each: v for each, v in options.items() if v is not None} for name, options in merged.items()}
    return {name: options for name, options in shown.items() if options}


def set_option(model: Model, name: str, value: JSON) -> None:
    """Send `name` with this value to `model` from now on. Raises UnsupportedRequest for what it does not take."""
    from curta.models.wires.options import accept

    accept(model.name, model.options, {name: value})
    with config.changing(FILE) as settings:
        settings.setdefault(SECTION, {}).setdefault(model.name, {})[name] = value


def clear(model: str, name: str | None = None) -> None:
    """Forget an option of a model, or all of them. Raises UsageError when there is none."""
    there = all_options().get(model, {})
    wanted = list(there) if name is None else [name]
    if not wanted or any(each not in there for each in wanted):
        what = f"the option {name!r}" if name else "default options"
        raise UsageError(f"{model} has not {what} set.", then="curta models options lists them.")
    with config.changing(FILE) as settings:
        own = settings.setdefault(SECTION, {}).setdefault(model, {})
        for each in wanted:
            own.pop(each, None)
            if each in _of_llm(model):
                own[each] = None
        if not own:
            del settings[SECTION][model]


def _own() -> Mapping[str, Mapping[str, Any]]:
    found = config.read(FILE).get(SECTION)
    return {name: each for name, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}


def _of_llm(model: str) -> dict[str, JSON]:
    return all_of_llm().get(model, {})


def all_of_llm() -> dict[str, dict[str, JSON]]:
    """Model -> the default options that an `llm` on this computer has for it."""
    from curta.llm_home import settings

    return {
        model: {name: read(value) for name, value in each.items()} for model, each in settings.all_options().items()
    }


def read(value: JSON) -> JSON:
    """A value as it was typed: JSON where it is JSON, text otherwise. `llm` keeps all of them as text."""
    import json

    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
