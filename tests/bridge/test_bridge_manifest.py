"""What plugins offer is listed once, and nothing of it is touched by who does not ask for it."""

import ast
import json
import os
import sys
from pathlib import Path

import pytest

import curta
from curta import errors
from curta.errors import ConfigError, UnknownModel
from curta.models import bridge, registry
from curta.models.bridge import interpreter, manifest, pool

SIDE = Path(bridge.__file__).parent / "llm_side"


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """What is said while something takes long."""
    said: list[str] = []
    monkeypatch.setattr(errors, "tell", said.append)
    return said


class TestTheManifest:
    def test_it_is_read_and_no_plugin_is_loaded(self, site, told):
        """Trap (f), and (g): only the plugin that is asked is imported."""
        pool.close()
        assert registry.get("slow").name == "slow"
        assert curta.prompt("Hi", model="mirror", log=False).text()
        assert not site.imported.exists()
        assert not told
        assert curta.prompt("Hi", model="slow", log=False).text() == "here"
        assert site.imported.exists()

    def test_it_is_made_anew_when_something_was_installed(self, site, told):
        other = site.folder / "other-1.0.dist-info"
        other.mkdir()
        try:
            kept = manifest.kept()
            assert kept is not None
            assert not kept.is_current
        finally:
            other.rmdir()

    def test_and_when_the_folder_of_llm_tells_of_other_models(self, site):
        kept = manifest.kept()
        assert kept is not None
        (site.user / "openrouter_models.json").write_text("{}")
        assert not kept.is_current
        (site.user / "openrouter_models.json").unlink()
        (site.user / "keys.json").write_text("{}")
        (site.user / "logs.db").write_text("")
        assert kept.is_current
        (site.user / "keys.json").unlink()
        (site.user / "logs.db").unlink()

    @pytest.mark.parametrize("text", ["", "not JSON", "[]", '{"form": 0}', '{"form": 1, "models": 1}'])
    def test_a_damaged_one_counts_as_none(self, site, home, text):
        (home / manifest.FILE).write_text(text)
        manifest._read.cache_clear()
        assert manifest.kept() is None

    def test_a_name_that_is_known_looks_at_nothing(self, site, home):
        """Fifty plugins cost nothing: the file is not even looked for."""
        (home / manifest.FILE).unlink()
        for name in ("extractive", "gpt-5-mini", "claude-x", "openai/any"):
            registry.get(name)
        assert not (home / manifest.FILE).exists()

    def test_a_name_for_any_server_does_not_list_plugins(self, site, home, told, monkeypatch):
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        assert registry.get("mirror").facts.where == "through llm plugin llm-new"
        (home / manifest.FILE).unlink()
        assert registry.get("mirror").facts.where == "this computer"
        assert not told

    def test_an_llm_that_does_not_start_is_told_with_its_reason(self, site, told, tmp_path, monkeypatch):
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        (tmp_path / "llm.py").write_text("raise ImportError('llm is broken')")
        with pytest.raises(UnknownModel) as raised:
            registry.get("nosuch")
        assert "The plugins of llm cannot be listed." in raised.value.what
        assert manifest.listed() is None
        assert "llm is broken" in told[-1]

    def test_a_plugin_that_fails_keeps_what_it_offered_before(self, site, home, told):
        value = json.loads((home / manifest.FILE).read_text())
        before = {**value["models"][0], "name": "before", "plugin": "llm-broken"}
        (home / manifest.FILE).write_text(json.dumps({**value, "models": [*value["models"], before]}))
        found = manifest.refresh()
        assert found is not None
        assert found.model("before") == before
        assert told[-1] == "The llm plugin llm-broken fails: ImportError: libfoo.so.1: cannot open shared object file"

    def test_no_llm_no_plugins(self, home, told):
        assert bridge.model("mirror") is None
        assert not told


class TestTheInterpreter:
    def test_of_the_first_line_of_a_script(self, tmp_path):
        script = tmp_path / "llm"
        script.write_text(f"#!{sys.executable}\nimport sys\n")
        assert interpreter.interpreter_of(script) == sys.executable

    def test_of_a_long_path(self, tmp_path):
        script = tmp_path / "llm"
        script.write_text(f"#!/bin/sh\n'''exec' \"{sys.executable}\" \"$0\" \"$@\"\n' '''\n")
        assert interpreter.interpreter_of(script) == sys.executable

    def test_of_env(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
        script = tmp_path / "llm"
        script.write_text("#!/usr/bin/env -S python3\n")
        assert interpreter.interpreter_of(script) == str(Path(sys.executable).parent / "python3")

    def test_of_a_program_for_windows(self, tmp_path):
        script = tmp_path / "llm.exe"
        script.write_bytes(b"MZ" + b"\x00" * 5000 + f"#!{sys.executable}\r\n".encode() + b"PK\x03\x04")
        assert interpreter.interpreter_of(script) == sys.executable

    @pytest.mark.parametrize("head", [b"", b"#!", b"#!/gone/python\n", b"#!/bin/bash\n", b"\x7fELF\x00", b"#!\xff\n"])
    def test_of_anything_else_there_is_none(self, tmp_path, head):
        script = tmp_path / "llm"
        script.write_bytes(head)
        assert interpreter.interpreter_of(script) is None

    def test_it_is_found_on_the_path_and_can_be_switched_off(self, tmp_path, monkeypatch):
        script = tmp_path / "llm"
        script.write_text(f"#!{sys.executable}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert interpreter.find() is None
        monkeypatch.delenv("CURTA_LLM_PYTHON")
        found = interpreter.find()
        assert found is not None
        assert found.command == (str(script),)

    def test_one_that_is_named_and_not_there(self, monkeypatch):
        monkeypatch.setenv("CURTA_LLM_PYTHON", "/nowhere/python")
        with pytest.raises(ConfigError):
            interpreter.find()

    def test_where_pipx_puts_it(self, tmp_path, monkeypatch):
        python = tmp_path / "venvs" / "llm" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.touch()
        monkeypatch.delenv("CURTA_LLM_PYTHON")
        monkeypatch.setenv("PATH", "")
        monkeypatch.setenv("PIPX_HOME", str(tmp_path))
        found = interpreter.find()
        assert found is not None
        assert found.command == (str(python), "-m", "llm")


@pytest.mark.parametrize("path", sorted(SIDE.glob("*.py")), ids=lambda path: path.name)
class TestTheirSide:
    def test_it_is_python_of_2020(self, path):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
        imported = {name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in [node.module]}
        assert "__future__" in imported or path.name == "__init__.py"

    def test_it_imports_nothing_of_ours(self, path):
        assert "curta." not in path.read_text(encoding="utf-8")


def test_a_folder_that_holds_a_json_py_is_no_trap(site, tmp_path, monkeypatch):
    """The current folder is not where the child looks for modules."""
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    (tmp_path / "llm.py").write_text("raise SystemExit('the wrong llm')")
    monkeypatch.chdir(tmp_path)
    pool.close()
    assert json.loads(curta.prompt("Hi", model="mirror", log=False).text())["prompt"] == "Hi"
    assert os.getcwd() == str(tmp_path)
