"""Settings: private, replaced as a whole, and safe when two commands write at once."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from curta import config
from curta.errors import ConfigError


def test_settings_are_kept_in_a_private_file_in_a_private_folder(home: Path) -> None:
    with config.changing("config.json") as settings:
        settings["default_model"] = "m"
    assert config.read("config.json") == {"default_model": "m"}
    assert stat.S_IMODE((home / "config.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_no_settings_yet_is_an_empty_object(home: Path) -> None:
    assert config.read("config.json") == {}
    assert not home.exists()


@pytest.mark.parametrize("content", ["{", "[1]", "\udcff"])
def test_a_broken_file_is_named_and_kept(home: Path, content: str) -> None:
    home.mkdir(parents=True)
    (home / "config.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"config\.json"):
        config.read("config.json")
    assert (home / "config.json").exists()


def test_a_failed_change_changes_nothing(home: Path) -> None:
    config.write("config.json", {"a": 1})
    with pytest.raises(ZeroDivisionError), config.changing("config.json") as settings:
        settings["a"] = 1 / 0
    assert config.read("config.json") == {"a": 1}
    assert [path.name for path in home.glob("*.draft")] == []


def test_a_folder_that_cannot_be_made_is_an_error_with_a_next_step(home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    home.write_text("a file in the way")
    with pytest.raises(ConfigError, match="CURTA_HOME"):
        config.write("config.json", {})


def test_two_commands_that_write_at_once_lose_nothing(home: Path) -> None:
    program = (
        "import sys; from curta import config\n"
        "for i in range(20):\n"
        "    with config.changing('config.json') as s: s[f'{sys.argv[1]}-{i}'] = i\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(json.loads((home / "config.json").read_text())) == 60


def test_a_file_is_no_folder_to_write_into(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="Not a directory"), config.replacing(tmp_path / "file" / "x"):
        pass


def test_a_folder_below_the_home_is_as_closed_as_the_home(home: Path) -> None:
    config.ensure_folder(home / "cache" / "deeper")
    assert home.stat().st_mode & 0o777 == 0o700
