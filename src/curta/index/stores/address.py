"""Addresses of databases, `postgresql://USER@HOST/DATABASE`, and their passwords, which go nowhere else.

A password comes from, in this order: the address (from Python alone: on a command line others could read it),
`PGPASSWORD`, the saved key that is named as the host, `~/.pgpass`. What is kept and shown is the address without it.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from curta.errors import UsageError
from curta.models import keys

SCHEMES = ("postgresql://", "postgres://")
_FORM = "It is put like this: postgresql://USER@HOST/DATABASE"


class Address(NamedTuple):
    """A database. shown: without the password. parameters: as libpq takes them, the password included."""

    shown: str
    parameters: Mapping[str, str]

    def scrubbed(self, words: str) -> str:
        """`words` without the password, should it be in them."""
        password = self.parameters.get("password")
        return words.replace(password, "•••") if password else words


def is_address(spec: str) -> bool:
    return spec.lower().startswith(SCHEMES)


def parse(url: str) -> Address:
    """The database that `url` names. Raises UsageError, which says nothing of a password that `url` may have."""
    read = _read(url)
    return read._replace(parameters=_with_key(dict(read.parameters)))


def require_no_password(url: str) -> None:
    """Refuse an address that was typed with a password in it. Raises UsageError."""
    given = _read(url).parameters
    if "password" in given:
        raise UsageError(
            "A password does not belong on a command line: others on this computer can read it there.",
            then=f"Save it (curta keys set {given.get('host', 'localhost')}), or use PGPASSWORD or ~/.pgpass, and leave"
            " it out of the address.",
        )


def _read(url: str) -> Address:
    from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

    if not is_address(url):
        raise UsageError("That is not the address of a PostgreSQL.", then=_FORM)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("The address of the PostgreSQL cannot be read.", then=_FORM) from None
    rest = dict(parse_qsl(parts.query))
    given = {"user": parts.username, "password": parts.password, "host": parts.hostname, "dbname": parts.path[1:]}
    given["port"] = None if port is None else str(port)
    parameters = {name: unquote(value) for name, value in given.items() if value} | rest
    user, _, where = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{where}" if user else where
    query = urlencode({name: value for name, value in rest.items() if "password" not in name}, safe="/")
    return Address(f"postgresql://{netloc}{parts.path}{f'?{query}' if query else ''}", parameters)


def _with_key(parameters: dict[str, str]) -> dict[str, str]:
    """With the saved password of this host, where nothing else gives one."""
    host = parameters.get("host", "")
    if "password" in parameters or os.environ.get("PGPASSWORD") or not host or host.startswith("/"):
        return parameters
    saved = keys.saved().get(host)
    return parameters | ({"password": saved} if saved else {})
