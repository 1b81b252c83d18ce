"""How much memory this computer has to spare."""

import os
import sys
from contextlib import suppress
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def free() -> int | None:
    """Bytes that could be used now without taking them from another program; None where nobody tells."""
    if sys.platform == "linux":
        return min(filter(None, (_of_system(), of_group(_GROUP))), default=None)
    if sys.platform == "win32":
        return _of_windows()
    with suppress(OSError, ValueError):  # what others use is not told in a system call: two thirds of all there is
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 2 // 3
    return None


def _of_system() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def of_group(group: Path) -> int | None:
    """What a control group leaves to its processes, the cache of files included, which can be given back.

    None when it sets no limit.
    """
    with suppress(OSError, ValueError):
        most = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        told = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        return max(1, most - used + int(told.get("inactive_file", 0)))
    return None


def _of_windows() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((f"n{n}", ctypes.c_ulonglong) for n in range(7)),
        )

    status = Status(size=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined,unused-ignore]
        return None
    return int(status.n1)


def used_by(process: int) -> int | None:
    """Bytes of memory that a process has now; None where that is not told."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None
