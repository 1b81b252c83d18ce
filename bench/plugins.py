"""Start-up with plugins installed: CPU time of whole processes, with none and with fifty.

The plugins are real distributions (a module and a `.dist-info`, as pip writes them) in a virtual environment of their
own; each registers a model, a source and a command. `llm` runs beside with sixteen that each register a model: light
ones, so that what is measured is finding and importing plugins, not what they import.
"""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.start import LLM, _environment, _measure

ROOT = Path(__file__).parents[1]
PLUGINS, PEERS = 50, 16

OURS = """\
from curta.plugins import hookimpl
from curta.models.model import Facts

class Model:
    facts, options = Facts(where="this computer"), ()
    def exchange(self, request, *, stream=True):
        raise NotImplementedError

@hookimpl
def register_models(register):
    register("model-{number}", Model, aliases=("m{number}",))

@hookimpl
def register_sources(register):
    register("source-{number}", print, help="A source.")

@hookimpl
def register_commands(register):
    register("command-{number}", "{module}:command", help="A command.")
"""

THEIRS = """\
import llm

class Model(llm.Model):
    model_id = "model-{number}"
    def execute(self, prompt, stream, response, conversation):
        yield "hi"

@llm.hookimpl
def register_models(register):
    register(Model())
"""


def rows() -> list[dict[str, Any]]:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    none = _environment("curta", [str(ROOT)], fresh=True)
    fifty = _environment("curta-with-plugins", [str(ROOT)], fresh=True)
    alone, beside = _environment("llm", [f"llm=={LLM}"]), _environment("llm-with-plugins", [f"llm=={LLM}"])
    assert none
    assert fifty
    _fill(fifty, "curta", OURS, PLUGINS)
    if beside:
        _fill(beside, "llm", THEIRS, PEERS)
    with tempfile.TemporaryDirectory() as home:
        measured = _measured(home, {"none": none, "many": fifty}, {"none": alone, "many": beside})
    return [_row(what, measured) for what in COMMANDS]


def _fill(environment: Path, group: str, source: str, count: int) -> None:
    """Install `count` plugins into a virtual environment."""
    site = next((environment.parent / "lib").glob("python*/site-packages"))
    for number in range(count):
        module = f"{group}_bench_{number}"
        (site / f"{module}.py").write_text(source.format(number=number, module=module))
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{module} = {module}\n")
        (info / "RECORD").write_text(f"{module}.py,,\n{info.name}/METADATA,,\n{info.name}/entry_points.txt,,\n")


COMMANDS = {
    "--version": (["--version"], ["--version"]),
    "a prompt, logged": (["-m", "extractive", "say hi"], None),
    "a word that could be a command": (["pelicans"], None),
    "--help": (["--help"], ["--help"]),
    "models": (["models"], ["models"]),
}


def _measured(home: str, ours: dict[str, Path], theirs: dict[str, Path | None]) -> dict[tuple[str, str, str], float]:
    commands: dict[str, tuple[list[str], bytes]] = {}
    for what, (curta, llm) in COMMANDS.items():
        for how, folder in ours.items():
            commands[f"curta/{what}/{how}"] = ([str(folder / "curta"), *curta], b"hi\n")
        for how, place in theirs.items():
            if place and llm:
                commands[f"llm/{what}/{how}"] = ([str(place / "llm"), *llm], b"")
    os.environ |= {"CURTA_HOME": f"{home}/curta", "CURTA_MODEL": "extractive", "LLM_USER_PATH": f"{home}/llm"}
    for command, stdin in commands.values():  # the first run asks the plugins what they provide
        subprocess.run(command, input=stdin, capture_output=True, check=True)
    return {tuple(name.split("/")): value for name, value in _measure(commands).items()}  # type: ignore[misc]


def _row(what: str, measured: dict[tuple[str, str, str], float]) -> dict[str, Any]:
    none, many = measured["curta", what, "none"], measured["curta", what, "many"]
    row: dict[str, Any] = {
        "what": f"{PLUGINS} plugins: {what}",
        "curta": f"{many - none:+.1f} CPU ms ({none:.1f} without)",
        "target": "at most +5 CPU ms",
    }
    if ("llm", what, "many") in measured:
        without, with_ = measured["llm", what, "none"], measured["llm", what, "many"]
        row["peer"] = f"{with_ - without:+.0f} CPU ms ({without:.0f} without), llm with {PEERS}"
    return row
