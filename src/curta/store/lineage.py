"""Which call goes on from which. A conversation is a tree: a call that goes on from an earlier one begins a branch.

Nothing is stored for it: the messages are a chain, and the answer a call was sent last is some call's answer.
"""

import sqlite3

GOES_ON = "(call.status IN ('ok', 'refused') OR call.status = 'interrupted' AND trim(coalesce(output.text, '')) <> '')"
"""Whether one can go on from a call: also from an answer that was interrupted, not from one that failed."""

_ANSWERED = f"call.output IS NOT NULL AND {GOES_ON}"


def parent(connection: sqlite3.Connection, row: int) -> int | None:
    """The row id of the call that this one goes on from; None when it begins its conversation."""
    answer = _last_answer(connection, row)
    if answer is None:
        return None
    found = connection.execute(
        "SELECT earlier.id FROM call AS earlier JOIN call AS later ON later.id = ?1"
        " WHERE earlier.input IS ?2 AND earlier.output = ?3 AND earlier.id < ?1"
        " ORDER BY coalesce(earlier.conversation, earlier.id) = coalesce(later.conversation, later.id) DESC,"
        " earlier.id DESC LIMIT 1",
        (row, *answer),
    ).fetchone()
    return found and int(found[0])


def ends(connection: sqlite3.Connection, members: list[int]) -> int:
    """How many ways a conversation of these calls went: its answers that nothing answered goes on from."""
    answered = [row for row in members if _is_answered(connection, row)]
    gone_on_from = {parent(connection, row) for row in answered}
    return len(set(answered) - gone_on_from)


def _last_answer(connection: sqlite3.Connection, row: int) -> tuple[int | None, int] | None:
    """Of what a call was sent, the last answer of a model, as its parent and its own row id."""
    found = connection.execute(
        "WITH RECURSIVE sent (id, parent, role) AS ("
        " SELECT message.id, message.parent, message.role FROM call JOIN message ON message.id = call.input"
        " WHERE call.id = ?"
        " UNION ALL SELECT message.id, message.parent, message.role FROM sent JOIN message ON message.id = sent.parent"
        " WHERE sent.role <> 'assistant')"
        " SELECT parent, id FROM sent WHERE role = 'assistant'",
        (row,),
    ).fetchone()
    return found and (found[0], int(found[1]))


def _is_answered(connection: sqlite3.Connection, row: int) -> bool:
    query = f"SELECT {_ANSWERED} FROM call LEFT JOIN message AS output ON output.id = call.output WHERE call.id = ?"
    return bool(connection.execute(query, (row,)).fetchone()[0])
