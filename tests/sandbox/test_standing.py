"""What `curta doctor` says of the sandbox: which walls stand, and of each language whether a run begins at once."""

from pathlib import Path

import pytest

from curta.sandbox import Sandbox, engines, walls
from curta.sandbox.languages import c
from curta.sandbox.standing import Language, standing


def language(name: str) -> Language:
    (found,) = (each for each in standing().languages if each.name == name)
    return found


def test_every_language_is_told_of(home: Path) -> None:
    assert [each.name for each in standing().languages] == list(engines.ENGINES)
    assert all(each.told() for each in standing().languages)


def test_a_language_is_ready_when_it_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_HOME", str(tmp_path / "new"))
    assert language("sql").told() == "compiled at its first use"
    with Sandbox() as sandbox:
        sandbox.run("select 1;", "sql")
    assert language("sql").told() == "compiled"
    assert not language("lua").ready


def test_a_language_that_is_not_installed_comes_with_the_command(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c, "find_spec", lambda _: None)
    assert language("c").told().endswith("curta install 'curta[c]'")


def test_without_landlock_there_is_one_wall_less_and_no_c(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "landlock_level", lambda: 0)
    assert standing().works
    assert "no Landlock" in standing().told()
    assert "Landlock" in language("c").lacks
