"""`curta chat` from a pipe: each line is said, commands are done, and nothing that goes wrong ends it."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.cli import output
from curta.cli.app import run
from tests.cli.conftest import Curta, Done

Here = Callable[..., Done]


@pytest.fixture
def here(added: Curta, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """`added`, in this process: what is tested here needs no terminal and no process of its own."""
    monkeypatch.chdir(tmp_path)

    def done(*arguments: str, stdin: str | bytes = b"") -> Done:
        typed = stdin.encode() if isinstance(stdin, str) else stdin
        streams = {"stdin": io.BytesIO(typed), "stdout": io.BytesIO(), "stderr": io.BytesIO()}
        with monkeypatch.context() as patch:
            for name, stream in streams.items():
                patch.setattr(sys, name, io.TextIOWrapper(stream, encoding="utf-8"))
            code = run(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
            told = Done(code, streams["stdout"].getvalue().decode(), streams["stderr"].getvalue().decode())
        output.configure(quiet=False, colour="auto")
        return told

    return done


def test_each_line_of_a_pipe_is_answered(added: Curta) -> None:
    done = added("chat", "-m", "echo", stdin="hi\nthere\n")
    assert done.code == 0
    first, _, second = done.out.partition("fields: ")
    assert first == "user: hi\n"
    assert "user: hi\nassistant: user: hi\n" in second
    assert "user: there\n" in second
    assert done.err == ""


def test_the_end_is_a_word_or_the_end_of_the_input(here: Here) -> None:
    for ending in ("exit", "quit", "!quit", " exit "):
        assert here("chat", "-m", "hello", stdin=f"hi\n{ending}\nnot said\n").out == "Hello, wörld! 👋🏽\n"
    assert here("chat", "-m", "hello", stdin="hi").out == "Hello, wörld! 👋🏽\n"
    assert here("chat", "-m", "hello", stdin="").out == ""
    assert here("chat", "-m", "hello", stdin="\n  \n\r\n").out == ""


def test_everything_is_one_logged_conversation(here: Here) -> None:
    here("chat", "-m", "hello", stdin="one\ntwo\n")
    calls = list(curta.open_log().calls())
    assert [(call.prompt, call.caller) for call in calls] == [("two", "chat"), ("one", "chat")]
    assert calls[0].conversation_id == calls[1].id
    assert here("-c", "-m", "echo", "three").out.count("user: ") == 3
    assert here("chat", "-c", "-m", "echo", stdin="four\n").out.count("\nuser: ") >= 3


def test_an_error_is_shown_and_what_failed_is_not_said_again(here: Here) -> None:
    done = here("chat", "-m", "hello", stdin="one\n!model cut\ntwo\n!model echo\nthree\n")
    assert done.code == 1
    assert "curta: " in done.err
    assert "user: two" not in done.out
    assert "user: one\nassistant: Hello, wörld! 👋🏽\nuser: three\n" in done.out


@pytest.mark.parametrize("model", ["quota", "garbage", "html", "refusal", "length"])
def test_no_kind_of_bad_answer_ends_the_chat(here: Here, model: str) -> None:
    done = here("chat", "-m", model, stdin="one\n!model hello\ntwo\n")
    assert done.out.endswith("Hello, wörld! 👋🏽\n")
    assert "Traceback" not in done.err


def test_an_unknown_command_is_not_sent_and_a_doubled_mark_is_text(here: Here) -> None:
    done = here("chat", "-m", "echo", stdin="!hlep me\n!!important\n! wow\n!= is not ==\n")
    assert "There is no command !hlep; nothing was sent. Did you mean !help?" in done.err
    assert "user: !important\n" in done.out
    assert "user: ! wow\n" in done.out
    assert "user: != is not ==\n" in done.out
    assert "hlep" not in done.out
    assert done.code == 2


def test_lines_between_multi_and_end_are_one_message(here: Here) -> None:
    done = here("chat", "-m", "echo", stdin="!multi\none\n!end of it\n\n  two\n!end\n")
    assert done.out.startswith("user: one\n!end of it\n\n  two\nfields")
    done = here("chat", "-m", "echo", stdin="!multi 7\none\n!end\n!end 7\n")
    assert done.out.startswith("user: one\n!end\nfields")
    done = here("chat", "-m", "echo", stdin="!multi\nnever ended\n")
    assert done.out.startswith("user: never ended\nfields")
    assert here("chat", "-m", "echo", stdin="!multi\n!end\n").out == ""


def test_fragments_and_attachments_go_with_the_next_message_once(here: Here, tmp_path: Path) -> None:
    (tmp_path / "a file.txt").write_text("Something to read.")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    stdin = "!fragment 'a file.txt'\n!attach picture.png\nwhat is it?\nand now?\n"
    done = here("chat", "-m", "hello", stdin=stdin)
    assert done.code == 0, done.err
    assert "a file.txt (18 characters)" in done.err
    second, first = curta.open_log().calls()
    assert [document.text for document in first.documents] == ["Something to read."]
    assert len(second.request().messages[-1].parts) == 1


def test_fragments_within_several_lines_are_read_too(here: Here, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Something to read.")
    here("chat", "-m", "hello", stdin="!multi\nread this\n!fragment a.txt\n!end\n")
    call = curta.open_log().call()
    assert call.prompt == "read this"
    assert call.documents[0].text == "Something to read."


def test_what_cannot_be_read_is_named_and_the_message_can_be_said_without_it(here: Here) -> None:
    done = here("chat", "-m", "hello", stdin="!fragment nowhere.txt\n!attach nowhere.png\n!fragment 'open\nhi\n")
    assert "nowhere.txt" in done.err
    assert "nowhere.png" in done.err
    assert "not closed" in done.err
    assert done.out == "Hello, wörld! 👋🏽\n"


def test_files_and_a_system_prompt_of_the_command_line_begin_it(here: Here, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Something to read.")
    done = here("chat", "-m", "echo", "-s", "Be brief.", "-f", "a.txt", stdin="one\ntwo\n")
    first, _, second = done.out.partition("fields: ")
    assert first.startswith("system: Be brief.\nuser: ")
    assert "Something to read." in first
    assert second.count("system: Be brief.") == 2  # once as it was sent, once as the first answer quotes it
    done = here("chat", "-m", "hello", "-f", "nowhere.txt", stdin="one\n")
    assert (done.code, done.out) == (1, "")


def test_another_system_prompt_model_and_option_take_effect_from_there_on(here: Here) -> None:
    stdin = "one\n!system Be loud.\n!model echo\n!option temperature 0.5\ntwo\n!option temperature\nthree\n"
    done = here("chat", "-m", "hello", "-s", "Be brief.", stdin=stdin)
    one, two, three = list(curta.open_log().calls())[::-1]
    assert (one.model, two.model) == ("hello", "echo")
    assert [one.options, two.options, three.options] == [{}, {"temperature": 0.5}, {}]
    roles = [(message.role, message.text) for message in two.request().messages]
    assert roles[0] == ("system", "Be brief.")
    assert ("system", "Be loud.") in roles[1:]
    assert "temperature" in done.out


def test_going_back_makes_a_branch(here: Here) -> None:
    done = here("chat", "-m", "echo", stdin="one\ntwo\n!undo\nthree\n!undo\n!fork\nfour\n!undo\n!undo\n")
    assert "Back to before: two" in done.err
    assert "nothing to go back to" in done.err
    by_prompt = {call.prompt: call for call in curta.open_log().calls()}
    assert "user: two" not in by_prompt["three"].response
    assert by_prompt["three"].parent_id == by_prompt["one"].id
    assert by_prompt["four"].parent_id is None
    assert len({call.conversation_id for call in by_prompt.values()}) == 1
    listed = here("logs", "-c", "-s").out
    assert f"↳ goes on from {by_prompt['one'].id}" in listed
    assert "↳ begins anew" in listed


def test_a_question_is_asked_again_from_where_it_was_asked(here: Here, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Something to read.")
    stdin = "!retry\n!file a.txt\none\n!retry\n!model cut\ntwo\n!model echo\n!retry\n"
    done = here("chat", "-m", "echo", stdin=stdin)
    assert "Nothing was asked here yet." in done.err
    last, failed, again, first = curta.open_log().calls()
    assert again.request().messages == first.request().messages
    assert failed.status == "failed"
    assert last.prompt == "two"
    assert last.parent_id == again.id


def test_a_conversation_is_named_before_and_after_it_has_begun(here: Here) -> None:
    assert here("chat", "-m", "hello", "--name", "trip to Rome", stdin="one\n").code == 0
    assert here("chat", "-m", "hello", stdin="!name\n!name Oslo\n!name\ntwo\n!name Ōslo 2\n!name\n").code == 0
    listed = json.loads(here("logs", "conversations", "--json").out)
    assert [(each["name"], each["prompt"]) for each in listed] == [("trip to Rome", "one"), ("Ōslo 2", "two")]
    done = here("chat", "-m", "hello", "--name", "Trip to rome", stdin="three\n")
    assert (done.code, done.out) == (2, "")
    assert "--cid 'Trip to rome'" in done.err
    done = here("chat", "--cid", "trip", "-m", "echo", stdin="four\n")
    assert "user: one" in done.out
    assert here("-m", "echo", "--cid", "trip to Rome", "five").out.count("user: four") >= 1
    assert here("chat", "-n", "-m", "hello", "--name", "x", stdin="one\n").code == 2


def test_what_is_not_logged_goes_on_all_the_same(here: Here) -> None:
    done = here("chat", "-n", "-m", "echo", stdin="one\ntwo\n!undo\nthree\n")
    assert "user: one\nassistant: user: one\n" in done.out
    assert not list(curta.open_log().calls())


def test_a_template_fills_every_message(here: Here, home: Path) -> None:
    (home / "templates").mkdir(parents=True)
    template = "prompt: Say $input in $language.\nmodel: echo\ninputs:\n  language: {default: Dutch}\n"
    (home / "templates/say.yaml").write_text(template)
    done = here("chat", "-t", "say", "--language", "Danish", stdin="hi\nbye\n")
    assert "user: Say hi in Danish.\n" in done.out
    assert "user: Say bye in Danish.\n" in done.out


def test_tools_may_be_called(here: Here, openai_server: object) -> None:
    from curta.models import registry

    registry.add("tools", url=openai_server.url, model="tools")  # type: ignore[attr-defined]
    code = "def weather(city: str) -> str:\n    'The weather.'\n    return 'rain'\n"
    done = here("chat", "-m", "tools", "--functions", code, "--td", stdin="hi\n!cost\n")
    assert done.out == "The tools said: rain\n"
    assert "weather" in done.err
    assert "1 answer" in done.err


def test_a_limit_of_cost_is_for_the_whole_chat(here: Here) -> None:
    done = here("chat", "-m", "echo", "--max-cost", "0.01", stdin="hi\n")
    assert done.code != 0
    assert done.out == ""
    assert "price" in done.err


def test_the_log_answers_what_it_has_answered(here: Here, openai_server: Any) -> None:
    first, again = (here("chat", "-m", "hello", "--cache", stdin="hi\n") for _ in range(2))
    assert (first.out, again.code) == (again.out, 0)
    assert len(openai_server.requests) == 1


def test_a_model_is_found_by_part_of_its_name(here: Here) -> None:
    assert here("chat", "-q", "hell", stdin="hi\n").code == 0


def test_garbage_and_a_megabyte_are_messages_like_others(here: Here) -> None:
    garbage = bytes(each for each in range(256) if each != 10)
    done = here("chat", "-m", "hello", stdin=garbage + b"\n" + "ä🐦".encode() * 200_000 + b"\n\xef\xbb\xbfhi\n")
    assert done.out == "Hello, wörld! 👋🏽\n" * 3, done.err
    last, long, strange = curta.open_log().calls()
    assert last.prompt == "hi"
    assert len(long.prompt) == 400_000
    assert strange.prompt.startswith("\0\x01\x02")


def test_reasoning_is_on_stderr_for_a_person_only(here: Here) -> None:
    done = here("chat", "-m", "reasoning", stdin="hi\n")
    assert (done.out, done.err) == ("42\n", "")


def test_contradictions_of_the_command_line_are_refused(here: Here) -> None:
    here("-m", "hello", "hi")
    assert here("chat", "-c", "--from", "01", stdin="hi\n").code == 2
    assert here("chat", "--cid", "no such thing", stdin="hi\n").code == 1
    assert here("chat", "-m", "no-such-model", stdin="hi\n").code == 2
    assert "logs conversations" in here("chat", "--cid", "nothing", stdin="hi\n").err


def test_usage_is_told_after_each_answer_and_at_the_end(here: Here) -> None:
    done = here("chat", "-u", "-m", "hello", stdin="hi\nhi\n!cost\n!usage\n")
    assert done.err.count("hello-2026-01-01") == 2
    assert done.err.count("2 answers") == 2


def test_help_lists_the_commands(here: Here) -> None:
    from curta.cli.chat_commands import COMMANDS

    done = here("chat", "-m", "hello", stdin="!help\n")
    assert all(f"!{name}" in done.err for name in COMMANDS)
    assert done.out == ""
    assert "--name" in here("chat", "--help").out


def test_a_reader_who_leaves_ends_it_quietly(added: Curta, tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"yes hi | head -50 | {sys.executable} -m curta chat -m hello | head -1"],
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.stdout.decode() == "Hello, wörld! 👋🏽\n"
    assert done.stderr == b""
