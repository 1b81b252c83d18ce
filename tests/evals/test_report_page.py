"""The page of a report: what it says is what the log says, whatever the texts in it try."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import curta
from curta.errors import CurtaError
from curta.evals import spec
from curta.evals.report.page import to_html
from curta.evals.report.spec_file import as_yaml
from tests.servers.crowd import Crowd
from tests.servers.openai import Failure

RUNS = Path(__file__).parents[2] / "examples/runs"
HOSTILE = "</div><script>alert('x')</script><img src=http://127.0.0.1:1/x onerror=alert(1)>\x00\x1b[31m\u202eevil"
SPEC = {
    "name": "<b>tone</b>",
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [{"id": f"row <{number}>", "text": f"word{number}"} for number in range(6)],
    "score": ["size", {"contains": "$text"}],
    "rope": 0.2,
    "seed": 5,
}


@pytest.fixture(autouse=True)
def _obeys(crowd: Crowd) -> None:
    """The model says what it is told when it is told so now, and something hostile else."""
    crowd.answer = lambda words: words if "Now!" in words else HOSTILE


def page(**change: Any) -> str:
    curta.experiment({**SPEC, **change}, model="crowd").run()
    return curta.experiment_report().html()


class Read(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_says_the_verdicts_of_the_report() -> None:
    shown = Read(page())
    for each in curta.experiment_report().results:
        assert each.sentence(f"{each.contrast}, {each.scorer}") in shown.text
    assert "size" in shown.text


def test_texts_of_models_and_names_stay_texts() -> None:
    whole = page()
    elements = Read(whole).elements
    assert [tag for tag, _ in elements].count("script") == 1
    assert not {"img", "iframe", "link", "object"} & {tag for tag, _ in elements}
    assert "<b>tone</b>" not in whole
    assert not [name for _, told in elements for name in told if name.startswith("on") or name == "src"]
    assert "&lt;script&gt;alert(&#x27;x&#x27;)" in whole
    assert "␀␛[31m&lt;U+202E&gt;evil" in whole
    assert not re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", whole)


def test_it_allows_itself_nothing_but_its_own_style_and_script_and_loads_nothing() -> None:
    whole = page()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', whole)[1].replace("&#x27;", "'")
    assert policy.startswith("default-src 'none'; ")
    for element in ("style", "script"):
        for inside in re.findall(f"<{element}>(.*?)</{element}>", whole, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"{element}-src 'sha256-{digest}'" in policy
    links = [told["href"] for _, told in Read(whole).elements if told.get("href")]
    assert links
    assert all(each.startswith("#") for each in links)
    assert not [told for _, told in Read(whole).elements if "style" in told]


def test_both_texts_stand_side_by_side_the_worst_first(crowd: Crowd) -> None:
    crowd.answer = lambda words: words if ("Now!" in words) == ("word3" in words) else "no"
    shown = Read(page(score={"contains": "$text"})).text
    told = re.findall(r"Input row <(\d)>([+−]\d+) points", shown)
    assert {each for _, each in told[:-1]} == {"−100"}
    assert told[-1] == ("3", "+100")
    assert "Please. Say word0." in shown
    assert "6 of 6 inputs differ." in shown


def test_an_answer_without_end_is_cut_with_a_note(crowd: Crowd) -> None:
    crowd.answer = lambda words: words if "Now!" in words else "no " * 200_000
    whole = page()
    assert "598,500 more characters: curta logs show " in whole
    assert len(whole) < 150_000


def test_answers_that_fail_are_told_with_their_reason_and_what_they_could_hide(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(400, "No <i>.") if words.endswith("word3.") else "no"
    shown = Read(page()).text
    assert "2 of 12 answers could not be scored and count as 0." in shown
    assert "No <i>." in shown
    assert "Failed answers could make it anything from -17 to +17 points." in shown


def test_a_call_that_was_removed_is_said_to_be_gone_and_nothing_else_changes(crowd: Crowd) -> None:
    curta.experiment(SPEC, model="crowd").run()
    log, report = curta.open_log(), curta.experiment_report()
    study = report.study
    log.remove([study.answers[-1].call])
    assert "This call is no longer in the log." in to_html(study, 40)
    after = Read(curta.experiment_report().html()).text
    assert "An answer was taken out of the log." in after
    assert "5 of 6 inputs" in after


def test_a_text_that_was_redacted_is_not_in_the_page(crowd: Crowd) -> None:
    crowd.answer = lambda words: "my secret" if "Now!" in words else "no"
    assert "my secret" in page()
    curta.open_log().redact("secret")
    assert "my secret" not in curta.experiment_report().html()


def test_the_same_input_asked_again_is_told_by_how_often_it_differs(crowd: Crowd) -> None:
    shown = Read(page(repeat=3, score={"contains": "$text"})).text
    assert "Repeats differ" in shown
    assert "3 times each" in shown


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"prompt": ["$tone Say $text.", "Say $text. $tone"], "models": ["crowd", "extractive"]},
        {"prompt": {"a": "$tone Say $text.", "b": "Say $text. $tone"}, "system": "Be brief.", "repeat": 2},
        {"stop": {"max_calls": 9}, "expect": {"contains": {"base": 0.5}}, "alpha": 0.1, "errors": "drop"},
        {"decide": "group-sequential", "looks": 3, "options": {"temperature": 0.5}, "interactions": True},
    ],
)
def test_the_spec_in_the_page_asks_the_same_again(change: dict[str, Any]) -> None:
    first = spec.spec_of({**SPEC, **change})
    again = spec.spec_of({**yaml.safe_load(as_yaml(first)), "inputs": SPEC["inputs"]})
    assert again == first


def test_many_disagreements_make_no_large_page_and_say_what_is_left_out(crowd: Crowd) -> None:
    crowd.answer = lambda words: words if ("Now!" in words) == (int(words[-2]) % 2 == 0) else "no"
    whole = page(inputs=[f"word{number}" for number in range(50)], score={"contains": "$text"}, rope=0.01)
    assert "50 of 50 inputs differ; these are 40." in Read(whole).text
    assert len(whole) < 120_000


def test_of_a_run_that_another_tool_made_it_says_no_more_than_the_log_knows() -> None:
    (kept,) = curta.import_runs([str(RUNS / "promptfoo.json")])
    shown = Read(curta.experiment_report(kept.id).html()).text
    assert "McNemar's exact test" in shown
    assert "Paris." in shown
    assert "drawn from seed" not in shown
    assert "spec.yml" not in shown
    assert "How the evidence grew" not in shown


def test_an_experiment_without_any_answer_has_a_page_too(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(401, "Who are you?")
    with pytest.raises(CurtaError):
        curta.experiment(SPEC, model="crowd").run()
    shown = Read(curta.experiment_report().html()).text
    assert "undecided" in shown
    assert "0 of 6 inputs" in shown
