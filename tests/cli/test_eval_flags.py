"""`curta eval` in flags: an experiment without a file, or other than its file says."""

from pathlib import Path
from typing import Any

import pytest

from curta.cli import eval_flags
from tests.servers.crowd import Crowd

FLAGS = (
    *("--prompt", "$style Who is it? $text", "--factor", 'style={plain: "", caps: "ANSWER!"}'),
    *("--on", "people.jsonl", "--score", "contains=$name", "-m", "crowd"),
)


@pytest.fixture(autouse=True)
def _people(crowd: Crowd, tmp_path: Path) -> None:
    rows = (f'{{"text": "She is Ada{each}.", "name": "Ada{each}", "page": {each // 5}}}\n' for each in range(60))
    (tmp_path / "people.jsonl").write_text("".join(rows))
    crowd.answer = lambda words: words if "ANSWER!" in words else "nobody"


def test_an_experiment_needs_no_file(curta: Any) -> None:
    done = curta("eval", *FLAGS, "--seed", "3", "--rope", "0.2")
    assert done.out.splitlines()[0] == "style: better (+100 points, CS [+6, +100], 10 inputs)"
    assert "alpha 0.05, margin 0.2." in done.err
    assert done.code == 0


def test_flags_count_instead_of_what_the_file_says(curta: Any, tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "tone.yml").write_text(
        "prompt: $style $text\nmodels: [far, away]\nfactors: {style: [a, b]}\ninputs: none.csv\nscore: size\n"
    )
    planned = curta("eval", "plan", "specs/tone.yml", *FLAGS, "--unit", "page", "--repeat", "2")
    assert planned.out.startswith(
        "60 inputs in 12 units, one for each `page`, 2 ways of asking, 2 times each: at most 240 calls.\n"
    )


def test_several_models_are_compared_and_one_is_asked(curta: Any, crowd: Crowd) -> None:
    from curta.models import registry

    registry.add("other", url=crowd.url, model="other")
    compared = curta("eval", *FLAGS, "-m", "other")
    assert [line.partition(":")[0] for line in compared.out.splitlines()[:2]] == ["style", "model other"]


def test_several_prompts_are_wordings(curta: Any) -> None:
    told = curta("eval", "plan", *FLAGS, "--prompt", "$text $style Who?", "--json").json
    assert (told["cells"], told["contrasts"]) == (4, 1)


def test_what_is_asked_about_can_be_piped_in(curta: Any, tmp_path: Path) -> None:
    flags = ["-" if each == "people.jsonl" else each for each in FLAGS]
    piped = (tmp_path / "people.jsonl").read_text()
    assert curta("eval", *flags, stdin=piped).out.startswith("style: better")


def test_a_template_is_enough_with_what_it_is_asked_about(curta: Any, tmp_path: Path) -> None:
    (tmp_path / "who.yaml").write_text(
        "system: Be $manner.\nprompt: '$style Who is it? $text It costs $$5.'\ndefaults: {manner: brief}\n"
    )
    flags = [each for each in FLAGS if each not in FLAGS[:2]]
    assert curta("eval", "-t", "./who.yaml", *flags).out.startswith("style: better")
    asked = curta("logs", "-n", "1", "--json").json[0]
    assert asked["system"] == "Be brief."
    assert asked["prompt"].endswith("It costs $5.")


def test_a_template_for_whatever_is_given_gets_it_as_a_document(curta: Any, tmp_path: Path) -> None:
    (tmp_path / "who.yaml").write_text("prompt: '$style Say who is in $input'\n")
    told = curta("eval", "-t", "./who.yaml", *FLAGS[2:])
    assert told.out.startswith("style: better")
    assert "who is in the text given above" in curta("logs", "-n", "1", "--json").json[0]["prompt"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--factor", "style"), "--factor takes NAME=VALUE"),
        (("--factor", "style={a: "), "--factor, line"),
        (("--factor", "tip={a: b, c: d}"), "'tip' changes nothing"),
        (("--score", "contians=x"), "Did you mean 'contains'?"),
        (("--score", "length={max_wrods: 3}"), "Did you mean 'max_words'?"),
        (("--decide", "later"), "'later' is not one of"),
        (("--rope", "7"), "between 0 and 1"),
        (("--on", "nowhere.csv"), "nowhere.csv"),
        (("-t", "nothing-such"), "nothing-such"),
    ],
)
def test_what_is_wrong_in_a_flag_is_named(curta: Any, crowd: Crowd, flags: tuple[str, ...], said: str) -> None:
    done = curta("eval", *FLAGS, *flags)
    assert said in done.err
    assert done.code in (1, 2)
    assert not crowd.asked


@pytest.mark.parametrize("told", ["contains=$name", "contains: $name", "{contains: $name}"])
def test_a_scorer_is_named_as_in_a_flag_or_as_in_a_spec(told: str) -> None:
    assert eval_flags.scorer(told) == {"contains": "$name"}


def test_without_anything_to_ask_it_says_what_to_write(curta: Any) -> None:
    done = curta("eval", "--on", "people.jsonl")
    assert (done.code, done.out) == (2, "")
    assert "--prompt TEXT --on FILE --score NAME" in done.err
