"""How much memory is free here."""

import os
from contextlib import suppress
from pathlib import Path

from curta.errors import SandboxError

GROUP = Path("/sys/fs/cgroup")


def require(bytes: int, what: str) -> None:
    """Raises SandboxError when `what` would take more memory than is free."""
    there = free()
    if there is not None and there < bytes:
        raise SandboxError(
            f"{what} takes {_gigabytes(bytes)} of memory, and {_gigabytes(there)} are free here.",
            then="End other programs, or give this machine or container more memory.",
        )


def free() -> int | None:
    """Bytes that a process could still get, in a container the container's; None where nobody can tell."""
    found = [bytes for bytes in (_of_machine(), _of_group(GROUP)) if bytes is not None]
    return min(found, default=None)


def _gigabytes(bytes: int) -> str:
    return f"{bytes / 1e9:.1f} GB"


def _of_machine() -> int | None:
    with suppress(OSError, KeyError, ValueError):
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        return sum(int(told[name].split()[0]) << 10 for name in ("MemAvailable", "SwapFree"))
    with suppress(OSError, ValueError, AttributeError):  # macOS has no such figure: what there is in all
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_group(group: Path) -> int | None:
    """What a control group leaves to its processes; None when it sets no limit."""
    with suppress(OSError, ValueError):
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    return None
