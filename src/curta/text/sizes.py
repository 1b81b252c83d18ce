"""Sizes of files in words."""

from curta.errors import UsageError

_FACTORS = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


def size(count: float) -> str:
    """`1.28 GB`, `37 MB`, `12 kB`, `5 bytes`: three digits, powers of ten."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor * 0.9995:
            scaled = count / factor
            return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f} {unit}"
    return f"{count:.0f} byte{'s' * (count != 1)}"


def in_bytes(words: str) -> int:
    """The bytes that `85MB`, `1.2 GB` or `5000` mean, by powers of ten. Raises UsageError."""
    told = words.strip().lower().removesuffix("bytes").removesuffix("b").rstrip()
    unit = told[-1:] if told[-1:] in ("k", "m", "g", "t") else ""
    number = told.removesuffix(unit).rstrip()
    if not number.replace(".", "", 1).isdecimal() or not (count := int(float(number) * _FACTORS[unit])):
        raise UsageError(f"{words!r} is no size.", then="For example: 85MB, 1.2GB, 5000")
    return count
