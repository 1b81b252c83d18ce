"""The house: rooms import downwards only, and every room says at its door what lives there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import curta

SOURCE = Path(curta.__file__).parent

FLOORS = [
    {"cli"},
    {"api"},
    {"mapping", "evals"},
    {"answering", "asking", "batch", "collections", "coding", "import_llm", "training"},
    {"conversations"},
    {"tools", "templates"},
    {"quotes", "sandbox", "fragments", "index"},
    {"models"},
    {"llm_home", "engine"},
    {"store", "sources"},
    {"text", "http", "schemas", "statistics"},
    {"plugins"},
    {"messages", "events", "config", "memory"},
    {"errors"},
]
"""From the roof to the ground. A room may import what is below it, and its own files."""

LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}


def modules() -> list[Path]:
    return sorted(
        path for path in SOURCE.rglob("*.py") if path.name not in ("__main__.py",) and path != SOURCE / "__init__.py"
    )


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[tuple[str, int]]:
    """The rooms that a module imports, also inside functions, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            base = node.module.split(".")
            if base[0] == "curta":
                names = [base[1]] if len(base) > 1 else [alias.name for alias in node.names]
                yield from ((name, node.lineno) for name in names if not name.startswith("__"))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                if parts[0] == "curta" and len(parts) > 1:
                    yield parts[1], node.lineno


def test_every_module_belongs_to_a_floor() -> None:
    assert {room(path) for path in modules()} <= set(LEVEL)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_rooms_import_downwards_only(path: Path) -> None:
    here = room(path)
    upwards = [
        f"line {line}: {here} imports {other}"
        for other, line in imported_rooms(path)
        if other != here and LEVEL[other] <= LEVEL[here]
    ]
    assert not upwards


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    documented = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert documented is not None
    assert len(documented) > 20
