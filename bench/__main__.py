"""`python -m bench [NAME ...]`: measure, and write bench/RESULTS.md.

Each module of this folder with a function `rows()` measures one room. A row is a dict with `what`, `curta`, `peer`,
`ratio`, `target` and anything else worth a note. Modules that are not named keep the rows of the last run.
"""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLUMNS = ("what", "curta", "peer", "ratio", "target")
KEPT = HERE / "results.json"
HEAD = """\
# Results

Curta beside its peers on the same work, alternating in one run; medians. Absolute figures are of a small shared virtual
machine and drift with its load: trust the ratios. `make bench` measures again; `python -m bench NAME` one part.
"""


def main(names: list[str]) -> None:
    available = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in names or available:
        print(f"{name} ...", flush=True)
        module = import_module(f"bench.{name}")
        if hasattr(module, "is_possible") and not module.is_possible():
            print("    not in this environment")
            continue
        kept[name] = {"measured": _conditions(), "rows": module.rows()}
        for row in kept[name]["rows"]:
            print("   ", *(f"{key}={value}" for key, value in row.items()), flush=True)
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        (HERE / "RESULTS.md").write_text(_report(kept))


def _conditions() -> str:
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def _report(kept: dict[str, Any]) -> str:
    return "\n".join([HEAD, *(_section(name, what) for name, what in sorted(kept.items()))])


def _section(name: str, what: dict[str, Any]) -> str:
    lines = [
        f"## {name}",
        "",
        f"{what['measured']}",
        "",
        "| " + " | ".join((*COLUMNS, "note")) + " |",
        "|---" * 6 + "|",
    ]
    for row in what["rows"]:
        notes = [str(value) if key == "note" else f"{key} {value}" for key, value in row.items() if key not in COLUMNS]
        cells = [str(row.get(key, "") if row.get(key) is not None else "") for key in COLUMNS]
        lines.append("| " + " | ".join([*cells, "; ".join(note for note in notes if note.strip())]) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main(sys.argv[1:])
