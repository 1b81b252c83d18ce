"""Embedding models of plugins, Curta's own and those of `llm`: found by name, careful with bad items, blamed."""

from pathlib import Path

import pytest

from curta import config, plugins
from curta.errors import ModelError, PluginError
from curta.models import embedders
from curta.models.embedding.embedder import EmbedError, Vector
from tests.bridge.conftest import Site, installed, site
from tests.cli.conftest import Curta, curta

__all__ = ["curta", "installed", "site"]

PLUGIN = """
from curta.models.embedders import EmbedError
from curta.models.model import Facts
from curta.plugins import hookimpl


class Lengths:
    facts = Facts(where="this computer")

    def embed(self, items, *, query=False):
        for item in items:
            if item == "explode":
                raise ValueError("it exploded")
            yield EmbedError("I do not like it.") if item == "refused" else [float(len(item)), 1.0 if query else 0.0]


@hookimpl
def register_embedders(register):
    register("lengths", Lengths, aliases=("len",))
"""


@pytest.fixture
def lengths(home: Path) -> embedders.Embedder:
    folder = config.ensure_folder(home / "plugins")
    (folder / "lengths.py").write_text(PLUGIN)
    return embedders.embedder("len")


def test_a_plugin_s_model_embeds(lengths) -> None:
    assert (lengths.name, lengths.facts.where) == ("lengths", "this computer")
    assert list(lengths.embed(["a", "bcd"])) == [Vector([1, 0]), Vector([3, 0])]
    assert list(lengths.embed(["a"], query=True)) == [Vector([1, 1])]


def test_one_bad_item_costs_no_other_its_vector(lengths) -> None:
    found = list(lengths.embed(["a", "explode", "bc", "refused", "def"]))
    assert [isinstance(each, EmbedError) for each in found] == [False, True, False, True, False]
    assert "it exploded" in str(found[1])


def test_a_plugin_that_fails_for_everything_is_blamed(lengths) -> None:
    with pytest.raises(ModelError, match="lengths failed: ValueError: it exploded"):
        list(lengths.embed(["explode"] * 20))


def test_a_plugin_that_makes_no_vectors_is_blamed(home: Path) -> None:
    folder = config.ensure_folder(home / "plugins")
    (folder / "few.py").write_text(PLUGIN.replace("for item in items:", "for item in items[1:]:").replace("len", "few"))
    with pytest.raises((PluginError, ModelError), match="few"):
        list(embedders.embedder("fewgths").embed(["a", "b"] * 9))


def test_it_is_listed_and_used_from_the_command_line(lengths, curta: Curta) -> None:
    assert "lengths (aliases: len)" in curta("embed-models").out
    assert "embedding model" in curta("plugins").out
    assert curta("embed", "-m", "len", "-c", "abc").json == [3.0, 0.0]
    assert plugins.find("embedders", "len").name == "lengths"


def test_a_plugin_of_llm_embeds_and_names_its_bad_items(site: Site) -> None:
    letters = embedders.embedder("letters")
    assert letters.facts.where == "through llm plugin llm-keyed"
    first, second, third, last = letters.embed(["a", "bad", b"\x00\xff", "bcd"])
    assert (list(first), list(third), list(last)) == ([1, 0.5], [2, 0.5], [3, 0.5])
    assert "bad item" in str(second)


def test_a_collection_can_be_of_a_plugin_of_llm(site: Site, curta: Curta) -> None:
    done = curta("embed", "things", "a", "-m", "abc", "-c", "xyz", "--store")
    assert done.code == 0
    assert "goes through llm plugin llm-keyed" in done.err
    assert curta("similar", "things", "-c", "uvw").json["content"] == "xyz"
