"""A model of any wire, asked at the command line, and continued from the log in another process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curta.models import registry
from tests.servers.anthropic import AnthropicServer
from tests.servers.gemini import GeminiServer
from tests.servers.openai_responses import ResponsesServer


def curta(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "curta", *arguments],
        env={**os.environ, "CURTA_HOME": str(home), "DEMO_API_KEY": "a-key-for-nobody"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("wire", "server", "wanted_back"),
    [
        ("anthropic", AnthropicServer, "signature"),
        ("gemini", GeminiServer, "thoughtSignature"),
        ("openai_responses", ResponsesServer, "encrypted_content"),
    ],
)
def test_what_a_provider_wants_back_survives_in_the_log(home: Path, wire: str, server: Any, wanted_back: str) -> None:
    with server("a-key-for-nobody") as running:
        registry.add("mine", url=running.url, model="reasoning", key="demo", wire=wire)
        first = curta(home, "-m", "mine", "Six times seven?", "-u")
        assert (first.stdout, first.returncode) == ("42\n", 0)
        assert "3 cached" in first.stderr
        assert curta(home, "-c", "Sure?").stdout == "42\n"
        assert wanted_back in json.dumps(running.requests[-1].body)
