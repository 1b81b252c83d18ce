"""Files of other programs are found and used where they are, verified, and never changed."""

import hashlib
from pathlib import Path

import pytest

from curta.engine.files import held
from curta.engine.files.adopting import adopt, found
from curta.engine.files.pulling import pull
from curta.engine.files.removing import remove
from curta.errors import UnknownModel, UsageError, WrongFile
from tests.model_files.conftest import ADDRESS
from tests.servers.hub import Hub, gguf_file
from tests.servers.ollama import keep_model


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of the user."""
    folder = tmp_path / "user"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def in_ollama(user: Path, content: bytes, *name: str) -> Path:
    return keep_model(user / ".ollama/models", content, *name)


def test_a_model_of_ollama_is_used_in_place(user: Path, model: bytes) -> None:
    blob = in_ollama(user, model, "registry.ollama.ai", "library", "llama3.2", "1b")
    adopted = adopt("llama3.2:1b")
    assert adopted.said
    assert held.find("llama3.2:1b") == adopted.file
    assert (adopted.file.path, adopted.file.licence, adopted.file.context) == (blob, "Apache License", 512)
    assert adopted.file.origin == "ollama:llama3.2:1b"
    assert found() == []


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (("registry.ollama.ai", "library", "phi4", "latest"), "phi4"),
        (("registry.ollama.ai", "somebody", "tuned", "7b"), "somebody/tuned:7b"),
        (("hf.co", "maker", "repo", "Q4_K_M"), "maker/repo:Q4_K_M"),
    ],
)
def test_it_has_the_name_it_has_in_ollama(user: Path, model: bytes, place: tuple[str, ...], name: str) -> None:
    in_ollama(user, model, *place)
    assert [each.name for each in found()] == [name]


def test_a_damaged_blob_of_ollama_is_caught(user: Path, model: bytes) -> None:
    blob = in_ollama(user, model, "registry.ollama.ai", "library", "bad", "latest")
    blob.write_bytes(model[:-1] + b"!")
    with pytest.raises(WrongFile, match="is damaged"):
        adopt("bad")
    assert held.held() == {}


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"layers": 3}',
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../etc/passwd"}]}',
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model"}]}',
        b'{"layers": ' + b"[" * 100_000,
    ],
)
def test_a_manifest_that_is_none_is_passed_over(user: Path, manifest: bytes) -> None:
    path = user / ".ollama/models/manifests/registry.ollama.ai/library/odd/latest"
    path.parent.mkdir(parents=True)
    path.write_bytes(manifest)
    assert found() == []


def test_a_model_of_lm_studio_is_taken_as_it_is_and_that_is_said(user: Path, model: bytes) -> None:
    path = user / ".lmstudio/models/maker/repo/tiny.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(model)
    (path.parent / "mmproj-tiny.gguf").write_bytes(model)
    (path.parent / "big-00001-of-00002.gguf").write_bytes(model)
    adopted = adopt("tiny")
    assert not adopted.said
    assert adopted.file.sha256 == hashlib.sha256(model).hexdigest()
    assert adopted.file.path == path


def test_lm_studio_may_have_moved_its_folder(user: Path, model: bytes) -> None:
    path = user / "disk/models/maker/repo/tiny.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(model)
    (user / ".lmstudio-home-pointer").write_text(f"{user}/disk\n")
    assert [each.path for each in found()] == [path]


def test_what_another_program_left_in_the_hubs_cache_is_verified_by_its_name(hub: Hub, model: bytes) -> None:
    path = pull(ADDRESS).file.path
    held.forget("tiny-Q8_0")
    assert [(each.name, each.program) for each in found()] == [("tiny-Q8_0", "Hub cache")]
    path.resolve().write_bytes(model[:-1] + b"!")
    with pytest.raises(WrongFile):
        adopt("tiny-Q8_0")
    path.resolve().write_bytes(model)
    assert adopt("tiny-Q8_0").file.origin.startswith(f"{ADDRESS}@")


def test_an_encoder_is_known_as_one(user: Path) -> None:
    in_ollama(user, gguf_file(b"vectors", architecture="bert"), "registry.ollama.ai", "library", "minilm", "latest")
    assert adopt("minilm").file.kind == "embedding"


def test_what_is_no_model_is_refused(user: Path) -> None:
    in_ollama(user, b"MZ a program", "registry.ollama.ai", "library", "odd", "latest")
    with pytest.raises(WrongFile, match="no GGUF file"):
        adopt("odd")


def test_an_adopted_file_is_never_deleted(user: Path, model: bytes) -> None:
    blob = in_ollama(user, model, "registry.ollama.ai", "library", "phi4", "latest")
    adopt("phi4")
    assert remove("phi4").kept == "it belongs to another program"
    assert blob.read_bytes() == model
    assert [each.name for each in found()] == ["phi4"]


def test_names_are_unambiguous(user: Path, model: bytes) -> None:
    in_ollama(user, model, "registry.ollama.ai", "library", "phi4", "latest")
    with pytest.raises(UnknownModel):
        adopt("phi5")
    adopt("phi4", as_name="mine")
    in_ollama(user, gguf_file(b"other"), "registry.ollama.ai", "library", "mine", "latest")
    with pytest.raises(UsageError, match="already"):
        adopt("mine")
