"""An answer as values: as `--json` prints it, and as the log keeps it."""

from typing import TYPE_CHECKING, Any

from curta.store.asks import AskRecord

if TYPE_CHECKING:
    from curta.answering.answer import Answer


def described(answer: "Answer") -> dict[str, Any]:
    """What is known of `answer` by now, besides the question; of the passages, where they stand."""
    retrieved, judged = answer.known
    claims = judged.claims if judged else ()
    return {
        "found": any(claim.ok for claim in claims),
        "ok": answer.error is None and all(claim.ok for claim in claims),
        "text": answer.partial(),
        "claims": [claim.to_dict() for claim in claims],
        "names": judged.names if judged else [],
        "model": answer.model.name,
        "calls": [response.id for response in answer.responses if response.id],
        "cost": answer.cost,
        "error": str(answer.error) if answer.error else None,
        **(retrieved.to_dict() if retrieved else {}),
    }


def record(answer: "Answer", caller: str) -> AskRecord:
    """The row of the log for `answer`, also for one that failed or was interrupted.

    What of the texts could be told by their hashes is left out: it would outlive a redaction.
    """
    known = described(answer)
    passages = [{name: value for name, value in each.items() if name != "sha256"} for each in known.get("passages", ())]
    status = "ok" if answer.error is None else "failed" if isinstance(answer.error, Exception) else "interrupted"
    call = known["calls"][-1] if known["calls"] else None
    return AskRecord(answer.question, status, {**known, "passages": passages}, caller=caller, call=call)
