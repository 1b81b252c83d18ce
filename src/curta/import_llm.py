"""Copying what a user wants to keep of an `llm` user directory into Curta's own home.

Rules:
1. Nothing of Curta's own is overwritten: what is there under the same name stays, and is named.
2. Whatever was copied once is not copied again, so an import that was interrupted is simply done again.
3. Nothing is needed: `llm_home` reads all of it where it is. A copy is for when `llm` is to go.

May import `fragments`, `models`, `templates`, `llm_home`, `store` and the ground.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from curta import config, llm_home
from curta.errors import UsageError
from curta.llm_home import settings

Kind: TypeAlias = Literal["keys", "aliases", "models", "templates", "fragments", "logs"]
State: TypeAlias = Literal["new", "there", "kept", "refused"]
KINDS: tuple[Kind, ...] = ("keys", "aliases", "models", "templates", "fragments", "logs")


class Item(NamedTuple):
    """Something that can be copied.

    state: `new` it is to be copied; `there` Curta has the same; `kept` Curta has its own of this name, which stays;
        `refused` Curta cannot keep it.
    """

    kind: Kind
    name: str
    state: State


class _Source(NamedTuple):
    """Where things of one kind are kept: what `llm` has, what Curta has, and how one is copied."""

    theirs: Mapping[str, Any]
    own: Mapping[str, Any]
    copy: Callable[[str, Any], None]


def items(kinds: Iterable[Kind] = KINDS) -> Iterator[Item]:
    """What there is to copy, calls aside: those are counted by `calls_waiting`."""
    for kind in kinds:
        for source in _sources(kind):
            yield from (Item(kind, name, _state(source, name)) for name in source.theirs)


def copy(kinds: Iterable[Kind]) -> Iterator[Item]:
    """Copy everything of these kinds but calls; each item, as it was before. Raises ConfigError."""
    for kind in kinds:
        for source in _sources(kind):
            for name, value in source.theirs.items():
                yield _copied(source, Item(kind, name, _state(source, name)), value)


def _copied(source: _Source, item: Item, value: Any) -> Item:
    try:
        if item.state == "new":
            source.copy(item.name, value)
    except UsageError:
        return item._replace(state="refused")
    return item


def calls_waiting() -> int:
    """How many calls of `llm`'s log are not in Curta's."""
    from curta.store import Filter, open_log

    both = llm_home.with_past(open_log())
    return 0 if both.past is None else both.count(Filter(caller="llm")) - both.own.count(Filter(caller="llm"))


def copy_calls() -> Iterator[int]:
    """Copy the calls of `llm`'s log, oldest first, with their ids and times; how many, after each some hundred."""
    from curta.llm_home.past_log import past_log
    from curta.store import Filter, open_log

    if (past := past_log()) is not None:
        yield from open_log().take_in(map(_as_logged, past.calls(Filter(oldest_first=True))))


def _as_logged(call: Any) -> Any:
    """A call of `llm`'s as the rows of Curta's log want it."""
    from curta.events import UsageReport
    from curta.store import Outcome
    from curta.store.recording import Opening

    usage = UsageReport(call.input_tokens, call.output_tokens, call.cached_tokens, call.reasoning_tokens)
    started = round(call.started.timestamp() * 1000)
    opening = Opening(call.id, call.conversation_id, call.request(), started, call.caller, None, call.resolved_model)
    return opening, Outcome("ok", call.message(), call.resolved_model, usage, duration_ms=call.duration_ms or 0)


def _state(source: _Source, name: str) -> State:
    if name not in source.own:
        return "new"
    return "there" if source.own[name] == source.theirs[name] else "kept"


def _sources(kind: Kind) -> tuple[_Source, ...]:
    makers: dict[Kind, Callable[[], tuple[_Source, ...]]] = {
        "keys": _keys,
        "aliases": _aliases,
        "models": _models,
        "templates": _templates,
        "fragments": _fragments,
    }
    return makers[kind]() if kind in makers else ()


def _keys() -> tuple[_Source, ...]:
    from curta.models import keys

    ours = {theirs: name for name, others in settings.KEY_NAMES.items() for theirs in others}
    theirs = {ours.get(name, name): value for name, value in settings.keys().items()}
    return (_Source(theirs, keys.saved(), keys.save),)


def _aliases() -> tuple[_Source, ...]:
    from curta.models import registry

    of_models = {alias: entry.name for entry in registry.of_llm().values() for alias in entry.aliases}
    own = config.read("config.json").get("aliases", {})
    return (_Source({**of_models, **settings.aliases()}, own, _set_in("config.json", "aliases")),)


def _models() -> tuple[_Source, ...]:
    """The described models, the default one, and the options that go with requests."""
    from curta.models import default_options, registry

    own = config.read("config.json")
    described = {name: registry.description(entry) for name, entry in registry.of_llm().items()}
    chosen = settings.chosen_model()
    options = default_options.all_of_llm()
    return (
        _Source(described, config.read(registry.MODELS_FILE), _set_in(registry.MODELS_FILE)),
        _Source({"default_model": chosen} if chosen else {}, own, _set_in("config.json")),
        _Source(options, own.get("options", {}), _set_in("config.json", "options")),
    )


def _set_in(file: str, section: str | None = None) -> Callable[[str, Any], None]:
    def set_(name: str, value: Any) -> None:
        with config.changing(file) as settings:
            (settings.setdefault(section, {}) if section else settings).setdefault(name, value)

    return set_


def _templates() -> tuple[_Source, ...]:
    from curta import templates

    folder, own = llm_home.templates_folder(), templates.folder()
    theirs = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.yaml"))} if folder else {}
    ours = {path.stem: path.read_bytes() for path in own.glob("*.yaml")}
    return (_Source(theirs, ours, _write_template),)


def _write_template(name: str, content: bytes) -> None:
    from curta import templates

    config.ensure_folder(templates.folder())
    with config.replacing(templates.folder() / f"{name}.yaml", 0o600) as file:
        file.write(content.decode("utf-8", "replace"))


def _fragments() -> tuple[_Source, ...]:
    from curta import fragments
    from curta.llm_home import kept

    documents = kept.aliases()

    def keep(name: str, _: Any) -> None:
        fragments.keep(name, [documents[name]])

    theirs = {name: [document.sha256] for name, document in documents.items()}
    return (_Source(theirs, fragments.aliases(), keep),)
