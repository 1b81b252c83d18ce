"""Plugins of `llm` from the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Curta, curta, terminal

__all__ = ["curta", "terminal"]


@pytest.mark.usefixtures("site")
class TestCommands:
    def test_a_prompt_with_options_and_usage(self, curta: Curta):
        done = curta("-m", "mirror", "-s", "Be brief.", "-o", "temperature", "0.5", "-u", "Hi")
        given = json.loads(done.out)
        assert (given["prompt"], given["system"], given["options"]) == (
            "Hi",
            "Be brief.",
            {"temperature": 0.5, "loud": False},
        )
        assert "10 in, 3 out tokens" in done.err
        assert "Listing" not in done.err

    def test_a_wrong_option_is_a_usage_error(self, curta: Curta):
        done = curta("-m", "mirror", "-o", "temperature", "3", "Hi")
        assert done.code == 2
        assert "less than or equal to 2" in done.err

    def test_the_conversation_goes_on(self, curta: Curta):
        curta("-m", "old", "One")
        turns = json.loads(curta("-c", "Two").out)
        assert [turn.get("user") for turn in turns] == ["One", None, "Two"]

    def test_models_are_listed_with_where_words_go(self, curta: Curta):
        listed = {each["name"]: each for each in curta("models", "--json").json}
        assert listed["mirror"]["facts"]["where"] == "through llm plugin llm-new"
        assert listed["mirror"]["aliases"] == ["looking-glass"]
        assert listed["keyed"]["needs"] == "curta keys set parrot"
        assert not listed["keyed"]["ready"]

    def test_refresh_lists_them_again(self, curta: Curta):
        done = curta("models", "--refresh", "-q", "mirror")
        assert done.err.startswith("Listing the plugins of llm")
        assert done.out.strip() == "mirror  through llm plugin llm-new · also looking-glass"

    def test_the_error_of_a_plugin(self, curta: Curta):
        done = curta("-m", "refuses", "Hi")
        assert (done.code, done.out) == (1, "")
        assert done.err == "curta: The llm plugin llm-bad failed: Not today.\n"

    def test_a_tool_of_a_plugin(self, curta: Curta):
        assert "shout" in curta("tools").out
        assert json.loads(curta("-m", "mirror", "-T", "shout", "Hi").out)["tools"] == ["shout"]

    def test_llm_itself(self, curta: Curta):
        sound = {"LLM_LOAD_PLUGINS": "llm-new"}  # one plugin that cannot be imported stops llm altogether
        done = curta("llm", "models", "--nosuch", **sound)
        assert done.code == 2
        assert "No such option" in done.err

    def test_llm_that_is_not_there(self, curta: Curta):
        done = curta("llm", "--version", CURTA_LLM_PYTHON="off")
        assert done.code == 1
        assert "There is no llm here." in done.err

    def test_ctrl_c_stops_the_answer(self, terminal):
        running = terminal("-m", "sleeps", "--no-markdown", "Hi")
        while not any(character.isdigit() for character in running.screen.decode()):
            assert running._read()
        running.interrupt()
        assert running.wait() == 130


def test_a_prompt_that_needs_no_plugin_imports_nothing_of_the_bridge(site):
    program = "import sys\nfrom curta.cli import main\nsys.argv = ['curta', '-m', 'extractive', 'Say hi']\n"
    program += (
        "import atexit\natexit.register(lambda: print([each for each in sys.modules if 'bridge' in each]))\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", program], input="hi", capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert Path(site.folder).exists()
