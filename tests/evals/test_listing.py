"""The list of experiments: read, not computed; and never what does not hold any more."""

from typing import Any

import pytest

import curta
from curta.evals import reporting
from tests.evals.tones import SPEC, obeys
from tests.servers.crowd import Crowd


@pytest.fixture(autouse=True)
def ran(crowd: Crowd) -> str:
    """The id of an experiment that ran, and was listed."""
    crowd.answer = obeys
    id = str(curta.experiment({**SPEC, "name": "tones"}, model="crowd").run().id)
    assert [each.id for each in curta.experiments()] == [id]
    return id


def told(id: str) -> list[tuple[int, list[str]]]:
    """What a report says now: how many units there are, and the verdicts."""
    report = reporting.brief(curta.open_log(), id)
    return [(report.units, [each.sentence(each.contrast) for each in report.results])]


def listed() -> list[tuple[int, list[str]]]:
    return [(each.units, [result.sentence for result in each.results]) for each in curta.experiments()]


@pytest.fixture
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("it was computed")

    monkeypatch.setattr(reporting, "brief", refuse)


@pytest.mark.usefixtures("nothing_is_computed")
def test_what_is_known_already_is_read() -> None:
    (one,) = curta.experiments()
    assert (one.name, one.models, one.of) == ("tones", ("crowd",), 60)
    assert [each.outcome for each in one.results] == ["better"]
    assert one.to_dict()["results"][0]["sentence"] == one.results[0].sentence


def test_a_call_that_goes_takes_what_was_known_with_it(ran: str) -> None:
    log, before = curta.open_log(), listed()
    log.remove([log.experiments().scores(ran)[7][0].call])
    assert listed() == told(ran) != before


def test_a_score_that_changes_takes_what_was_known_with_it(ran: str) -> None:
    experiments, before = curta.open_log().experiments(), listed()
    experiments.put(ran, [each[0]._replace(value=1.0) for each in experiments.scores(ran).values()])
    assert listed() == told(ran) != before


def test_calls_that_count_as_not_made_take_what_was_known_with_them(ran: str) -> None:
    log, before = curta.open_log(), listed()
    with_call = log.experiments().scores(ran)[3][0].call
    assert with_call is not None
    work = log.batch("other", "00" * 16)
    work.forget([with_call])
    work.close()
    assert listed() == told(ran) != before


def test_what_was_computed_from_what_has_changed_meanwhile_is_not_kept(ran: str) -> None:
    experiments = curta.open_log().experiments()
    (late,) = experiments.known()
    experiments.put(ran, experiments.scores(ran)[0])
    experiments.keep_known(late)
    assert experiments.known()[0].told is None


def test_words_that_are_taken_out_of_the_log_are_taken_out_of_the_list() -> None:
    curta.open_log().redact("tones")
    assert [each.name for each in curta.experiments()] == ["[redacted]"]


def test_an_experiment_whose_scorer_is_gone_is_listed_all_the_same(ran: str) -> None:
    experiments = curta.open_log().experiments()
    plan = experiments.one(ran).plan
    lost = [{"name": "of-a-plugin", "settings": {}}]
    experiments.amend(ran, {**plan, "spec": {**plan["spec"], "score": lost}})
    (one,) = curta.experiments()
    assert (one.id, one.results) == (ran, ())
    assert "of-a-plugin" in one.problem
