"""Installing plugins into the user's own environment, and removing them.

pip does the work, with whatever indexes and proxies the user has configured for it; its words go to stderr. What was
asked for is kept on record, so that `again()` can install it for another Python.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from curta import config
from curta.errors import PluginError, UsageError
from curta.plugins import discovery, environment, manifest, requirements
from curta.plugins.environment import normalised
from curta.plugins.plugin import Plugin
from curta.plugins.requirements import Wanted

ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONHOME")
"""Settings that would have pip install somewhere else."""
PIPS_OWN = {"pip", "setuptools", "wheel"}


class Done(NamedTuple):
    """What an installation came to. plugins: those that were asked for. silent: names without a hook of Curta's."""

    plugins: list[Plugin]
    silent: list[str]


def install(what: Sequence[Wanted], options: Sequence[str] = ()) -> Done:
    """Install `what` with its dependencies, and keep it on record.

    options: pip's own (`--upgrade`, `--pre`). Raises PluginError when pip fails.
    """
    with _alone(), TemporaryDirectory() as folder:
        environment.prepare()
        report, pins = Path(folder, "report.json"), Path(folder, "pins.txt")
        pins.write_text("".join(_pins()), encoding="utf-8")
        asked = [word for each in what for word in each.arguments()]
        _pip("install", "--report", str(report), "--constraint", str(pins), *options, *asked, beside=_curtas_folders())
        named = _named(what, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {})
        requirements.keep(named)
    return _done(named)


def again(options: Sequence[str] = ()) -> Done:
    """Install everything on record: for a new Python, or after an upgrade of Curta that took something away."""
    asked = list(requirements.wanted().values())
    return install(asked, options) if asked else Done([], [])


def removal(names: Iterable[str]) -> list[str]:
    """What uninstalling `names` removes: them, and what was installed for them alone. Raises PluginError."""
    there, wanted = _installed(), requirements.wanted()
    gone = [normalised(name) for name in names]
    for name in gone:
        if name not in there and name not in wanted:
            raise _not_ours(name)
    kept = _needed((name for name in wanted if name not in gone), {**_curtas(), **there})
    return sorted({name for name in there if name in gone or name not in kept | PIPS_OWN} | set(gone))


def uninstall(names: Iterable[str]) -> list[str]:
    """Remove plugins, what was installed for them alone, and the record of them; what was removed."""
    with _alone():
        gone = removal(names)
        if files := [name for name in gone if name in _installed()]:
            _pip("uninstall", "--yes", *files)
        requirements.forget(gone)
    manifest.plugins()
    return gone


def left_behind() -> list[str]:
    """What is on record, but not installed for this Python."""
    asked = requirements.wanted()
    there = {*_installed(), *_curtas()} if asked else set()
    return [name for name in asked if name not in there]


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time changes the environment."""
    with config.exclusive(config.ensure_folder(config.home()) / ".site.lock"):
        yield


def _installed() -> dict[str, Distribution]:
    return _distributions([str(environment.site_folder())])


def _curtas() -> dict[str, Distribution]:
    """The distributions of Curta's own environment."""
    return _distributions(_curtas_folders())


def _curtas_folders() -> list[str]:
    return discovery.folders()[:-2]


def _distributions(folders: list[str]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for each in distributions(path=folders):
        if each.metadata["Name"]:  # what a broken removal leaves behind has none
            found.setdefault(normalised(each.metadata["Name"]), each)
    return found


def _pins() -> Iterator[str]:
    """Constraints: Curta's environment comes first at run time, so pip settles for what is there, or says it cannot."""
    for name, each in _curtas().items():
        if each.version and each.version[0].isdigit() and name not in PIPS_OWN:
            yield f"{name}=={each.version}\n"


def _needed(names: Iterable[str], there: Mapping[str, Distribution]) -> set[str]:
    """`names` and everything they require, whatever the environment markers say: rather too much than too little."""
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [each for line in _requires(there.get(name)) if (each := Wanted(line).name)]
    return needed


def _requires(distribution: Distribution | None) -> list[str]:
    return (distribution.requires or []) if distribution else []


def _named(what: Sequence[Wanted], report: Mapping[str, Any]) -> dict[str, Wanted]:
    """Each of `what` under the name of its distribution, which for a path or URL only pip's report knows."""
    installed = [each for each in report.get("install", ()) if each.get("requested")]
    by_place = {each["download_info"]["url"]: normalised(each["metadata"]["name"]) for each in installed}
    named = {each.name: each for each in what if each.name}
    for each in what:
        if not each.name:
            place = Path(each.path).as_uri() if each.path else each.requirement
            others = [name for name in by_place.values() if name not in named]
            if name := by_place.get(place) or next(iter(others), None):
                named[name] = each
    return named


def _done(named: Mapping[str, Wanted]) -> Done:
    found = [plugin for plugin in manifest.plugins(all=True) if normalised(plugin.name) in named]
    return Done(found, sorted(set(named) - {normalised(plugin.name) for plugin in found}))


def _not_ours(name: str) -> PluginError | UsageError:
    if name in _curtas():
        return PluginError(
            f"{name} is in Curta's own environment, where `curta install` did not put it.",
            then=f"{sys.executable} -m pip uninstall {name}",
        )
    return UsageError(f"No plugin called {name} is installed.", then="`curta plugins` lists them.")


def _pip(command: str, *arguments: str, beside: Sequence[str] = ()) -> None:
    """Run pip in the environment. beside: folders whose distributions count as installed. Raises PluginError."""
    kept = {name: value for name, value in os.environ.items() if name not in (*ELSEWHERE, "PYTHONPATH")}
    watched = sys.stderr.isatty()  # nobody reads of progress in a pipe; of a failure, all of it
    done = subprocess.run(
        [*_program(), command, "--disable-pip-version-check", *arguments],
        env=kept | ({"PYTHONPATH": os.pathsep.join(beside)} if beside else {}),
        stdin=subprocess.DEVNULL,
        stdout=2 if watched else subprocess.PIPE,
        stderr=2 if watched else subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.stderr.write(done.stdout or "")
        raise PluginError(f"pip could not {command} it (exit code {done.returncode}).", why="Its reasons stand above.")


def _program() -> list[str]:
    """pip: of Curta's environment; where that has none, the one that comes with Python, in the plugins' own."""
    if find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(environment.python())]
    inside = [str(environment.python()), "-m"]
    if "pip" not in _installed() and subprocess.run([*inside, "ensurepip"], stdout=2).returncode:
        raise PluginError("There is no pip, and Python cannot make one.", then=f"Install pip for {sys.executable}.")
    return [*inside, "pip"]
