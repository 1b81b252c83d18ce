"""Sizes of files in words."""


def size(count: float) -> str:
    """`1.28 GB`, `37 MB`, `12 kB`, `5 bytes`: three digits, powers of ten."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor * 0.9995:
            scaled = count / factor
            return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f} {unit}"
    return f"{count:.0f} byte{'s' * (count != 1)}"
