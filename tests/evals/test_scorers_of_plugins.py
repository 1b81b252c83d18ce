"""A Python function as a scorer, from a plugin."""

from pathlib import Path

import pytest

from curta import config
from curta.errors import UsageError
from curta.evals.scorers import Sample, scorer_of
from tests.cli.conftest import Curta, curta

__all__ = ["curta"]

PLUGIN = """
from curta.plugins import hookimpl


def vowels(sample, least: float = 0.5):
    "The share of vowels."
    share = sum(each in "aeiou" for each in sample.output) / len(sample.output)
    return share >= least, {"share": share}


@hookimpl
def register_scorers(register):
    register("vowels", vowels, version=3)
"""


@pytest.fixture
def vowels(home: Path) -> None:
    (config.ensure_folder(home / "plugins") / "vowels.py").write_text(PLUGIN)


def test_a_function_of_a_plugin_scores(vowels) -> None:
    scorer = scorer_of({"vowels": 0.6})
    assert scorer.version == 3
    assert scorer.score(Sample("aebi")) == (1.0, {"share": 0.75}, "")
    assert scorer_of({"not-vowels": {"least": "$least"}}).score(Sample("aebi", {"least": "0.9"})).value == 1


def test_its_errors_are_failed_scores(vowels) -> None:
    assert "ZeroDivisionError" in scorer_of("vowels").score(Sample("")).failure


def test_it_is_found_by_its_nearest_name_and_listed(vowels, curta: Curta) -> None:
    with pytest.raises(UsageError, match="Did you mean 'vowels'"):
        scorer_of("vowel")
    assert "scorer vowels  The share of vowels." in curta("plugins").out
