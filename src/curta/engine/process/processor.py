"""What the processor of this computer can do, known before the engine is loaded: it would only crash on one too old."""

import os
import sys
from contextlib import suppress
from pathlib import Path

NEEDED = ("avx2", "fma", "f16c", "bmi2")
"""What the engine's package is compiled for on x86, with nothing to choose at run time."""
_INFO = Path("/proc/cpuinfo")
_CPUS = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def lacking() -> list[str]:
    """Which instructions the engine needs and this processor lacks, as far as the system tells."""
    if _machine() not in ("x86_64", "amd64"):
        return []
    there = _flags()
    return [each.upper() for each in NEEDED if each not in there] if there else []


def _machine() -> str:
    name = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    return name.lower()


def _flags() -> set[str]:
    """The features of the processor; empty where nobody tells."""
    if sys.platform == "darwin":
        told = _sysctl("machdep.cpu.features", "machdep.cpu.leaf7_features")
        return set(told.lower().split())
    with suppress(OSError):
        for line in _INFO.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("flags"):
                return set(line.partition(":")[2].split())
    return set()


def physical_cores() -> int:
    """The cores that this process may use, two threads of one counted once: more threads only wait for each other."""
    if sys.platform == "darwin":
        told = _sysctl("hw.perflevel0.physicalcpu") or _sysctl("hw.physicalcpu")
        return int(told) if told.isdigit() else 1
    if sys.platform != "linux":
        return max(1, (os.cpu_count() or 2) // 2)
    cores = {_core(number) for number in os.sched_getaffinity(0)}
    return max(1, min(len(cores), _allowed()))


def _core(number: int) -> str:
    with suppress(OSError):
        return (_CPUS / f"cpu{number}/topology/thread_siblings_list").read_text(encoding="ascii").strip()
    return str(number)


def _allowed() -> int:
    """How many processors a container may use."""
    with suppress(OSError, ValueError):
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return int(quota) // int(period)
    return 1 << 16


def _sysctl(*names: str) -> str:
    import subprocess

    try:
        return subprocess.run(["sysctl", "-n", *names], capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
