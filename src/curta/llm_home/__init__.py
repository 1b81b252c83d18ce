"""What an existing `llm` user directory holds, read where it is and never written.

Rules:
1. Nothing here writes, migrates or locks a file of `llm`'s; what is wanted elsewhere is copied there.
2. What is not there costs one look: `folder()` is None, and everything else is empty.
3. A file that is damaged is read as far as it can be; the rest is named in `trouble()`, and no command fails for it.

Which file for what: `settings` keys, aliases, the default model and options; `extra_models` OpenAI-compatible models;
`database` opening a SQLite file without leaving a trace; `turns` and `responses` the two generations of its log,
`parts` their rows as messages, `past_call` and `past_log` the calls, `both_logs` Curta's log and `llm`'s read as one;
`kept` fragments and schemas; `embeddings` collections of vectors.

May import `store`, `sources` and the ground. Importing this door costs a stat and nothing else.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curta.llm_home.both_logs import BothLogs
    from curta.store import Log

APPLICATION = "io.datasette.llm"
LOG, EXTRA_MODELS = "logs.db", "extra-openai-models.yaml"

_trouble: dict[str, None] = {}


def location() -> Path:
    """Where `llm` keeps its files, whether there are any or not: `LLM_USER_PATH`, else the platform's folder."""
    if named := os.environ.get("LLM_USER_PATH"):
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home(), APPLICATION)
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support" / APPLICATION
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", APPLICATION)


def folder() -> Path | None:
    """`llm`'s folder, when there is one."""
    found = location()
    return found if found.is_dir() else None


def templates_folder() -> Path | None:
    """The folder of `llm`'s templates, when there is one."""
    found = location() / "templates"
    return found if found.is_dir() else None


def with_past(log: "Log") -> "BothLogs":
    """The log `log` and `llm`'s, for reading as one."""
    from curta.llm_home.both_logs import BothLogs

    if not (location() / LOG).is_file():
        return BothLogs(log, None)
    from curta.llm_home.past_log import PastLog

    return BothLogs(log, PastLog(location() / LOG))


def trouble() -> list[str]:
    """What could not be read so far, a sentence each; faces show them."""
    return list(_trouble)


def note_trouble(sentence: str) -> None:
    """Remember, once, that something could not be read."""
    _trouble[sentence] = None
