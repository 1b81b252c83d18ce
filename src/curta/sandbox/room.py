"""How much memory the sandbox needs, and that it is there."""

from curta import memory
from curta.errors import SandboxError


def require(bytes: int, what: str) -> None:
    """Raises SandboxError when `what` would take more memory than is free."""
    there = memory.free()
    if there is not None and there < bytes:
        raise SandboxError(
            f"{what} takes {_gigabytes(bytes)} of memory, and {_gigabytes(there)} are free here.",
            then="End other programs, or give this machine or container more memory.",
        )


def _gigabytes(bytes: int) -> str:
    return f"{bytes / 1e9:.1f} GB"
