"""Names for tools that every provider takes: `^[a-zA-Z0-9_-]{1,64}$`, with the server's name before the tool's own."""

import re
from collections.abc import Collection
from hashlib import sha256

LONGEST = 64
_OTHER = re.compile(r"[^a-zA-Z0-9_-]+")
_SERVER = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,31}")


def is_server_name(name: str) -> bool:
    """Whether a server can be called `name`: a plain letter, then up to 31 letters, digits, `_` and `-`."""
    return _SERVER.fullmatch(name) is not None


def offered(server: str, tool: str, taken: Collection[str] = ()) -> str:
    """The name under which a model is told of `tool`: `SERVER_tool`, as it is where it can be.

    What no provider takes becomes `_`. A name that is too long, has nothing left, or is taken, gets a piece of the hash
    of the tool's own name, so that two tools never share one and a name never depends on other tools' order.
    """
    name = f"{server}_{_OTHER.sub('_', tool)}"
    if len(name) <= LONGEST and name not in taken and any(map(str.isalnum, name[len(server) :])):
        return name
    digest = sha256(tool.encode("utf-8", "surrogatepass")).hexdigest()
    lengths = range(8, LONGEST - len(server), 4)
    names = (f"{name[: LONGEST - 1 - length]}_{digest[:length]}" for length in lengths)
    return next(name for name in names if name not in taken)
