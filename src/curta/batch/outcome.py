"""What came of a request, in one form: of a response that has just ended, or of a call that the log has."""

from typing import TYPE_CHECKING

from curta.batch.work import Done, Work
from curta.conversations import Response
from curta.errors import CurtaError
from curta.messages import JSON, Request, ToolCall
from curta.schemas import follow

if TYPE_CHECKING:
    from curta.store import Call

CUT_OFF = "The answer was cut off: it had reached its greatest length."
DECLINED = "The model declined to answer."


def of_response(work: Work, response: Response) -> Done:
    usage = response.usage
    tokens = _sum(usage.input, usage.output) if usage and usage.unit == "tokens" else None
    done = Done(work, response.partial(), None, "", response.id, response.finish, response.cost, tokens)
    return _judged(done._replace(tool_calls=response.tool_calls), response.status, response.error)


def of_call(work: Work, call: "Call") -> Done:
    tokens = _sum(call.input_tokens, call.output_tokens) if call.unit == "tokens" else None
    done = Done(work, call.response, None, "", call.id, call.finish, call.cost, tokens, reused=True)
    if isinstance(work.asked, Request) and work.asked.tools:
        done = done._replace(tool_calls=tool_calls_of(call))
    return _judged(done, call.status, call.error)


def tool_calls_of(call: "Call") -> tuple[ToolCall, ...]:
    """The tools that an answer in the log asks for."""
    return tuple(ToolCall(each["id"], each["name"], each["arguments"]) for each in call.tool_calls)


def in_one_line(error: BaseException | str) -> str:
    return " ".join(str(error).split())


def _judged(done: Done, status: str, error: BaseException | str | None) -> Done:
    """With what is wrong with it, if anything is; else with its value."""
    if error is not None or status == "refused" or done.finish == "length":
        fallback = DECLINED if status == "refused" else CUT_OFF
        return done._replace(error=fallback if error is None else in_one_line(error))
    try:
        return done._replace(value=_value(done))
    except CurtaError as wrong:
        return done._replace(error=in_one_line(wrong))


def _value(done: Done) -> JSON:
    """The answer as JSON, when it has to follow a schema. Raises BrokenAnswer, SchemaNotFollowed."""
    request = done.work.asked
    schema = request.schema if isinstance(request, Request) else None
    return None if schema is None else follow(done.text, schema, f"The answer of {done.work.model.name}")


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
