"""Suites of tasks: how small can a model be, and still be useful?"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curta.api.given import opened

if TYPE_CHECKING:
    from pathlib import Path

    from curta.evals.suites.checking import Checked
    from curta.evals.suites.family import Suite
    from curta.evals.suites.running import SuiteRun
    from curta.store import Log


def suite(
    models: Sequence[str],
    suite: "str | Path | Suite" = "words",
    *,
    families: Sequence[str] = (),
    count: int = 200,
    seed: int = 0,
    margin: float = 0.05,
    sizes: Mapping[str, int] = {},  # never written to
    max_cost: float | None = None,
    concurrency: int = 8,
    again: bool = False,
    retry_failed: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
    on_retry: Any = None,
) -> "SuiteRun":
    """Ask models the tasks of a suite. `run()` goes to the end, `known()` says what is known.

    suite: `words`, a YAML file, or a Suite. families: those to ask about; all without. count: instances of each, at
    most. seed: of the instances and their order. margin: how far below the best is near enough. sizes: of models, in
    bytes, by name, where nothing else says it. max_cost: US dollars. What was asked earlier is not asked again, but for
    what failed with `retry_failed`, and for all of it with `again`. Raises, before anything is asked, UsageError and
    whatever else can be known to be wrong.
    """
    from curta.evals.suites.running import SuiteRun

    return SuiteRun(
        _found(suite),
        [models] if isinstance(models, str) else models,
        families=families,
        count=count,
        seed=seed,
        margin=margin,
        sizes=sizes,
        max_cost=max_cost,
        concurrency=concurrency,
        log=opened(log),
        key=key,
        again=again,
        retry_failed=retry_failed,
        on_retry=on_retry,
    )


def check_suite(
    suite: "str | Path | Suite" = "words", *, families: Sequence[str] = (), seed: int = 0, count: int = 20
) -> "list[Checked]":
    """Whether the scorers of a suite can be believed, family by family: references, and wrong answers, are scored.

    No model is asked. Raises UsageError for a family without references.
    """
    from curta.evals.suites.checking import check
    from curta.evals.suites.running import chosen

    return [check(each, seed, count) for each in chosen(_found(suite), families)]


def _found(suite: "str | Path | Suite") -> "Suite":
    from curta.evals.suites.reading import find

    return find(os.fspath(suite)) if isinstance(suite, str | os.PathLike) else suite
