"""Asking a model from the command line: what is sent, what is shown, what is logged."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PROGRAM, Curta


def sent(server: Any) -> Any:
    return server.requests[-1].body


def test_the_answer_is_on_stdout_and_nothing_else(added: Curta) -> None:
    done = added("-m", "hello", "say hi")
    assert (done.code, done.out, done.err) == (0, "Hello, wörld! 👋🏽\n", "")


def test_the_call_is_logged(added: Curta) -> None:
    added("-m", "hello", "say hi", "-s", "be kind")
    (call,) = added("logs", "--json").json
    assert (call["model"], call["prompt"], call["system"], call["status"]) == ("hello", "say hi", "be kind", "ok")
    assert call["response"] == "Hello, wörld! 👋🏽"
    assert call["input_tokens"] > 0


def test_json_has_the_shape_of_the_log(added: Curta) -> None:
    (printed,) = added("-m", "hello", "say hi", "--json").json
    (logged,) = added("logs", "--json").json
    assert printed.keys() == logged.keys()
    same = printed.keys() - {"datetime_utc", "duration_ms", "first_token_ms"}
    assert {key: printed[key] for key in same} == {key: logged[key] for key in same}


def test_no_log_leaves_no_trace(added: Curta, home: Path) -> None:
    assert added("-m", "hello", "-n", "say hi").code == 0
    assert added("logs", "--json").json == []


def test_logging_can_be_off_by_default_and_on_for_one_call(added: Curta) -> None:
    added("logs", "off")
    added("-m", "hello", "secret")
    added("-m", "hello", "kept", "--log")
    assert [call["prompt"] for call in added("logs", "-n", "0", "--json").json] == ["kept"]


def test_what_is_piped_stays_a_document_beside_the_words(added: Curta, openai_server: Any) -> None:
    added("-m", "echo", "What is this?", stdin="It is a pipe.")
    (call,) = added("logs", "--json").json
    assert call["prompt"] == "What is this?"
    assert [(doc["uri"], doc["characters"]) for doc in call["documents"]] == [("stdin", 13)]
    content = sent(openai_server)["messages"][-1]["content"]
    text = content if isinstance(content, str) else " ".join(part["text"] for part in content)
    assert text.index("It is a pipe.") < text.index("What is this?")


def test_what_is_piped_alone_is_the_prompt(added: Curta) -> None:
    added("-m", "echo", stdin="Say hello")
    (call,) = added("logs", "--json").json
    assert (call["prompt"], call["documents"]) == ("Say hello", [])


def test_files_and_folders_are_documents(added: Curta, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("# Alpha\n")
    (tmp_path / "b.txt").write_text("Beta\n")
    added("-m", "echo", "-f", "notes", "-f", "b.txt", "Compare")
    (call,) = added("logs", "--json").json
    assert [doc["uri"] for doc in call["documents"]] == ["notes/a.md", "b.txt"]


def test_a_conversation_goes_on(added: Curta, openai_server: Any) -> None:
    added("-m", "hello", "My name is Ann.", "-s", "be kind")
    added("-c", "What is my name?")
    assert [message["role"] for message in sent(openai_server)["messages"]] == ["system", "user", "assistant", "user"]
    first, second = reversed(added("logs", "-n", "0", "--json").json)
    assert first["conversation_id"] == second["conversation_id"]
    added("--cid", first["id"], "-s", "be brief", "And now?")
    assert sent(openai_server)["messages"][-2] == {"role": "system", "content": "be brief"}


def test_a_template_fills_the_prompt(added: Curta, home: Path, openai_server: Any) -> None:
    (home / "templates").mkdir(parents=True)
    (home / "templates/greet.yaml").write_text(
        "prompt: 'Greet $who: $input'\nmodel: echo\noptions: {temperature: 0.5}\n"
    )
    assert added("-t", "greet", "-p", "who", "Ann", "warmly").code == 0
    assert sent(openai_server)["messages"][-1]["content"] == "Greet Ann: warmly"
    assert sent(openai_server)["temperature"] == 0.5
    assert added("logs", "--json").json[0]["template"] == "greet"


def test_options_reach_the_model_and_wrong_ones_are_refused(added: Curta, openai_server: Any) -> None:
    added("-m", "echo", "-o", "seed", "7", "-o", "stop", "END", "hi")
    assert (sent(openai_server)["seed"], sent(openai_server)["stop"]) == (7, ["END"])
    done = added("-m", "echo", "-o", "temprature", "0.5", "hi")
    assert done.code == 2
    assert "temperature" in done.err


def test_a_schema_makes_the_answer_json(added: Curta, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    (tmp_path / "dog.json").write_text(json.dumps(schema))
    assert added("-m", "schema", "--schema", "dog.json", "a dog").json == {"name": "text", "age": 1}
    assert added("-m", "schema", "--schema", json.dumps(schema), "a dog").json == {"name": "text", "age": 1}
    assert added("-m", "schema", "--schema", '{"a":', "a dog").code == 2


def test_a_picture_is_sent(added: Curta, tmp_path: Path, openai_server: Any) -> None:
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n rest")
    assert added("-m", "echo", "-a", "dot.png", "What is it?").code == 0
    kinds = [part["type"] for part in sent(openai_server)["messages"][-1]["content"]]
    assert sorted(kinds) == ["image_url", "text"]


def test_only_a_code_block_is_printed_when_asked(added: Curta, openai_server: Any) -> None:
    answer = "Here:\n```python\nfirst\n```\nand\n```\nlast\n```\n"
    openai_server.script(answer, answer, "none here")
    assert added("-m", "hello", "-x", "code").out == "first\n"
    assert added("-m", "hello", "--xl", "code").out == "last\n"
    assert added("-m", "hello", "-x", "code").out == "none here\n"


def test_reasoning_never_reaches_stdout(added: Curta) -> None:
    done = added("-m", "reasoning", "6 * 7")
    assert done.out == "42\n"
    assert added("logs", "--json").json[0]["reasoning"] == "Six times seven."


def test_usage_is_told_on_stderr(added: Curta) -> None:
    done = added("-m", "reasoning", "-u", "6 * 7")
    assert "tokens" in done.err
    assert "3 cached" in done.err


def test_an_environment_key_and_base_url_work_as_everyone_expects(curta: Curta, openai_server: Any) -> None:
    openai_server.key = "sk-right"
    done = curta("-m", "hello", "hi", OPENAI_BASE_URL=openai_server.url, OPENAI_API_KEY="sk-right")
    assert done.out.startswith("Hello")
    done = curta("-m", "hello", "hi", OPENAI_BASE_URL=openai_server.url, OPENAI_API_KEY="sk-wrong")
    assert done.code == 1
    assert "sk-wrong" not in done.err + done.out
    assert "key" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["-m", "extractiv", "hi"], 2, "Close to it: extractive"),
        (["-m", "gpt-5", "hi"], 1, "curta keys set openai"),
        (["-f", "nowhere.txt", "hi"], 1, "nowhere.txt"),
        (["-t", "sumarize", "hi"], 2, "summarize"),
        (["--cid", "nonsense", "hi"], 1, "nonsense"),
        (["--no-such-option"], 2, "--help"),
        (["two", "prompts"], 2, "quotation marks"),
        (["-m", "error-500", "hi"], 1, "500"),
        (["-m", "quota", "hi"], 1, "quota"),
        (["-m", "html", "hi"], 1, "curta:"),
        (["modles"], 2, "curta models"),
        ([], 2, "There is no prompt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_error_says_what_why_and_what_next(added: Curta, arguments: list[str], code: int, says: str) -> None:
    done = added(*arguments, CURTA_TIMEOUT="5")
    assert done.code == code
    assert says in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def test_a_cut_answer_is_shown_kept_and_an_error(added: Curta) -> None:
    done = added("-m", "cut", "hi")
    assert (done.code, done.out) == (1, "Half an ans\n")
    (call,) = added("logs", "--json").json
    assert (call["status"], call["response"]) == ("failed", "Half an ans")
    assert call["error"]


def test_a_refusal_is_an_answer_with_an_exit_code_of_its_own(added: Curta) -> None:
    done = added("-m", "refusal", "hi")
    assert done.code == 4
    assert added("logs", "--json").json[0]["status"] == "refused"


def test_an_answer_without_a_reader_ends_quietly(added: Curta, tmp_path: Path) -> None:
    command = f"{' '.join(PROGRAM)} -m endless go | head -c 5"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("again", "")
    (call,) = added("logs", "--json").json
    assert call["response"].startswith("again")


def test_without_a_model_the_built_in_one_quotes_and_says_so_once(curta: Curta) -> None:
    notes = "The pond froze in March. The ducks left for the river in April. They came back in May."
    first = curta("When did the ducks leave?", stdin=notes)
    assert first.code == 0
    assert "The ducks left for the river in April." in first.out
    assert "curta keys set" in first.err
    assert curta("When did the ducks leave?", stdin=notes).err == ""


def test_no_match_is_an_answer(curta: Curta) -> None:
    done = curta("What is the price of platinum futures?", stdin="The pond froze in March. The ducks left in April.")
    assert (done.code, done.out) == (0, "")
    assert "1 source" in done.err


def test_a_full_disk_costs_no_answer(added: Curta, home: Path) -> None:
    """The log cannot grow: the answer is printed, stderr says what happened, the row is taken in later."""
    added("-m", "hello", "first")
    limited = f"ulimit -f 1; exec {' '.join(PROGRAM)} -m hello " + "x" * 30000
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, env=dict(os.environ), timeout=60)
    assert done.stdout.startswith("Hello")
