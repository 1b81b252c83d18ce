"""Which schema a name means, and which schemas there are: those kept under a name, and those that were asked for."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from curta import schemas
from curta.errors import UsageError
from curta.messages import JSON
from curta.schemas import saved

if TYPE_CHECKING:
    from curta.store import Log

_SHORTEST_ID = 4


class KnownSchema(NamedTuple):
    """A schema that can be named. name: "" when it is kept under none. latest: when it was last asked for, UTC."""

    id: str
    schema: dict[str, JSON]
    name: str = ""
    times: int = 0
    latest: datetime | None = None


def known(log: "Log | None" = None) -> list[KnownSchema]:
    """The schemas that are kept and those that the log has, the one used longest ago first; before them `llm`'s.

    log: another log than the user's; then nothing of `llm` is looked at.
    """
    from curta.store import open_log

    theirs = [] if log else _of_llm()
    found = {(id := schemas.id_of(schema)): KnownSchema(id, schema, name) for name, schema in saved.saved().items()}
    for used in (log or open_log()).schemas():
        id = schemas.id_of(used.schema)
        kept = found.pop(id, KnownSchema(id, used.schema))
        found[id] = kept._replace(times=used.times, latest=used.latest)
    return [*(each for each in theirs if schemas.id_of(each.schema) not in found), *found.values()]


def _of_llm() -> list[KnownSchema]:
    from curta.llm_home import kept

    return [KnownSchema(id, schema) for id, schema in kept.schemas().items()]


def schema(spec: str, *, multi: bool = False, log: "Log | None" = None) -> dict[str, JSON]:
    """The schema that `spec` names: JSON, the shorthand (`name, age int`), a file, the name of a kept schema, the id of
    one that was used or its beginning, or `t:NAME` for that of a template.

    multi: one for any number of what it describes, `{"items": [...]}`. Raises UsageError for what names none.
    """
    found = schemas.checked(_named_schema(spec.strip(), log))
    return schemas.items_of(found) if multi else found


def _named_schema(spec: str, log: "Log | None") -> Any:
    if spec.startswith("t:"):
        return _schema_of_template(spec[2:])
    if spec.startswith(("{", "[")):
        return _json(spec)
    if (kept := saved.saved().get(spec)) is not None:
        return kept
    if "," in spec or "\n" in spec or (" " in spec and not _exists(spec)):
        return schemas.shorthand(spec)
    if _exists(spec):
        from curta.sources import load

        return _json("".join(document.text for document in load(spec)))
    if (used := _by_id(spec, log)) is not None:
        return used
    return _unknown_schema(spec)


def _exists(path: str) -> bool:
    from os.path import isfile

    return isfile(path)


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The schema is not valid JSON: {error}.") from error


def _schema_of_template(name: str) -> Any:
    from curta import templates

    found = templates.load(name).schema_object
    if found is None:
        raise UsageError(f"The template {name!r} has no schema.", then="`schema_object:` gives it one.")
    return found


def _by_id(spec: str, log: "Log | None") -> Any:
    """A schema by its id, or the beginning of it; None when there is none. Raises UsageError when there are several."""
    if len(spec) < _SHORTEST_ID or not set(spec) <= set("0123456789abcdef"):
        return None
    found = [each for each in known(log) if each.id.startswith(spec)]
    if len(found) > 1:
        named = ", ".join(each.id for each in found[:4])
        raise UsageError(f"The ids of several schemas begin with {spec!r}.", why=f"Among them: {named}.")
    return found[0].schema if found else None


def _unknown_schema(spec: str) -> Any:
    from difflib import get_close_matches

    close = get_close_matches(spec, saved.saved(), n=2)
    raise UsageError(
        f"{spec!r} is no file, no schema that is kept or was used, and no description of one.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then="Describe one: --schema 'name, age int'   `curta schemas` lists those there are.",
    )
