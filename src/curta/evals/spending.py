"""What an experiment may cost before somebody is asked: a limit that outlasts a command."""

from typing import TYPE_CHECKING

from curta import config
from curta.errors import UsageError
from curta.models.registry import CONFIG_FILE
from curta.text.money import dollars

if TYPE_CHECKING:
    from collections.abc import Iterable

    from curta.batch.estimate import Estimate
    from curta.models.model import Model

LIMIT = 1.0
"""US dollars, where nothing else was set."""
SETTING = "eval_limit"
_HERE = "this computer"


def limit() -> float:
    """US dollars that an experiment may cost without anybody being asked."""
    found = config.read(CONFIG_FILE).get(SETTING, LIMIT)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and found >= 0 else LIMIT


def set_limit(usd: float) -> None:
    """Ask from now on when an experiment could cost more. Raises UsageError for what is no amount."""
    if not 0 <= usd < float("inf"):
        raise UsageError(f"A limit is a number of US dollars, not {usd}.")
    with config.changing(CONFIG_FILE) as settings:
        settings[SETTING] = usd


def to_agree(estimate: "Estimate", models: "Iterable[Model]", most: float | None = None) -> str:
    """Why somebody has to agree before anything is asked, as a sentence; empty where nobody need.

    most: US dollars that are not exceeded whatever happens. A model without a price on this computer costs nothing.
    """
    if not estimate.calls or all(_is_free(each) for each in models):
        return ""
    could = min((each for each in (estimate.most_cost, most) if each is not None), default=None)
    if could is None:
        return "What it could cost is not known."
    return f"It could cost {dollars(could)}." if could > limit() else ""


def _is_free(model: "Model") -> bool:
    price = model.facts.price
    if price is not None:
        return price.free
    return model.facts.where == _HERE
