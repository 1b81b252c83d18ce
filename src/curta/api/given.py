"""What a caller gives by name, or as true or false, as the value it stands for: a log, a model, a budget."""

from typing import TYPE_CHECKING, Any

from curta.conversations import Conversation
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.conversations.budget import Budget
    from curta.store import Log


def opened(log: "Log | bool") -> "Log | None":
    """The log that `log` stands for: the default one, none, or itself."""
    if not isinstance(log, bool):
        return log
    if not log:
        return None
    from curta.store import open_log

    return open_log()


def thrift(max_cost: "float | Budget | None", cache: bool, log: "Log | bool") -> dict[str, Any]:
    """What a Response takes to save money: a budget, and a log to look for the same request in."""
    how: dict[str, Any] = {}
    if max_cost is not None:
        from curta.conversations.budget import Budget

        how["budget"] = max_cost if isinstance(max_cost, Budget) else Budget(max_cost)
    if cache:
        how["cache"] = opened(log) or opened(True)
    return how


def begun(model: str | Model | None, key: str | None, log: "Log | bool") -> Conversation:
    return Conversation(named_model(model, key), log=opened(log))


def named_model(model: str | Model | None, key: str | None) -> Model:
    return registry.get(model, key=key) if model is None or isinstance(model, str) else model
