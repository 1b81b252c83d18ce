"""Pictures beside texts, where a model sees; a clear refusal where it does not."""

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from curta.api import finding, vectors
from curta.models.embedders import EmbedError, Vector, embedder, matching
from curta.models.embedding import described
from tests.cli.conftest import Curta, curta
from tests.servers.embeddings import vector

__all__ = ["curta"]
FORMS = ("jina", "vllm", "voyage")


def picture(description: str) -> bytes:
    """A PNG of one pixel that says what it shows."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    text = b"Description\0" + description.encode() + b"\0"
    chunks = ((b"IHDR", header), (b"tEXt", text), (b"IDAT", zlib.compress(b"\0\0\0\0")), (b"IEND", b""))
    whole = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)


@pytest.fixture(params=FORMS)
def seeing(request: pytest.FixtureRequest, openai_server: Any) -> str:
    """The name of a model that takes pictures in one of the forms."""
    described.add("seeing", url=openai_server.url, model=f"sees-{request.param}", images=request.param)
    return "seeing"


def test_texts_and_pictures_get_vectors_side_by_side(seeing: str) -> None:
    items = ["a red square", picture("a red square"), picture("a grey cat"), "  ", b"no picture", b"%PDF-1.4"]
    *found, empty, other, pdf = embedder(seeing).embed(items)
    assert [each for each in found if isinstance(each, EmbedError)] == []
    for made, words in zip(found, ("a red square", "a red square", "a grey cat"), strict=True):
        assert isinstance(made, Vector)
        assert list(made) == pytest.approx(vector(words), abs=1e-6)
    assert "empty" in str(empty)
    assert str(other) == str(pdf) == "It is no picture. PNG, JPEG, GIF and WebP are known."


def test_pictures_are_found_by_words(seeing: str, tmp_path: Path) -> None:
    photos = vectors.collection("photos", create=True)
    pictures = {f"{name}.png": picture(f"a {name}") for name in ("red square", "grey cat", "green hill")}
    assert vectors.keep(photos, pictures, model=seeing).new == 3
    assert vectors.similar(photos, "a cat", n=1)[0].id == "grey cat.png"
    assert vectors.similar(photos, picture("hill"), n=1)[0].id == "green hill.png"
    photos.close()
    assert finding.search("photos", "cat", 1)[0].uri == "grey cat.png"


def test_a_model_that_sees_says_so(seeing: str) -> None:
    (listing,) = matching([seeing])
    assert listing.images


def test_a_folder_of_pictures_is_embedded_and_searched(curta: Curta, openai_server: Any, tmp_path: Path) -> None:
    for name in ("red square", "grey cat"):
        (tmp_path / f"{name}.png").write_bytes(picture(f"a {name}"))
    (tmp_path / "text.png").write_text("no picture")
    given = ("--url", openai_server.url, "--model", "sees-jina")
    assert curta("embed-models", "add", "seeing", *given, "--images", "jina").code == 0
    assert "texts and pictures" in curta("embed-models", "-q", "seeing").out
    done = curta("embed-multi", "photos", "--files", ".", "*.png", "--binary", "-m", "seeing")
    assert done.code == 1
    assert "text.png: It is no picture." in done.err
    assert "Embedded 2." in done.err
    assert curta("similar", "photos", "-c", "cat", "-n", "1").json["id"] == "grey cat.png"
    assert curta("search", "photos", "cat", "--json").json[0]["uri"] == "grey cat.png"


def test_a_model_of_texts_refuses_a_picture_and_says_what_to_do(openai_server: Any) -> None:
    (refused,) = embedder(f"{openai_server.url}#embed").embed([picture("a cat")])
    assert "embeds texts, no binary data" in str(refused)
    assert "--images FORM" in str(refused)
    assert openai_server.requests == []
