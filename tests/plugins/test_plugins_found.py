"""Plugins are found without being imported, and only the one that is used is imported."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.conftest import FOX, HEAD, SHOUT, Curta, Site

Imported = Callable[[], list[str]]


def test_a_plugin_is_used_by_the_names_it_registers(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    site.add("curta-fox", FOX)
    assert curta("-m", "shout", "say hi").out == "SAY HI\n"
    assert curta("-m", "loud", "by its alias").out == "BY ITS ALIAS\n"
    assert curta("-f", "fox:wall", "What did the fox jump over?").out == "The fox jumped over the wall.\n"


def test_only_the_plugin_that_is_used_is_imported(curta: Curta, site: Site, imported: Imported) -> None:
    site.add("curta-shout", SHOUT)
    site.add("curta-fox", FOX)
    curta("plugins")
    assert sorted(imported()) == ["curta_fox", "curta_shout"]
    curta("-m", "shout", "hi")
    assert imported() == ["curta_shout"]
    for arguments in (["--help"], ["models"], ["plugins"], ["-m", "extractive", "hi"], ["tools"]):
        curta(*arguments, stdin="hi")
        assert imported() == []


MODULES = "import sys; sys.stderr.write('\\n'.join(['MODULES', *sys.modules]))"


def modules_after(arguments: list[str]) -> set[str]:
    program = f"import sys, atexit\nsys.argv = ['curta', *{arguments!r}]\natexit.register(lambda: exec({MODULES!r}))\n"
    program += "from curta.cli import main\nmain()\n"
    done = subprocess.run([sys.executable, "-c", program], input="hi", capture_output=True, text=True, timeout=60)
    return set(done.stderr.rpartition("MODULES\n")[2].splitlines())


def test_fifty_plugins_cost_a_prompt_that_uses_none_not_one_module(home: Path, site: Site) -> None:
    commands = (["--version"], ["-m", "extractive", "say hi"], ["--help"], ["keys"])
    modules_after(["--help"])
    before = [modules_after(each) for each in commands]
    for number in range(50):
        source = f"{SHOUT}\n@hookimpl\ndef register_commands(register):\n    register('command{number}', 'nowhere:it')"
        site.add(f"curta-{number}", source.replace('"shout"', f'"shout{number}"').replace('"loud"', f'"loud{number}"'))
    for _ in range(2):  # the bytecode of what was just found is news once more
        modules_after(["--help"])
    after = [modules_after(each) for each in commands]
    assert after == before
    assert not [name for name in after[1] if "plugin" in name]


def test_looking_for_a_plugin_needs_neither_pluggy_nor_importlib_metadata(home: Path, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    modules_after(["plugins"])
    modules = modules_after(["prompt", "--help"]) | modules_after(["--help"]) | modules_after(["nosuchcommnd"])
    assert not {"pluggy", "importlib.metadata", "curta_shout"} & modules


TROUBLES = {
    "import nowhere_to_be_found": "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    "import sys; sys.exit(3)": "it ended the program with exit code 3",
    "import os; os._exit(7)": "it ended the process that imported it (exit code 7)",
    "import os; os.kill(os.getpid(), 9)": "it ended the process that imported it",
    "import time; time.sleep(600)": "it took longer than 2 seconds",
    "def broken(:": "SyntaxError",
    "x = 1": "it implements no hook",
    "\0\xff": "SyntaxError",
    f"{HEAD}\n@hookimpl\ndef register_modles(register): pass": "unknown hook 'register_modles'",
    f"{HEAD}\n@hookimpl\ndef register_sources(register): register('a b', print)": "'a b' cannot be a prefix",
    f"{HEAD}\n@hookimpl\ndef register_models(register): register('x', 3)": "cannot be called",
    f"{HEAD}\n@hookimpl\ndef register_models(register): register('x', dict)": "AttributeError",
    f"{HEAD}\n@hookimpl\ndef register_models(register): register('-x', dict)": "cannot be the name of a model",
    f"{HEAD}\n@hookimpl\ndef register_commands(register): register('x', print)": "neither a click command",
    f"{HEAD}\n@hookimpl\ndef register_tools(register): raise RuntimeError('no luck')": "RuntimeError: no luck",
    f"{HEAD}\n@hookimpl\ndef register_tools(register): raise KeyboardInterrupt": "KeyboardInterrupt",
    f"{HEAD}\n@hookimpl\ndef register_sources(wrong): pass": "Argument(s) {'wrong'} are declared",
    "raise Exception('long ' * 10_000)": "long long long",
}


def test_plugins_that_fail_are_named_and_the_others_work(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from curta import plugins
    from curta.plugins import probing

    monkeypatch.setattr(probing, "PATIENCE", 2.0)
    (home / "plugins").mkdir(parents=True)
    for number, source in enumerate(TROUBLES):
        (home / "plugins" / f"bad{number:02}.py").write_text(source)
    (home / "plugins" / "shout.py").write_text(SHOUT)
    *bad, shout = plugins.installed()
    assert (shout.error, list(shout.provides)) == ("", ["models"])
    for plugin, named in zip(bad, TROUBLES.values(), strict=True):
        assert named in plugin.error
        assert len(plugin.error) < 1000


def test_doctor_fails_for_a_plugin_that_does_not_work(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    assert "plugins: curta-shout 1.0" in curta("doctor").out
    site.add("curta-bad", "import nowhere_to_be_found")
    done = curta("doctor")
    assert done.code == 1
    assert "curta-bad 1.0: ModuleNotFoundError" in done.out


def test_what_plugins_print_while_they_load_does_not_mix_with_the_result(curta: Curta, site: Site) -> None:
    site.add("curta-shout", "print('chatter')\nimport sys; sys.stdin.read()\n" + SHOUT)
    assert curta("-m", "shout", "hi").out == "HI\n"
    assert curta("plugins").out.startswith("curta-shout")


def test_new_versions_and_removals_are_noticed(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    assert "curta-shout 1.0" in curta("plugins").out
    site.remove("curta-shout")
    site.add("curta-shout", SHOUT.replace('"shout"', '"shriek"'), version="2.0")
    listed = curta("plugins").out
    assert "curta-shout 2.0" in listed
    assert "model shriek" in listed
    site.remove("curta-shout")
    assert curta("plugins").out == ""
    assert "There is no model called 'shriek'" in curta("-m", "shriek", "hi").err


def test_a_file_in_the_plugins_folder_is_a_plugin_and_its_edits_are_noticed(curta: Curta, home: Path) -> None:
    (home / "plugins").mkdir(parents=True)
    file = home / "plugins" / "mine.py"
    file.write_text("import nowhere_to_be_found")
    assert "ModuleNotFoundError" in curta("plugins").out
    file.write_text(SHOUT)
    assert curta("-m", "shout", "hi").out == "HI\n"
    file.write_text(SHOUT.replace('"shout"', '"whisper"').replace("upper", "lower"))
    assert curta("-m", "whisper", "HI").out == "hi\n"


def test_a_plugin_that_is_being_written_elsewhere_is_asked_again_after_an_edit(
    curta: Curta, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("curta-shout", "", entry="written_here")
    (site.folder / "curta_shout.py").unlink()
    project = tmp_path / "project"
    project.mkdir()
    (project / "written_here.py").write_text(SHOUT)
    monkeypatch.setenv("PYTHONPATH", f"{site.folder}{os.pathsep}{project}")
    assert "model shout" in curta("plugins").out
    (project / "written_here.py").write_text(SHOUT.replace('"shout"', '"shriek"'))
    assert "model shriek" in curta("plugins").out


def test_a_damaged_manifest_is_made_anew(home: Path) -> None:
    from curta import plugins

    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "shout.py").write_text(SHOUT)
    assert plugins.find("models", "shout")
    (manifest,) = (home / "cache").glob("plugins-*.json")
    for rubbish in ("", "[]", '{"state": 1, "plugins": [[1]]}', "\0" * 1000, "é"):
        manifest.write_bytes(rubbish.encode("latin-1"))
        assert plugins.find("models", "shout")


def test_plugins_work_from_a_home_that_cannot_be_written(curta: Curta, site: Site, home: Path) -> None:
    site.add("curta-shout", SHOUT)
    home.mkdir()
    (home / "cache").write_text("no folder")
    assert curta("-n", "-m", "shout", "hi").out == "HI\n"


def test_many_first_commands_at_once_all_find_the_plugin(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(curta("-m", "shout", "hi").out)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["HI\n"] * 4


def test_curta_load_plugins_says_which_are_used(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    site.add("curta-fox", FOX)
    assert curta("-m", "shout", "hi", CURTA_LOAD_PLUGINS="curta-fox").code == 2
    assert curta("-m", "shout", "hi", CURTA_LOAD_PLUGINS="curta-fox, curta-shout").code == 0
    assert curta("plugins", CURTA_LOAD_PLUGINS="").out == ""
    assert "curta-fox" in curta("plugins", "--all", CURTA_LOAD_PLUGINS="").out


def test_the_folder_one_stands_in_is_not_searched_for_plugins(curta: Curta, tmp_path: Path) -> None:
    Site(tmp_path).add("curta-shout", SHOUT)
    assert curta("plugins").out == ""


def test_the_first_to_claim_a_name_has_it_and_the_other_is_told(curta: Curta, site: Site) -> None:
    site.add("curta-a", SHOUT)
    site.add("curta-b", SHOUT.replace("upper", "lower"))
    assert curta("-m", "shout", "Hi").out == "HI\n"
    assert "model shout (loud)  not used: curta-a has it" in curta("plugins").out


def test_plugins_are_listed_for_programs(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    site.add("curta-fox", FOX)
    fox, shout = json.loads(curta("plugins", "--json").out)
    assert (fox["name"], fox["hooks"], fox["error"]) == ("curta-fox", ["register_sources"], "")
    assert fox["provides"]["sources"] == {"fox": {"help": "Sentences about foxes."}}
    assert shout["provides"]["models"]["shout"]["facts"]["where"] == "this computer"
    only = json.loads(curta("plugins", "--json", "--hook", "register_models").out)
    assert [each["name"] for each in only] == ["curta-shout"]


def test_the_models_of_plugins_are_listed_and_can_be_the_default(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    assert "shout" in curta("models").out
    assert curta("models", "default", "shout").code == 0
    assert curta("say hi").out == "SAY HI\n"
    assert "where: this computer" in curta("models", "show", "loud").out


def test_a_model_of_a_plugin_hides_none_of_curtas(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT.replace('"shout"', '"extractive"'))
    assert curta("-m", "extractive", "Say hi.", stdin="Say hi.").out != "SAY HI.\n"


def test_a_price_of_your_own_holds_for_a_plugin_s_model_too(curta: Curta, site: Site) -> None:
    site.add("curta-shout", SHOUT)
    assert curta("models", "price", "shout", "--input", "2", "--output", "8").code == 0
    assert "$2.00 in, $8.00 out" in curta("models", "price", "loud").out
