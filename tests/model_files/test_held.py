"""Files that are known by name: found, verified again, removed."""

import json
import os
from pathlib import Path

import pytest

from curta.api import models
from curta.engine.files import held, removing
from curta.engine.files.held import ModelFile, forget, keep
from curta.engine.files.pulling import pull
from curta.errors import ConfigError, UnknownModel, UsageError
from tests.model_files.conftest import ADDRESS, REPO
from tests.servers.hub import Hub, gguf_file


def a_file(name: str, **facts: object) -> ModelFile:
    return ModelFile(name, Path("/nowhere/x.gguf"), "0" * 64, 10)._replace(**facts)


def test_a_file_is_found_by_its_name_and_by_the_choice_it_was() -> None:
    keep(a_file("qwen", choice="small"))
    assert held.find("small") == held.find("qwen") == a_file("qwen", choice="small")
    assert held.find("other") is None


def test_a_choice_stands_for_the_file_that_was_pulled_last() -> None:
    keep(a_file("old", choice="small"))
    keep(a_file("new", choice="small"))
    assert held.require("small").name == "new"
    assert held.require("old").choice == ""


def test_what_is_forgotten_is_unknown() -> None:
    keep(a_file("qwen"))
    forget("qwen")
    with pytest.raises(UnknownModel, match="qwen"):
        held.require("qwen")
    with pytest.raises(UnknownModel):
        forget("qwen")


@pytest.mark.parametrize("content", ['{"x": 1}', '{"x": {}}', '{"x": {"path": 3}}', "[]", "{"])
def test_a_damaged_list_is_named(home: Path, content: str) -> None:
    home.mkdir()
    (home / held.FILE).write_text(content)
    with pytest.raises(ConfigError, match=held.FILE):
        held.held()


def test_what_a_newer_curta_has_noted_is_passed_over(home: Path) -> None:
    keep(a_file("qwen"))
    noted = json.loads((home / held.FILE).read_text())
    noted["qwen"]["colour"] = "blue"
    (home / held.FILE).write_text(json.dumps(noted))
    assert held.find("qwen") == a_file("qwen")


# Verifying


def test_every_flipped_byte_is_found(hub: Hub, model: bytes) -> None:
    path = pull(ADDRESS).file.path.resolve()
    for place in (0, 4, 1000, len(model) // 2, len(model) - 1):
        changed = bytearray(model)
        changed[place] ^= 0x40
        path.write_bytes(changed)
        assert [each.state for each in models.verify()] == ["changed"]
    path.write_bytes(model)
    assert [each.state for each in models.verify(["tiny-Q8_0"])] == ["ok"]


def test_a_file_that_is_gone_or_cut_is_found(hub: Hub, model: bytes) -> None:
    path = pull(ADDRESS).file.path.resolve()
    path.write_bytes(model[:1000])
    assert [each.state for each in models.verify()] == ["changed"]
    path.unlink()
    assert [each.state for each in models.verify()] == ["missing"]


# Removing


def test_removing_a_file_frees_its_bytes_and_every_link_to_them(hub: Hub, model: bytes, cache: Path) -> None:
    pull(ADDRESS)
    other = cache / "snapshots" / ("d" * 40)
    other.mkdir()
    (other / "tiny-Q8_0.gguf").symlink_to(f"../../blobs/{held.require('tiny-Q8_0').sha256}")
    assert models.remove("tiny-Q8_0").bytes == len(model)
    assert not cache.exists()
    assert held.held() == {}


def test_removing_a_file_leaves_the_others_of_its_repository(hub: Hub, cache: Path) -> None:
    pull(ADDRESS)
    hub.files[REPO, "folder/other.gguf"] = other = gguf_file(b"other")
    pull(f"hf:{REPO}/folder/other.gguf")
    models.remove("tiny-Q8_0")
    assert held.require("other").path.read_bytes() == other
    assert (cache / "refs/main").read_text() == hub.commits[REPO]


def test_a_file_with_two_names_stays_with_the_other(hub: Hub, model: bytes) -> None:
    pull(ADDRESS)
    pull(ADDRESS, name="again")
    assert models.remove("again").kept == "another name stands for the same file"
    assert held.require("tiny-Q8_0").path.read_bytes() == model


def test_a_file_that_is_gone_can_be_forgotten(hub: Hub) -> None:
    pull(ADDRESS).file.path.resolve().unlink()
    assert removing.remove("tiny-Q8_0").kept == "it is gone already"
    assert pull(ADDRESS).new


def test_where_the_disk_knows_no_links_a_copy_will_do(hub: Hub, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refused)
    monkeypatch.setattr(os, "link", refused)
    path = pull(ADDRESS).file.path
    assert not path.is_symlink()
    assert path.read_bytes() == model
    assert not pull(ADDRESS, name="again").new


# The default


def test_the_first_model_that_was_pulled_is_the_default_until_it_is_removed(hub: Hub) -> None:
    from curta.models import registry

    models.pull(ADDRESS)
    assert registry.default() == "tiny-Q8_0"
    models.pull(ADDRESS, name="second")
    assert registry.default() == "tiny-Q8_0"
    models.remove("tiny-Q8_0")
    assert registry.default() == registry.BUILT_IN


def test_no_file_takes_the_name_of_the_built_in_model(hub: Hub) -> None:
    with pytest.raises(UsageError, match="built-in"):
        models.pull(ADDRESS, name="extractive")
