"""`curta doctor`: where everything is, what is configured, what does not work."""

import json
import os
import platform
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import click

from curta import __version__, config
from curta.cli import output
from curta.errors import CurtaError, MissingExtra
from curta.models import keys, registry
from curta.models.listing import listing

_VARIABLES = (
    *("CURTA_HOME", "CURTA_MODEL", "CURTA_HN_URL", "OPENAI_BASE_URL", "HTTPS_PROXY", "SSL_CERT_FILE"),
    *("CURTA_ENGINE_CONTEXT", "CURTA_ENGINE_IDLE", "CURTA_ENGINE_PORT", "CURTA_ENGINE_THREADS"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `ok` is None for what is merely stated."""

    about: str
    found: str
    ok: bool | None = None
    then: str = ""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(as_json: bool) -> int:
    """Say where everything is and what does not work; exit 1 when something does not."""
    findings = list(examine())
    if as_json:
        output.line(json.dumps([asdict(each) for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            _show(each)
    return int(any(each.ok is False for each in findings))


def examine() -> Iterator[Finding]:
    """Look at everything there is to look at, nearest first."""
    yield Finding("curta", f"{__version__} on Python {platform.python_version()}, {sys.platform}")
    yield _tried("folder", _folder)
    yield _tried("log", _log)
    yield _tried("full-text search", _search)
    yield _tried("models", _models)
    yield _tried("keys", _keys)
    yield _tried("templates", _templates)
    yield _tried("plugins", _plugins)
    yield _tried("plugins of llm", _plugins_of_llm)
    yield from _llm()
    yield _tried("MCP servers", _servers)
    yield _tried("engine of local models", _engine)
    yield from _sandbox()
    for name in _VARIABLES:
        if value := os.environ.get(name):
            yield Finding("environment", f"{name}={value.rpartition('@')[2]}")


def _tried(about: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except CurtaError as error:
        return Finding(about, error.what, ok=False, then=error.then or error.why)


def _folder() -> Finding:
    home = config.ensure_folder(config.home())
    if os.name == "posix" and home.stat().st_mode & 0o077:
        return Finding("folder", f"{home} can be read by others", ok=False, then=f"chmod 700 {home}")
    return Finding(
        "folder", str(home), ok=os.access(home, os.W_OK), then="Set CURTA_HOME to a folder you can write to."
    )


def _log() -> Finding:
    from curta.store import open_log

    status = open_log().status()
    counted = f"{status.path}: {sum(status.calls.values()):,} calls, {status.size:,} bytes"
    waiting = f", {status.spooled} waiting beside it" if status.spooled else ""
    return Finding("log", counted + waiting + ("" if status.on else ", logging is off"), ok=True)


def _sandbox() -> Iterator[Finding]:
    """The walls around a program, and each language that one may be written in."""
    from curta.sandbox.standing import standing

    found = standing()
    yield Finding("sandbox", found.told(), found.works or None, then=found.then)
    for each in found.languages:
        yield Finding(f"sandbox, {each.name}", each.told(), None if each.lacks else True)


def _engine() -> Finding:
    """Whether model files can be run here, and which are known."""
    from curta.engine.files.held import held
    from curta.engine.process.package import installed_version, require_engine

    files = f"model files: {', '.join(held()) or 'none'}"
    try:
        require_engine()
    except MissingExtra as error:
        return Finding("engine of local models", f"not installed ({error.then}); {files}", ok=False if held() else None)
    return Finding("engine of local models", f"{installed_version()}; {files}", ok=True)


def _search() -> Finding:
    options = {row[0] for row in sqlite3.connect(":memory:").execute("pragma compile_options")}
    there = "ENABLE_FTS5" in options
    then = "This Python's SQLite lacks FTS5; use a Python whose SQLite has it."
    return Finding("full-text search", f"SQLite {sqlite3.sqlite_version}", ok=there, then=then)


def _models() -> Finding:
    ready = [each.name for each in listing() if each.ready]
    name = registry.default()
    registry.require(name)
    return Finding("models", f"default {name}; ready: {', '.join(ready)}", ok=True)


def _keys() -> Finding:
    path = config.home() / keys.FILE
    saved = sorted(keys.saved())
    if path.exists() and os.name == "posix" and path.stat().st_mode & 0o077:
        return Finding("keys", f"{path} can be read by others", ok=False, then=f"chmod 600 {path}")
    named = ", ".join((*saved, *(f"{name} (of llm)" for name in keys.of_llm())))
    return Finding("keys", f"saved: {named or 'none'}", ok=True)


def _templates() -> Finding:
    from curta import templates

    for _, path in templates.names():
        templates.load(str(path))
    return Finding("templates", f"{sum(1 for _ in templates.names())}, your own in {templates.folder()}", ok=True)


def _plugins() -> Finding:
    from curta import plugins

    found = plugins.installed(again=True)
    if wrong := [f"{each.label}: {each.error}" for each in found if each.error]:
        return Finding("plugins", "; ".join(wrong), ok=False, then="`curta plugins` says where they are.")
    if missing := plugins.missing():
        return Finding("plugins", missing, ok=False)
    return Finding("plugins", ", ".join(each.label for each in found) or "none", ok=True)


def _servers() -> Finding:
    from importlib.util import find_spec

    from curta.tools.mcp import servers

    added = servers.all_servers()
    changed = [each.name for each in added if each.changes]
    if added and find_spec("mcp") is None:
        return Finding("MCP servers", "the package mcp is missing", ok=False, then="curta install 'curta[mcp]'")
    if changed:
        then = f"curta tools trust {changed[0]}"
        return Finding("MCP servers", f"other than you agreed to: {', '.join(changed)}", ok=False, then=then)
    return Finding("MCP servers", ", ".join(each.name for each in added) or "none", ok=True)


def _llm() -> Iterator[Finding]:
    """What an `llm` on this computer has that is read in place, and what of it Curta's own hides."""
    from curta import import_llm, llm_home

    if (folder := llm_home.folder()) is None:
        return
    items, calls = list(import_llm.items()), import_llm.calls_waiting()
    counted = [f"{number} {kind}" for kind, number in Counter(item.kind for item in items).items()]
    yield Finding("llm", f"{folder}: {', '.join([*counted, f'{calls:,} calls'])}, read where they are", ok=True)
    if hidden := [f"{item.kind}: {item.name}" for item in items if item.state == "kept"]:
        yield Finding("llm, hidden by what Curta has of the same name", ", ".join(hidden))


def _plugins_of_llm() -> Finding:
    from curta.models.bridge import interpreter, manifest

    found, kept = interpreter.find(), manifest.current()
    if found is None or kept is None:
        return Finding("plugins of llm", "none; there is no llm here")
    if kept.failed:
        wrong = "; ".join(f"{name}: {reason}" for name, reason in kept.failed.items())
        return Finding("plugins of llm", wrong, ok=False, then="Mend or remove it there: curta llm uninstall NAME")
    return Finding("plugins of llm", f"{', '.join(kept.plugins)} (llm {kept.llm}, {found.python})", ok=True)


def _show(finding: Finding) -> None:
    mark = {True: ("✓ ", "good"), False: ("✗ ", "bad"), None: ("· ", "faint")}[finding.ok]
    output.line(mark, f"{finding.about}: {finding.found}")
    if finding.ok is False and finding.then:
        output.line(("  " + finding.then, "bold"))
