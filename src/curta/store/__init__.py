"""The log: every call this user made, in one SQLite file, with what was sent, what came back and how it ended.

Rules:
1. The row is committed before the first byte leaves; what arrives is checkpointed; after `kill -9` the next reader
   finds it.
2. A logging error never costs an answer: what cannot be written is spooled beside the log and taken in later.
3. Text is stored once. Nothing here hashes or writes a long conversation again because one turn was added.
4. A damaged or newer log is named and left as it is. Nothing here prints.

Which file for what: `log` the one object others use. Writing: `entry` a call being made, `recording` its rows,
`contents` messages, documents and attachments, `checkpoints` the thread that writes while an answer arrives, `spool`
calls kept beside the log, `settling` what dead processes left. Reading: `call` a logged call, `reading` getting calls
back, `filtering` and `search` which ones, `conversations`, `lineage` and `naming` what belongs together and how it is
called. Keeping: `retention` and `redaction` removing and rewriting, `switch` on or off, `importing` taking in
calls made elsewhere; `runs` the programs that ran in the sandbox, `batches` which calls are one piece of work,
`asks` the questions to documents. Underneath: `schema` and `migrations` the tables, `database` the file, `liveness` who
still runs, `ids` ULIDs, `lookup` rows by them.

May import the other rooms on the ground: messages, events, errors, config, text.
Importing this door costs a prompt what writing needs; reading is loaded when it is used.
"""

from typing import TYPE_CHECKING, Any

from curta.store.entry import Entry
from curta.store.log import Log, open_log
from curta.store.recording import Outcome, Tip
from curta.store.switch import logging_is_on, turn_logging

if TYPE_CHECKING:
    from curta.store.asks import AskRecord
    from curta.store.call import Call
    from curta.store.conversations import ConversationRecord
    from curta.store.filtering import Filter
    from curta.store.redaction import Redaction
    from curta.store.retention import Status
    from curta.store.runs import RunRecord

__all__ = [
    "AskRecord",
    "Call",
    "ConversationRecord",
    "Entry",
    "Filter",
    "Log",
    "Outcome",
    "Redaction",
    "RunRecord",
    "Status",
    "Tip",
    "logging_is_on",
    "open_log",
    "turn_logging",
]

_LAZY = {
    "AskRecord": "asks",
    "Call": "call",
    "ConversationRecord": "conversations",
    "Filter": "filtering",
    "Redaction": "redaction",
    "RunRecord": "runs",
    "Status": "retention",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
