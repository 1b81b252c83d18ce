"""Plugins are installed by pip into the user's own folder, where an upgrade of Curta does not reach them."""

import json
import sys
import venv
from pathlib import Path

import pytest

from curta.errors import UsageError
from curta.plugins import requirements
from curta.plugins.requirements import Wanted
from tests.plugins import wheels
from tests.plugins.conftest import FOX, SHOUT, Curta


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels; pip looks nowhere else, because its own settings say so."""
    folder = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def shout(index: Path) -> None:
    """A plugin on the index, with a dependency of its own and one that Curta has already."""
    wheels.make(index, "helper-of-shout", {"helper_of_shout.py": "up = str.upper"})
    source = SHOUT.replace(".text.upper()", ".text)").replace("TextDelta(req", "TextDelta(helper_of_shout.up(req")
    requires = ["helper_of_shout", "curta", "click>=8"]
    files = {"curta_shout.py": f"import helper_of_shout\n{source}"}
    wheels.make(index, "curta-shout", files, requires=requires, entry="curta_shout")


def files_below(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def other_environment(folder: Path) -> Path:
    """The Python of another virtual environment that has Curta: what an upgrade by pipx or uv leaves behind."""
    venv.create(folder)
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "curta.pth").write_text("\n".join(path for path in sys.path if path.endswith(("-packages", "src"))))
    return folder / "bin" / "python"


def test_a_plugin_is_installed_outlives_an_upgrade_and_is_removed_without_a_trace(
    curta: Curta, shout: None, index: Path, home: Path, tmp_path: Path
) -> None:
    wheels.make(index, "curta-fox", {"curta_fox.py": FOX}, requires=["curta"], entry="curta_fox")
    assert curta("install", "curta-fox").out == "curta-fox 1.0\n  source fox:  Sentences about foxes.\n"
    before = files_below(home / "site")
    assert curta("install", "Curta_Shout").out == "curta-shout 1.0\n  model shout (loud)\n"
    assert curta("-m", "shout", "hi").out == "HI\n"
    installed = {Path(path).name for path in files_below(home / "site") - before}
    assert "helper_of_shout.py" in installed
    assert not {name for name in installed if "click" in name}  # Curta's environment has it

    upgraded = other_environment(tmp_path / "upgraded")
    assert curta("-m", "shout", "still here", python=upgraded).out == "STILL HERE\n"
    assert "model shout" in curta("plugins", python=upgraded).out

    assert "Removed curta-shout, helper-of-shout." in curta("uninstall", "curta.shout", "-y", python=upgraded).err
    assert files_below(home / "site") == before
    assert "no model called 'shout'" in curta("-m", "shout", "hi").err
    assert curta("-f", "fox:wall", "What did the fox jump over?").code == 0


def test_what_was_installed_for_another_python_is_installed_again(
    curta: Curta, shout: None, index: Path, home: Path
) -> None:
    wheel = wheels.make(home.parent, "useless", {"useless.py": ""})
    assert "useless is installed, but has nothing for Curta" in curta("install", "curta-shout", str(wheel)).err
    (home / "site" / sys.implementation.cache_tag).rename(home / "site" / "cpython-27")
    done = curta("doctor")
    assert (done.code, "plugins: Installed for another Python: curta-shout, useless." in done.out) == (1, True)
    assert "`curta install --again`" in curta("-m", "shout", "hi").err
    wheels.make(index, "curta-shout", {"curta_shout.py": SHOUT}, version="2.0", entry="curta_shout")
    assert curta("install", "--again", "-U").out.startswith("curta-shout 2.0")
    assert curta("-m", "shout", "hi").out == "HI\n"


def test_a_plugin_that_contradicts_curtas_own_environment_is_refused(curta: Curta, index: Path, home: Path) -> None:
    wheels.make(index, "click", {"click/__init__.py": ""}, version="7.0")
    wheels.make(index, "curta-old", {"curta_old.py": FOX}, requires=["click<8"], entry="curta_old")
    done = curta("install", "curta-old")
    assert done.code == 1
    assert "click<8" in done.err
    assert "curta: pip could not install it" in done.err
    assert curta("plugins", "--json").out == "[]\n"
    assert not (home / "plugins.json").exists()


def test_only_what_was_installed_here_is_removed(curta: Curta, home: Path) -> None:
    done = curta("uninstall", "-y", "click")
    assert (done.code, "Curta's own environment" in done.err) == (1, True)
    assert curta("uninstall", "-y", "never-heard-of").code == 2
    assert curta("install").code == 2
    assert json.loads(curta("plugins", "--json").out) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("curta-shout", "curta-shout"),
        ("Curta_Shout[extra]>=1,<2", "curta-shout"),
        ("curta.shout @ https://example.org/x.zip", "curta-shout"),
        ("git+https://example.org/x.git", None),
        ("https://example.org/curta_shout-1.0.zip", None),
    ],
)
def test_the_name_of_what_is_wanted_is_read_where_it_is_said(given: str, name: str | None) -> None:
    assert requirements.read(given).name == name


def test_paths_are_kept_so_that_they_can_be_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = wheels.make(tmp_path, "curta-shout", {})
    monkeypatch.chdir(tmp_path)
    assert requirements.read(wheel.name) == Wanted(str(wheel))
    assert requirements.read(f"./{wheel.name}[fast]") == Wanted(f"{wheel}[fast]")
    assert requirements.read(".", editable=True) == Wanted(str(tmp_path), editable=True)
    assert requirements.read(wheel.name).name == "curta-shout"


@pytest.mark.parametrize("given", ["--index-url=http://evil", "-r", "", " ", "a\nb", "./nothing/there"])
def test_what_is_no_requirement_never_reaches_pip(given: str) -> None:
    with pytest.raises(UsageError):
        requirements.read(given)
