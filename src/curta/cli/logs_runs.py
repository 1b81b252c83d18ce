"""`curta logs runs`: the programs that ran in the sandbox, and what came of each."""

import json
from typing import TYPE_CHECKING

import click

from curta.cli import logs_shown, output
from curta.store import open_log

if TYPE_CHECKING:
    from curta.store import RunRecord

_FEW = 10


@click.command("runs", help="The programs that ran in the sandbox, oldest first; with ID, one in full.")
@click.argument("id", required=False)
@click.option("-n", "--count", type=click.IntRange(min=0), default=_FEW, show_default=True, help="How many; 0 for all.")
@click.option("--call", metavar="ID", help="Only those that the answer of this call was.")
@click.option("-x", "--extract", is_flag=True, help="Only the program; of the latest run without ID.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def runs(id: str | None, count: int, call: str | None, extract: bool, as_json: bool) -> None:
    log = open_log()
    if id or extract:
        _one(log.run(id), extract, as_json)
        return
    found = list(reversed(log.runs(count or None, log.call(call).id if call else None)))
    if as_json:
        output.line(json.dumps([each.to_dict() for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        _brief(each)
    if not found:
        output.note("No run is logged. Make one: echo 'print(1)' | curta run -")


def _one(run: "RunRecord", extract: bool, as_json: bool) -> None:
    if extract:
        output.write(run.program if run.program.endswith("\n") else run.program + "\n")
    elif as_json:
        output.line(json.dumps(run.to_dict(), indent=2, ensure_ascii=False))
    else:
        _whole(run)


def _brief(run: "RunRecord") -> None:
    program = logs_shown.shortened(logs_shown.one_line(run.program), 60)
    came = logs_shown.shortened(logs_shown.one_line(_came(run)), 60)
    when = f"{run.started.astimezone():%Y-%m-%d %H:%M}"
    output.line(
        (f"{run.id}  {when}  {run.language}", "faint"),
        ("" if run.status == "ok" else f"  {run.status}", "bad"),
        f"  {program}",
        (f"  {came}", "faint"),
    )


def _came(run: "RunRecord") -> str:
    """What came of it, as one would tell it: its output, or the last line of its error."""
    lines = str(run.described.get("error", "")).strip().splitlines()
    return lines[-1] if lines else run.stdout


def _whole(run: "RunRecord") -> None:
    logs_shown.title(run.started, run.id)
    for name, text in _facts(run):
        output.line((f"{name}: ", "faint"), logs_shown.one_line(text))
    for name, text in (
        ("Program", run.program),
        ("Input", run.stdin),
        ("Output", run.stdout),
        ("On stderr", run.stderr),
        ("Error", str(run.described.get("error", ""))),
    ):
        logs_shown.section(name, text.rstrip("\n"))


def _facts(run: "RunRecord") -> "list[tuple[str, str]]":
    told = run.described
    setting, usage = told.get("setting", {}), told.get("usage", {})
    granted = [*setting.get("files", []), *setting.get("read", []), *filter(None, [setting.get("work")])]
    files = [f"{each['path']} ({each['size']:,} bytes)" for each in told.get("files", [])]
    facts = {
        "status": f"{run.status}, exit code {told.get('exit_code', 1)}",
        "language": f"{run.language}, engine {told.get('engine', '')}",
        "caller": run.caller,
        "call": run.call or "",
        "tests run": told.get("tests") or "",
        "time": f"{usage['seconds']:.2f} s, of the processor {usage['cpu']:.2f} s" if usage else "",
        "granted": ", ".join(granted),
        "files made": ", ".join(files),
        "walls": ", ".join(told.get("walls", [])),
    }
    return [(name, text) for name, text in facts.items() if text]
