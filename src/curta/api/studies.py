"""Many calls: a question for each row, and experiments."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from curta.api.given import opened, thrift
from curta.messages import JSON
from curta.models.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from curta.conversations.budget import Budget
    from curta.evals.listing import Summary
    from curta.evals.reporting import Report as ExperimentReport
    from curta.evals.running import Experiment
    from curta.evals.spec import Spec
    from curta.mapping import Mapped
    from curta.sources.tables import Form
    from curta.store import Log
    from curta.templates import Template


def map(
    words: str,
    rows: "str | Iterable[Mapping[str, JSON]]",
    *,
    model: str | Model | None = None,
    system: str | None = None,
    template: "str | Template | Sequence[str | Template] | None" = None,
    inputs: Mapping[str, str] | None = None,
    options: Mapping[str, JSON] | None = None,
    schema: Mapping[str, JSON] | str | None = None,
    documents: Sequence[str] = (),
    answer: str | None = None,
    form: "Form | None" = None,
    limit: int | None = None,
    concurrency: int = 8,
    ordered: bool = True,
    max_cost: "float | Budget | None" = None,
    max_tokens: int | None = None,
    again: bool = False,
    retry_failed: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
    caller: str = "map",
    on_retry: Any = None,
) -> "Mapped":
    """Ask about each row, many at a time. Iterate (`for` or `async for`) for the rows with their answers, in order.

    words: with `$column` for a row's value; without any, the row's text is sent as a Document. rows: mappings, or a
    file of JSON Lines, CSV, TSV, a JSON array or lines, `-`, `sqlite:PATH?QUERY`. template: its inputs are columns.
    documents: columns to send as Documents. answer: the column for the answers. form: of the rows, where the name of
    the file does not say it.
    max_cost: US dollars, max_tokens: tokens, for all calls of this run. What the same call asked earlier is not asked
    again, but for what failed with `retry_failed`, and for all of it with `again`. Raises, before anything is asked,
    UsageError and whatever else can be known to be wrong.
    """
    from curta import mapping

    return mapping.begin(
        words,
        rows,
        model=model,
        system=system,
        template=template,
        inputs=inputs,
        options=options,
        schema=schema,
        documents=documents,
        answer=answer,
        form=form,
        limit=limit,
        concurrency=concurrency,
        ordered=ordered,
        tokens=max_tokens,
        again=again,
        retry_failed=retry_failed,
        log=opened(log),
        key=key,
        caller=caller,
        on_retry=on_retry,
        budget=thrift(max_cost, False, log).get("budget"),
    )


def experiment(
    spec: "Spec | str | Path | Mapping[str, Any] | None" = None,
    *,
    template: "str | Template | None" = None,
    changes: Mapping[str, Any] = MappingProxyType({}),
    model: str | Model | None = None,
    concurrency: int = 8,
    max_cost: "float | Budget | None" = None,
    again: bool = False,
    retry_failed: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
    on_retry: Any = None,
) -> "Experiment":
    """Find out whether a change made a difference. `run()` goes to the end, iterating goes block by block.

    spec: a YAML file, a mapping with the same keys, or a Spec. template: a kept prompt, whose variables are columns or
    factors. changes: keys that count instead of those. model: the one to ask where the spec names none.
    max_cost: US dollars, at most as many as the spec allows. What the same experiment asked earlier is not asked again,
    but for what failed with `retry_failed`, and for all of it with `again`. Raises, before anything is asked,
    UsageError and whatever else can be known to be wrong.
    """
    from curta.conversations.budget import Budget
    from curta.evals import spec as specs
    from curta.evals.running import Experiment

    spec = specs.given(spec, template, changes)
    if not isinstance(max_cost, Budget):
        max_cost = min((each for each in (max_cost, spec.stop.max_cost) if each is not None), default=None)
    return Experiment(
        spec,
        model=model,
        key=key,
        log=opened(log),
        again=again,
        retry_failed=retry_failed,
        concurrency=concurrency,
        on_retry=on_retry,
        budget=thrift(max_cost, False, log).get("budget"),
    )


def experiments(log: "Log | None" = None) -> "list[Summary]":
    """The experiments in the log, newest first, with what is known of each in short."""
    from curta.evals.listing import summaries
    from curta.store import open_log

    return summaries(log or open_log())


def experiment_report(id: str | None = None, *, log: "Log | None" = None) -> "ExperimentReport":
    """What is known of a logged experiment, computed again without asking anything; of the latest without an id.

    Raises UnknownCall.
    """
    from curta.evals.reporting import report
    from curta.store import open_log

    return report(log or open_log(), id)
