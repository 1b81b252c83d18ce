"""An answer as the log keeps it: the question, what was looked for and found, and the verdict on each claim."""

from typing import TYPE_CHECKING

from curta.store.asks import AskRecord

if TYPE_CHECKING:
    from curta.answering.answer import Answer


def record(answer: "Answer", caller: str) -> AskRecord:
    """What is known of `answer`, also of one that failed or was interrupted."""
    error = answer.error
    status = "ok" if error is None else "failed" if isinstance(error, Exception) else "interrupted"
    calls = [response.id for response in answer.responses if response.id]
    retrieved, judged = answer.known
    claims = [claim.to_dict() for claim in judged.claims] if judged else []
    described = {
        "model": answer.model.name,
        "calls": calls,
        "error": str(error) if error else None,
        "found": any(claim["ok"] for claim in claims),
        "claims": claims,
        "text": answer.partial(),
        **(retrieved.to_dict() if retrieved else {}),
    }
    return AskRecord(answer.question, status, described, caller=caller, call=calls[-1] if calls else None)
