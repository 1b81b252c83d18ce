"""Names of tools: as their server has them where every provider takes them, and never two alike."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.tools.mcp import naming, servers
from curta.tools.mcp.settings import Server
from tests.tools_mcp.calling import call, said

TAKEN_BY_PROVIDERS = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,63}")


@pytest.mark.parametrize(
    ("tool", "offered"),
    [
        ("read", "files_read"),
        ("read_file-2", "files_read_file-2"),
        ("files.read/all", "files_files_read_all"),
        ("größe", "files_gr_e"),
        ("x" * 58, "files_" + "x" * 58),
    ],
)
def test_a_name_stays_as_it_is_where_it_can(tool: str, offered: str) -> None:
    assert naming.offered("files", tool) == offered


@given(st.lists(st.text(), unique=True, max_size=12), st.from_regex(r"[a-zA-Z][a-zA-Z0-9_-]{0,31}", fullmatch=True))
def test_every_tool_gets_a_name_of_its_own_that_providers_take(tools: list[str], server: str) -> None:
    taken: set[str] = set()
    for tool in tools:
        name = naming.offered(server, tool, taken)
        assert TAKEN_BY_PROVIDERS.fullmatch(name)
        assert name not in taken
        assert name.startswith(f"{server}_")
        taken.add(name)


def test_tools_whose_names_look_alike_are_told_apart(bad: Callable[..., Server]) -> None:
    names = ["a.b", "a/b", "a b", "日本", "中国", "a_b", "", "x" * 200]
    bad(*({"name": name} for name in names), calls={name: {"text": name} for name in names})
    for tool in servers.get("bad").tools:
        assert said(call(tool.offered)) == tool.listed.name


def test_a_tool_keeps_its_name_when_others_come(bad: Callable[..., Server], script: Callable[..., object]) -> None:
    bad({"name": "a.b"})
    script({"name": "a_b"}, {"name": "a.b"})
    servers.review("bad").accept()
    offered = {each.listed.name: each.offered for each in servers.get("bad").tools}
    assert offered["a.b"] == "bad_a_b"
    assert offered["a_b"] != "bad_a_b"


def test_schemas_with_references_reach_the_model_as_they_are(good: Server) -> None:
    (visit,) = servers.functions("good/visit")
    assert visit.tool.parameters["properties"]["place"]["$ref"] == "#/$defs/Place"
    assert "Place" in visit.tool.parameters["$defs"]
    assert said(call("good/visit", place={"name": "Rome", "near": [{"name": "Ostia"}]})) == "Rome"


def test_a_tool_without_arguments_has_the_schema_of_an_empty_object(bad: Callable[..., Server]) -> None:
    bad({"name": "ask", "inputSchema": {"type": "object"}})
    (ask,) = servers.functions("bad/ask")
    assert ask.tool.parameters == {"type": "object", "properties": {}}
