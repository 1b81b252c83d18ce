"""What an engine is started with: chosen from what the file says, what the user asks for and what memory allows."""

from typing import NamedTuple

from curta.engine.facts import ModelFacts, memory
from curta.engine.files.held import ModelFile
from curta.engine.process import processor
from curta.engine.process.settings import Settings
from curta.errors import EngineError, UsageError
from curta.memory import free
from curta.text.sizes import size

UNKNOWN_CONTEXT = 4096
"""Tokens, for a file that does not say for how many its model was trained."""
SMALLEST = 2048
"""Tokens of context below which no engine starts unless asked: a page of text, a question and an answer."""
SHARE = 4
"""The cache of the context may take a quarter of the memory that is to spare, unless a context was asked for."""
MOST_SLOTS = 4
FOR_ANOTHER_THREAD = 10_000_000
"""Weights of which each thread has so many at least: with fewer, threads wait for each other more than they compute."""


class Plan(NamedTuple):
    """context: tokens for a prompt and its answer. slots: how many can be answered at once, each with as much context.

    bytes: memory that is needed, about. spare: memory there is to spare; None where nobody tells.
    """

    context: int
    slots: int
    threads: int
    bytes: int
    spare: int | None

    @property
    def fits(self) -> bool:
        return self.spare is None or self.bytes <= self.spare


def plan(file: ModelFile, facts: ModelFacts, asked: Settings) -> Plan:
    """What the engine of `file` would be started with. Raises UsageError for a context the model was not made for."""
    trained = facts.context or UNKNOWN_CONTEXT
    if asked.context is not None and asked.context > trained:
        raise UsageError(
            f"{file.name} has a context of {trained:,} tokens, not of {asked.context:,}.",
            then=f"Unset CURTA_ENGINE_CONTEXT, or set it to {trained} or less.",
        )
    spare = free()
    context = asked.context or _context(trained, facts.per_token, spare)
    slots = _slots(context * facts.per_token, spare)
    threads = asked.threads or max(1, min(processor.physical_cores(), facts.parameters // FOR_ANOTHER_THREAD))
    return Plan(context, slots, threads, memory(file, facts, context * slots), spare)


def _context(trained: int, per_token: int, spare: int | None) -> int:
    """All that the model was trained for, or half of it, or half of that, until it fits into its share of memory."""
    if spare is None:
        return min(trained, UNKNOWN_CONTEXT)
    context = trained
    while context > SMALLEST and context * per_token > spare // SHARE:
        context = max(SMALLEST, context // 2)
    return context


def _slots(cache: int, spare: int | None) -> int:
    """As many as fit into the share of memory; answers beyond that wait their turn."""
    return max(1, min(MOST_SLOTS, (spare or 0) // SHARE // max(cache, 1)))


def check_it_fits(file: ModelFile, plan: Plan) -> None:
    """Raise EngineError, with the numbers, when there is not enough memory."""
    if plan.fits:
        return
    smaller = f", or a smaller context: CURTA_ENGINE_CONTEXT={plan.context // 2}" if plan.context > 512 else ""
    raise EngineError(
        f"{file.name} does not fit into memory.",
        why=f"With {plan.context:,} tokens of context it needs about {size(plan.bytes)};"
        f" {size(plan.spare or 0)} are to spare.",
        then=f"Close other programs, choose a smaller model{smaller}.",
    )
