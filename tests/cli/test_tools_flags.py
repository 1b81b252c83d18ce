"""Tools at the command line: given, shown, approved, listed, gone on with."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Curta
from tests.servers.openai import Answer

ADD = 'def add(a: int, b: int) -> int:\n    "Add two numbers."\n    return a + b'
HOSTILE = "\x1b]0;owned\x07\x1b[2Jwords"


def asking(*calls: tuple[str, Any], text: str = "") -> Answer:
    return Answer(text, calls=tuple((n, json.dumps(a)) for n, a in calls), finish="tool_calls")


@pytest.fixture
def server(openai_server: Any, added: Curta) -> Any:
    openai_server.script(asking(("add", {"a": 1, "b": 2}), text="Let me add."), "It is three.")
    return openai_server


def told(server: Any) -> list[str]:
    return [message["content"] for message in server.requests[-1].body["messages"] if message["role"] == "tool"]


def test_a_function_on_the_command_line_is_called(added: Curta, server: Any) -> None:
    done = added("-m", "hello", "1+2?", "--functions", ADD)
    assert (done.code, done.out, done.err) == (0, "Let me add.\n\nIt is three.\n", "")
    assert told(server) == ["3"]
    assert server.requests[0].body["tools"][0]["function"]["description"] == "Add two numbers."


def test_functions_of_a_file_and_tools_by_name_go_together(added: Curta, server: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(ADD)
    assert added("-m", "hello", "1+2?", "--functions", "mine.py", "-T", "curta_time", "-T", "llm_version").code == 0
    names = [tool["function"]["name"] for tool in server.requests[0].body["tools"]]
    assert names == ["curta_time", "llm_version", "add"]


def test_debug_shows_each_call_and_its_result(added: Curta, server: Any) -> None:
    done = added("-m", "hello", "1+2?", "--functions", ADD, "--td")
    assert done.err == "Tool: add(a=1, b=2)\n  3\n"
    assert done.out == "Let me add.\n\nIt is three.\n"


def test_a_person_sees_a_line_for_each_call(added: Curta, terminal: Any, server: Any) -> None:
    screen = terminal("-m", "hello", "1+2?", "--functions", ADD, "--no-markdown")
    screen.wait()
    shown = screen.screen.decode()
    assert shown.index("Let me add.") < shown.index("add(a=1, b=2)") < shown.index("It is three.")


def test_what_a_model_writes_into_a_call_cannot_steer_the_terminal(
    added: Curta, terminal: Any, openai_server: Any
) -> None:
    openai_server.script(asking(("say", {"words": HOSTILE})), "ok")
    code = f"def say(words): raise ValueError({HOSTILE!r})"
    screen = terminal("-m", "hello", "?", "--functions", code, "--td")
    assert screen.wait() == 0
    assert b"\x1b]0;" not in screen.screen
    assert b"\x1b[2J" not in screen.screen
    assert b"owned" in screen.screen


def test_each_call_is_asked_about_and_yes_makes_it(added: Curta, terminal: Any, server: Any) -> None:
    screen = terminal("-m", "hello", "1+2?", "--functions", ADD, "--ta")
    screen.read_until(b"quit: ")
    assert b"add(a=1, b=2)" in screen.screen
    assert len(server.requests) == 1
    screen.type(b"y\n")
    assert screen.wait() == 0
    assert told(server) == ["3"]


def test_no_is_told_to_the_model(added: Curta, terminal: Any, server: Any) -> None:
    screen = terminal("-m", "hello", "1+2?", "--functions", ADD, "--ta")
    screen.read_until(b"quit: ")
    screen.type(b"what?\nn\n")
    assert screen.wait() == 0
    assert told(server) == ["The tool failed: The user refused this call."]


def test_all_is_asked_once(added: Curta, terminal: Any, openai_server: Any) -> None:
    openai_server.script(asking(*[("add", {"a": n, "b": 2}) for n in range(3)]), "done")
    screen = terminal("-m", "hello", "?", "--functions", ADD, "--ta")
    screen.read_until(b"quit: ")
    screen.type(b"a\n")
    assert screen.wait() == 0
    assert screen.screen.count(b"quit: ") == 1
    assert told(openai_server) == ["2", "3", "4"]


def test_quit_pauses_and_the_next_command_goes_on(added: Curta, terminal: Any, server: Any) -> None:
    screen = terminal("-m", "hello", "1+2?", "--functions", ADD, "--ta")
    screen.read_until(b"quit: ")
    screen.type(b"q\n")
    assert screen.wait() == 5
    assert len(server.requests) == 1
    done = added("-c", "--functions", ADD)
    assert (done.code, done.out) == (0, "It is three.\n")
    assert told(server) == ["3"]


def test_without_a_terminal_approval_waits(added: Curta, server: Any) -> None:
    done = added("-m", "hello", "1+2?", "--functions", ADD, "--ta")
    assert (done.code, done.out) == (5, "Let me add.\n")
    assert "1 tool call waits for approval." in done.err
    assert "add(a=1, b=2)" in done.err
    assert "curta -c --ta" in done.err
    refused = added("-c")
    assert refused.code == 2
    assert "Give the same -T and --functions" in refused.err
    assert added("-c", "--functions", ADD).out == "It is three.\n"


def test_tools_with_names_need_not_be_named_again(added: Curta, openai_server: Any) -> None:
    openai_server.script(asking(("curta_version", {})), "Got it.")
    assert added("-m", "hello", "version?", "-T", "curta_version", "--ta").code == 5
    assert added("-c").out == "Got it.\n"


def test_words_instead_leave_the_call_unmade(added: Curta, server: Any) -> None:
    added("-m", "hello", "1+2?", "--functions", ADD, "--ta")
    assert added("-c", "Never mind.").out == "It is three.\n"
    assert told(server) == ["The tool failed: This call was not made: the user went on without it."]


def test_the_limit_of_a_chain_is_said_and_can_be_raised(added: Curta, openai_server: Any) -> None:
    openai_server.script(*[asking(("add", {"a": n, "b": 1}), text=f"Step {n}.") for n in range(3)], "End.")
    done = added("-m", "hello", "?", "--functions", ADD, "--cl", "2")
    assert (done.code, done.out) == (1, "Step 0.\n\nStep 1.\n")
    assert "still asks for tools (add) after 2 calls" in done.err
    assert "--cl N" in done.err
    assert added("-c", "--functions", ADD, "--cl", "0").out == "Step 2.\n\nEnd.\n"


def test_json_has_the_last_call_and_all_tool_calls(added: Curta, server: Any) -> None:
    (printed,) = added("-m", "hello", "1+2?", "--functions", ADD, "--json").json
    assert printed["response"] == "It is three."
    assert printed["tool_calls"] == [
        {"type": "tool_call", "id": "call_0", "name": "add", "arguments": {"a": 1, "b": 2}}
    ]
    assert printed["tool_results"][0]["parts"] == [{"type": "text", "text": "3"}]
    asked, answered = added("logs", "--json").json
    assert asked["tool_calls"] == printed["tool_calls"]
    assert answered["tool_results"] == printed["tool_results"]
    assert printed.keys() == answered.keys()


def test_other_flags_go_with_tools(added: Curta, openai_server: Any) -> None:
    fenced = "So:\n```python\nx = 3\n```\n"
    for flags, shown in ((["-x"], "x = 3\n"), (["--no-stream"], fenced), (["--check"], fenced), (["-n"], fenced)):
        openai_server.script(asking(("add", {"a": 1, "b": 2})), fenced)
        done = added("-m", "hello", "1+2?", "--functions", ADD, *flags)
        assert (done.code, done.out) == (0, shown), flags


def test_usage_is_of_the_whole_chain(added: Curta, server: Any) -> None:
    done = added("-m", "hello", "1+2?", "--functions", ADD, "-u")
    used = [(call["input_tokens"], call["output_tokens"]) for call in added("logs", "--json").json]
    assert f"{sum(each[0] for each in used)} in, {sum(each[1] for each in used)} out tokens" in done.err


def test_a_dry_run_shows_the_tools_and_calls_nothing(added: Curta, server: Any) -> None:
    done = added("-m", "hello", "1+2?", "--functions", ADD, "--dry-run")
    assert '"name": "add"' in done.out
    assert server.requests == []
    added("-m", "hello", "1+2?", "--functions", ADD, "--ta")
    done = added("-c", "--functions", ADD, "--dry-run")
    assert done.code == 2
    assert "not called for a look at it" in done.err


def test_quotes_and_tools_do_not_go_together(added: Curta) -> None:
    done = added("-m", "hello", "1+2?", "--functions", ADD, "--quotes")
    assert done.code == 2
    assert "Leave out --quotes, or the tools" in done.err


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["-T", "nothing"], "There is no tool called 'nothing'"),
        (["--functions", "def f(:"], "--functions, line 1"),
        (["--functions", "none.py"], "Cannot read the functions in none.py"),
        (["-T", "curta_time(1)"], "There is no tool called"),
        (["-T", 'X(__import__("os"))'], "cannot be read"),
        (["--cl", "-1", "-T", "curta_time"], "--cl"),
    ],
)
def test_a_slip_is_said_before_anything_is_sent(
    added: Curta, openai_server: Any, flags: list[str], complaint: str
) -> None:
    done = added("-m", "hello", "hi", *flags)
    assert done.code == 2
    assert complaint in done.err
    assert openai_server.requests == []


def test_a_model_that_cannot_call_tools_says_so(added: Curta) -> None:
    done = added("-m", "extractive", "hi", "-T", "curta_time", "-f", "-", stdin="Some text.")
    assert done.code == 2
    assert "tools" in done.err


def test_ctrl_c_while_a_tool_works_leaves_its_call_to_go_on_with(added: Curta, terminal: Any, server: Any) -> None:
    slow = "import time\ndef add(a: int, b: int):\n    time.sleep(60)"
    screen = terminal("-m", "hello", "1+2?", "--functions", slow)
    screen.read_until(b"add(a=1, b=2)")
    screen.interrupt()
    assert screen.wait() == 130
    assert added("-c", "--functions", ADD).out == "It is three.\n"


def test_what_a_tool_prints_does_not_mix_with_the_answer(added: Curta, server: Any) -> None:
    done = added("-m", "hello", "1+2?", "--functions", "def add(a, b):\n    print('working')\n    return 3", "--json")
    assert done.json[0]["response"] == "It is three."
    assert done.err == "working\n"


def test_the_log_shows_and_finds_calls_by_tool(added: Curta, server: Any) -> None:
    added("-m", "hello", "hi there", "-T", "curta_time")
    server._script.clear()
    server.script(asking(("add", {"a": 1, "b": 2})), "It is three.", "Plain.")
    added("-m", "hello", "1+2?", "--functions", ADD)
    added("-m", "hello", "plain")
    shown = added("logs", "--tools", "-n", "0").out
    assert "## Tool calls\n\n- add(a=1, b=2)" in shown
    assert "## Tool results\n\n- 3" in shown
    assert "plain" not in shown
    assert len(added("logs", "-T", "add", "--json", "-n", "0").json) >= 2
    assert added("logs", "-T", "multiply", "--json").json == []
    assert len(added("logs", "-T", "add", "-s", "-n", "2").out.splitlines()) == 2


def test_tools_are_listed(curta: Curta) -> None:
    assert "curta_version  The installed version of Curta." in curta("tools").out
    (found,) = curta("tools", "--functions", ADD, "--json").json
    assert (found["name"], found["source"]) == ("add", "file")
    assert found["parameters"]["required"] == ["a", "b"]
    assert "a (integer, required)" in curta("tools", "show", "add", "--functions", ADD).out
    assert curta("tools", "show", "nothing").code == 2


def test_a_conversation_goes_on_with_the_tools_it_had(added: Curta, openai_server: Any) -> None:
    openai_server.script("First.", "Second.", "Third.")
    added("-m", "hello", "-T", "curta_version", "--functions", ADD, "?")
    done = added("-c", "And now?")
    assert [tool["function"]["name"] for tool in openai_server.requests[-1].body["tools"]] == ["curta_version"]
    assert (done.out, "Without add" in done.err) == ("Second.\n", True)
    assert added("-c", "And then?").err == ""
