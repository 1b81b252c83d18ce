"""What a server sends is believed only as far as it has the right form."""

from collections.abc import Mapping
from typing import Any

from curta.messages import JSON


def object_(value: JSON) -> Mapping[str, Any]:
    """`value` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: JSON) -> list[Mapping[str, Any]]:
    """The JSON objects in a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: JSON) -> str:
    """`value` where it is text, else no text."""
    return value if isinstance(value, str) else ""


def count(value: JSON) -> int | None:
    """`value` where it is a number of things."""
    return value if type(value) is int and value >= 0 else None
