"""The loopback server is what it claims to be: the official client understands it, and it refuses what is not valid."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.servers.openai import OpenAIServer, complaint

ROOT = Path(__file__).parents[2]
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}
HI = [{"role": "user", "content": "hi"}]


@pytest.fixture
def client(openai_server: OpenAIServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=openai_server.url, api_key="sk-test", max_retries=0) as client:
        yield client


def test_the_official_client_reads_a_whole_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="hello", messages=HI)  # type: ignore[arg-type]
    assert answer.choices[0].message.content == "Hello, wörld! 👋🏽"
    assert (answer.choices[0].finish_reason, answer.usage and answer.usage.completion_tokens) == ("stop", 3)


def test_the_official_client_reads_a_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="drip",
        messages=HI,
        stream=True,
        stream_options={"include_usage": True},  # type: ignore[arg-type]
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Hello, wörld! 👋🏽"
    assert chunks[-1].usage is not None


def test_the_official_client_reads_tool_calls(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="tools", messages=HI, tools=[TOOL])  # type: ignore[arg-type,list-item]
    calls = answer.choices[0].message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in calls if call.type == "function"] == [
        ("f", '{"n": 1}')
    ]


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("error-400", openai.BadRequestError),
        ("error-401", openai.AuthenticationError),
        ("missing", openai.NotFoundError),
        ("error-429", openai.RateLimitError),
        ("error-500", openai.InternalServerError),
    ],
)
def test_the_official_client_knows_its_errors(client: openai.OpenAI, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.chat.completions.create(model=model, messages=HI)  # type: ignore[arg-type]


def test_the_official_client_lists_models(client: openai.OpenAI) -> None:
    assert "hello" in {model.id for model in client.models.list()}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": [{"role": "wizard", "content": "x"}]}, "role: Input should be"),
        ({"model": "m", "messages": [{"role": "user"}]}, "content"),
        ({"model": "m", "messages": HI, "temperature": "hot"}, "temperature"),
        ({"model": "m", "messages": HI, "temprature": 1}, "temprature"),
        ({"model": "m", "messages": [{"role": "user", "content": [{"type": "picture"}]}]}, "type: Input should be"),
        ({"model": "m", "messages": HI, "tools": [{"type": "function"}]}, "function: Field required"),
    ],
)
def test_what_does_not_fit_the_official_types_is_refused(body: dict[str, object], words: str) -> None:
    assert words in complaint(body)


def test_a_script_goes_before_the_models_name(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.script("one", "two")
    said = [client.chat.completions.create(model="hello", messages=HI) for _ in range(3)]  # type: ignore[arg-type]
    assert [answer.choices[0].message.content for answer in said] == ["one", "two", "Hello, wörld! 👋🏽"]
    assert [request.body["model"] for request in openai_server.requests] == ["hello"] * 3


def test_an_echo_says_what_was_sent(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="echo", messages=HI, seed=1)  # type: ignore[arg-type]
    assert answer.choices[0].message.content == "user: hi\nfields: model, seed"


def test_it_runs_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.servers.openai"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        url = server.stdout.readline().strip()
        with openai.OpenAI(base_url=url, api_key="sk-test") as client:
            answer = client.chat.completions.create(model="schema", messages=HI, response_format=_form())  # type: ignore[call-overload]
        server.stdin.close()
    assert server.returncode == 0
    assert json.loads(answer.choices[0].message.content) == {"n": 1}


def _form() -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}
