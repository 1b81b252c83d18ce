"""The catalogue: data that holds until another is taken in use, with its hashes over those of any hub."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from curta import config
from curta.engine.files import catalogue, held
from curta.engine.files.offered import offered
from curta.engine.files.pulling import pull
from curta.errors import ConfigError, UnknownModel, UsageError, WrongFile
from tests.model_files.conftest import FILE, REPO
from tests.servers.hub import Hub, gguf_file

ENTRY: dict[str, Any] = {
    "id": "tiny",
    "repo": REPO,
    "file": FILE,
    "choice": "small",
    "licence": "MIT",
    "context": 400,
    "data": "unknown",
}


def written(folder: Path, *models: dict[str, Any]) -> str:
    path = folder / "catalogue.json"
    path.write_text(json.dumps({"by": "a test", "date": "2026-11-22", "models": models or [ENTRY]}))
    return str(path)


def test_curtas_own_has_a_choice_for_each_need() -> None:
    entries = catalogue.in_use().entries
    assert [name for each in entries if (name := each.choice)] == ["small", "better", "open", "embedding"]
    assert all(each.licence and each.licence_url and each.data for each in entries)
    assert all(len(each.revision) == 40 for each in entries if each.sha256)


def test_a_choice_and_an_id_are_both_names() -> None:
    assert catalogue.find("small") == catalogue.find("qwen3.5-2b")
    assert catalogue.find("nothing") is None


def test_a_model_is_pulled_by_its_choice(hub: Hub, tmp_path: Path) -> None:
    catalogue.update(written(tmp_path))
    file = pull("small").file
    assert (file.name, file.choice, file.licence, file.context) == ("tiny", "small", "MIT", 400)
    assert file.training_data == "unknown"
    assert held.find("small") == file
    assert [each.held for each in offered()] == [True]


def test_without_a_hash_that_of_the_first_pull_holds(hub: Hub, tmp_path: Path) -> None:
    catalogue.update(written(tmp_path))
    first = pull("small").file
    first.path.resolve().unlink()
    hub.put(REPO, FILE, gguf_file(b"another"))
    hub.commits[REPO] = first.origin.partition("@")[2]  # a hub that changed what a commit holds
    with pytest.raises(WrongFile, match="has another file"):
        pull("small")


def test_a_hash_of_the_catalogue_overrules_the_hub(hub: Hub, tmp_path: Path) -> None:
    catalogue.update(written(tmp_path, {**ENTRY, "sha256": "0" * 64}))
    with pytest.raises(WrongFile, match="as the catalogue had it"):
        pull("small")
    assert hub.downloads() == []


def test_a_renewed_catalogue_brings_the_renewed_file(hub: Hub, model: bytes, tmp_path: Path) -> None:
    catalogue.update(written(tmp_path, {**ENTRY, "sha256": hashlib.sha256(model).hexdigest()}))
    pull("small")
    newer = gguf_file(b"a better one")
    commit = hub.put(REPO, FILE, newer)
    entry = {**ENTRY, "revision": commit, "sha256": hashlib.sha256(newer).hexdigest()}
    catalogue.update(written(tmp_path, entry))
    assert pull("small").file.path.read_bytes() == newer


def test_another_catalogue_holds_until_the_own_one_is_wanted_back(tmp_path: Path) -> None:
    source = written(tmp_path)
    assert catalogue.update(source).source == source
    assert [each.id for each in catalogue.in_use().entries] == ["tiny"]
    assert catalogue.in_use().by == "a test"
    catalogue.reset()
    assert catalogue.in_use().source == catalogue.BUILT_IN


def test_a_catalogue_comes_from_a_url_with_the_hash_that_was_given(hub: Hub, tmp_path: Path) -> None:
    content = Path(written(tmp_path)).read_bytes()
    hub.files["x/y", "catalogue"] = content
    url = f"{hub.storage}/stored/{hashlib.sha256(content).hexdigest()}"
    with pytest.raises(WrongFile):
        catalogue.update(url, "0" * 64)
    assert catalogue.update(url, hashlib.sha256(content).hexdigest()).source == url


def test_a_catalogue_that_was_changed_afterwards_is_refused(tmp_path: Path) -> None:
    catalogue.update(written(tmp_path))
    path = config.home() / catalogue.FILE
    path.write_text(path.read_text().replace("MIT", "GPL"))
    with pytest.raises(ConfigError, match="was changed"):
        catalogue.in_use()
    catalogue.reset()
    assert catalogue.in_use().by == "Curta"


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "repo": "../../etc"},
        {**ENTRY, "file": "../x.gguf"},
        {**ENTRY, "file": ""},
        {**ENTRY, "sha256": "abc"},
        {**ENTRY, "bytes": "many"},
        {**ENTRY, "kind": "oracle"},
        {**ENTRY, "id": "two words"},
        {**ENTRY, "id": "\x1b[2J"},
        {**ENTRY, "choice": "tiny"},
        {"id": "tiny"},
        "tiny",
    ],
)
def test_what_is_no_catalogue_is_refused(tmp_path: Path, entry: Any) -> None:
    with pytest.raises(UsageError, match="no catalogue"):
        catalogue.update(written(tmp_path, entry))
    assert catalogue.in_use().source == catalogue.BUILT_IN


@pytest.mark.parametrize("source", ["/dev/zero", "/dev/null", "/nowhere", "/"])
def test_what_is_no_file_to_read_is_refused(source: str) -> None:
    with pytest.raises(UsageError):
        catalogue.update(source)


def test_a_name_that_is_almost_one_is_proposed() -> None:
    with pytest.raises(UnknownModel) as caught:
        pull("smal")
    assert "small" in caught.value.why


def test_part_of_a_name_finds_the_names_it_is_in() -> None:
    assert catalogue.unknown("qwen").why == "Close to it: qwen3.5-2b, qwen3.5-4b."
    assert catalogue.unknown("smal").why == "Close to it: small."
