"""The option `--store`: the PostgreSQL that an index is in."""

from collections.abc import Callable
from typing import Any

import click


def at_store(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of every command for an index that may be in a database."""
    return click.option(
        "--store",
        metavar="URL",
        callback=lambda ctx, parameter, value: typed_address(value),
        help="The PostgreSQL it is in: postgresql://USER@HOST/DATABASE. Remembered by the name of the index.",
    )(command)


def typed_address(url: str | None) -> str | None:
    """An address as it was typed, where a password has no place. Raises UsageError."""
    if url is not None:
        from curta.index.stores.address import require_no_password

        require_no_password(url)
    return url
