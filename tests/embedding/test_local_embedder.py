"""Embedding models whose files are on this computer: the engine of chat models makes their vectors."""

import pytest

import curta
from curta.engine.files.held import ModelFile, keep
from curta.errors import UnknownModel
from curta.models import embedders
from curta.models.embedding.embedder import EmbedError, Vector


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one.unit() or [], other.unit() or [], strict=True))


def test_vectors_come_in_order_and_an_empty_text_has_none(tiny_embedder: ModelFile) -> None:
    model = embedders.embedder("tiny-embedder")
    kite, drum, nothing, again = model.embed(["Eva lost a kite.", "Ben has a drum.", " ", "Eva lost a kite."])
    assert isinstance(nothing, EmbedError)
    assert isinstance(kite, Vector)
    assert len(kite) == model.dim == 128
    assert cosine(kite, again) == pytest.approx(1, abs=1e-5)
    assert cosine(kite, drum) < 0.999
    assert model.used.tokens


def test_a_text_too_long_is_cut_and_says_so(tiny_embedder: ModelFile) -> None:
    long = "Eva lost a red kite in Oslo. " * 200
    short, cut = embedders.embedder("tiny-embedder").embed(["Eva.", long])
    assert short.cut is None
    assert 100 < cut.cut < len(long)


def test_the_file_is_what_vectors_depend_on_not_its_name(tiny_embedder: ModelFile) -> None:
    keep(tiny_embedder._replace(name="another"))
    one, other = embedders.embedder("tiny-embedder"), embedders.embedder("another")
    assert one.identity == other.identity


def test_a_chat_model_on_this_computer_is_no_embedder(tiny_held: ModelFile) -> None:
    with pytest.raises(UnknownModel):
        embedders.embedder("tiny")


def test_it_is_listed_as_of_this_computer(tiny_embedder: ModelFile) -> None:
    (listing,) = embedders.matching(["tiny-embedder"])
    assert listing.ready
    assert listing.facts.where == "this computer"


def test_embed_uses_it_when_it_is_the_default(tiny_embedder: ModelFile) -> None:
    embedders.set_default_embedder("tiny-embedder")
    assert len(curta.embed("Eva lost a kite.")) == 128
