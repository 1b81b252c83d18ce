"""Keys: the call's, then the file's, then the environment's; readable by nobody else; never shown."""

import stat
from pathlib import Path

import pytest

from curta.errors import MissingKey, UsageError
from curta.models import keys


def test_the_order_is_call_file_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys.find("openai") is None
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    assert keys.find("openai") == "from-environment"
    keys.save("openai", "from-file")
    assert keys.find("openai") == "from-file"
    keys.save("work", "from-work")
    assert keys.find("openai", "work") == "from-work"
    assert keys.find("openai", "a-literal-key-long-enough") == "a-literal-key-long-enough"


def test_the_file_is_private(home: Path) -> None:
    keys.save("openai", "secret")
    assert stat.S_IMODE((home / keys.FILE).stat().st_mode) == 0o600


def test_a_missing_key_says_how_to_set_it(home: Path) -> None:
    with pytest.raises(MissingKey, match="curta keys set my-server") as caught:
        keys.require("my-server")
    assert "MY_SERVER_API_KEY" in str(caught.value)


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nbreak", "ünïcode", "\x1b[2J"])
def test_what_cannot_be_a_key_is_refused_without_showing_it(home: Path, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        keys.save("openai", value)
    assert not value.strip() or value not in str(caught.value)


def test_a_key_is_saved_without_the_line_end_of_a_pipe(home: Path) -> None:
    keys.save("openai", "sk-1\n")
    assert keys.find("openai") == "sk-1"


def test_removing(home: Path) -> None:
    keys.save("openai", "k")
    keys.remove("openai")
    assert keys.find("openai") is None
    with pytest.raises(MissingKey):
        keys.remove("openai")
