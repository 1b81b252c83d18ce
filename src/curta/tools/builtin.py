"""The tools that come with Curta."""

from datetime import UTC, datetime
from typing import Any


def curta_version() -> str:
    """The installed version of Curta."""
    from curta import __version__

    return __version__


def curta_time() -> dict[str, Any]:
    """The current date and time, in UTC and in the time zone of this computer."""
    now = datetime.now().astimezone()
    return {
        "utc_time": now.astimezone(tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "local_time": now.strftime("%Y-%m-%d %H:%M:%S"),
        "local_timezone": now.tzname(),
        "utc_offset": now.strftime("%z"),
        "weekday": now.strftime("%A"),
    }


TOOLS = (curta_version, curta_time)
