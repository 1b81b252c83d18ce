"""How the names of sources are shown, and which one may have been meant."""

import os
from itertools import islice

from curta.errors import SourceNotFound

_LONGEST = 200
_SIBLINGS = 2_000
_MAGIC = frozenset("*?[")


def shown(name: str) -> str:
    """`name` for a message: on one line, without anything a terminal would obey."""
    name = name if len(name) <= _LONGEST else name[:_LONGEST] + "…"
    return name if name.isprintable() and name.strip() == name and name else repr(name)


def is_pattern(path: str) -> bool:
    return not _MAGIC.isdisjoint(path)


def uri_of(path: str) -> str:
    """A path as Documents carry it: as it was given, with `/` between its parts."""
    return path.replace(os.sep, "/") if os.sep != "/" else path


def near(uri: str) -> str:
    """A path as one would name it here: from the current folder, or from home; what is elsewhere as it is."""
    for folder, short in ((os.getcwd(), ""), (os.path.expanduser("~"), "~" + os.sep)):
        if folder != os.sep and uri.startswith(folder + os.sep):
            return short + uri[len(folder) + 1 :]
    return uri


def not_found(path: str) -> SourceNotFound:
    """The error for a path that leads nowhere. It names the first part that is missing and what is there instead."""
    whole = path.rstrip("/") or path
    folder, missing = os.path.split(whole)
    while folder and not os.path.lexists(folder):
        folder, missing = os.path.split(folder)
    first = os.path.join(folder, missing)
    why = f"There is no {shown(first)}." if first != whole else ""
    meant = " or ".join(shown(os.path.join(folder, name)) for name in _alike(missing, folder or "."))
    then = f"Did you mean {meant}?" if meant else ""
    return SourceNotFound(f"There is no file or folder {shown(path)}.", why=why, then=then)


def _alike(name: str, folder: str) -> list[str]:
    """At most two names in `folder` that are spelt like `name`, or begin as it does."""
    try:
        with os.scandir(folder) as entries:
            siblings = [entry.name for entry in islice(entries, _SIBLINGS)]
    except OSError:
        return []
    from difflib import get_close_matches

    folded = {sibling.casefold(): sibling for sibling in sorted(siblings)}
    stem = name.casefold().partition(".")[0]
    spelt_alike = get_close_matches(name.casefold(), folded, 2)
    begin_alike = [sibling for sibling in folded if len(stem) > 2 and sibling.startswith(stem)]
    return [folded[match] for match in dict.fromkeys(spelt_alike + begin_alike)][:2]
