"""Texts become vectors, one bad item is an EmbedError, and names find embedding models."""

import asyncio
import json
import math
import random

import llm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta import config, http
from curta.errors import BadKey, MissingKey, ModelError, RateLimited, UnknownModel, Unreachable, UsageError
from curta.models import embedders, registry
from curta.models.embedding import described
from curta.models.embedding.asking import batches, shortened
from curta.models.embedding.embedder import EmbedError, Prefixes, Vector
from curta.models.embedding.served import ServedEmbedder
from tests.servers import embeddings
from tests.servers.openai import Failure, OpenAIServer


@pytest.fixture
def served(openai_server: OpenAIServer):
    """`served("embed-picky")` is the loopback server's model of this name."""

    def make(model: str, **how) -> ServedEmbedder:
        described.add(model, url=openai_server.url, model=model, **how)
        return embedders.embedder(model)

    return make


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "sleep", lambda seconds: None)


def asked(server: OpenAIServer) -> list[list[str]]:
    return [each.body["input"] for each in server.requests]


# Vectors


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6), max_size=40))
def test_vectors_are_packed_as_llm_packs_them_and_come_back(values: list[float]) -> None:
    assert Vector(values).packed() == llm.encode(values)
    assert Vector.unpacked(Vector(values).packed()) == Vector(values)


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=40))
def test_a_unit_vector_has_length_one_or_there_is_none(values: list[float]) -> None:
    unit = Vector(values).unit()
    if unit is None:
        assert math.hypot(*Vector(values)) < 1e-30
    else:
        assert math.hypot(*unit) == pytest.approx(1, abs=1e-4)


# Asking


def test_a_vector_for_each_text_in_order(served, openai_server) -> None:
    texts = [f"text number {n}" for n in range(250)]
    embedder = served("embed")
    assert list(embedder.embed(texts)) == [Vector(embeddings.vector(text)) for text in texts]
    assert [len(each) for each in asked(openai_server)] == [100, 100, 50]
    assert (embedder.dim, embedder.used.requests, embedder.used.tokens) == (64, 3, 750)


def test_async_code_gets_the_same(served) -> None:
    embedder, texts = served("embed-picky"), ["one", "BAD", "three"]

    async def arrived() -> list[object]:
        return [each async for each in embedder.aembed(texts)]

    assert asyncio.run(arrived()) == list(embedder.embed(texts))


def test_openai_is_asked_for_base64_and_others_are_not() -> None:
    from curta.models.embedding.openai import encode
    from curta.models.wires.served import Endpoint

    assert b'"encoding_format": "base64"' in encode(Endpoint("https://api.openai.com/v1", "m"), ["a"]).body
    assert b"encoding_format" not in encode(Endpoint("http://127.0.0.1:8080/v1", "m"), ["a"]).body


@pytest.mark.parametrize("form", ["base64", "float"])
def test_both_forms_of_vectors_are_read(openai_server, form: str) -> None:
    from curta.models.embedding.openai import decode
    from curta.models.wires.failures import Source

    body = embeddings.answer({"model": "embed", "input": ["a b", "c"], "encoding_format": form}, 0)
    answer = decode(Source("host", "embed"), json.dumps(body).encode(), 2)
    assert answer.vectors == [Vector(embeddings.vector("a b")), Vector(embeddings.vector("c"))]
    assert answer.tokens == 3


@pytest.mark.parametrize("model", ["embed-picky", "embed-partial"])
def test_one_bad_item_costs_no_other_its_vector(served, model: str) -> None:
    texts = [f"good {n}" if n not in (3, 40) else f"BAD {n}" for n in range(60)]
    found = list(served(model).embed(texts))
    assert [n for n, each in enumerate(found) if isinstance(each, EmbedError)] == [3, 40]
    assert "cannot be embedded" in str(found[3])
    assert found[59] == Vector(embeddings.vector("good 59"))


def test_bytes_and_empty_texts_are_not_sent(served, openai_server) -> None:
    found = list(served("embed").embed(["a", b"\xff", "", " \n", "b"]))
    assert [isinstance(each, EmbedError) for each in found] == [False, True, True, True, False]
    assert asked(openai_server) == [["a", "b"]]


def test_nothing_is_sent_when_no_item_can_be(served, openai_server) -> None:
    assert all(isinstance(each, EmbedError) for each in served("embed").embed(["", b"x"]))
    assert openai_server.requests == []


def test_what_is_too_long_is_cut_at_a_sentence_and_marked(served) -> None:
    text = "This is a sentence of seven words. " * 20
    first, second = served("embed-short").embed(["short", text])
    assert first.cut is None
    assert 0 < second.cut < len(text)
    assert text[: second.cut].endswith(".")
    assert second == Vector(embeddings.vector(text[: second.cut]))


@given(st.text(min_size=2, max_size=400), st.one_of(st.none(), st.integers(1, 50)))
def test_a_shortened_text_is_a_shorter_beginning(text: str, context: int | None) -> None:
    assert text.startswith(shortened(text, context))
    assert 0 < len(shortened(text, context)) <= max(1, len(text) - 1)


def test_numbers_that_are_none_are_no_vector(served) -> None:
    assert all(isinstance(each, EmbedError) for each in served("embed-nan").embed(["a", "b"]))


def test_a_vector_that_is_missing_is_the_item_s_own_trouble(served) -> None:
    first, last = served("embed-fewer").embed(["a", "b"])
    assert isinstance(first, Vector)
    assert isinstance(last, EmbedError)


def test_vectors_are_put_in_order_by_their_number(served) -> None:
    assert list(served("embed-shuffled").embed(["a", "b", "c"])) == [Vector(embeddings.vector(x)) for x in "abc"]


def test_a_model_that_changes_the_length_of_its_vectors_is_refused(served) -> None:
    with pytest.raises(ModelError, match=r"embed-changing.* 72 dimensions; 64"):
        list(served("embed-changing", batch=1).embed(["a", "b", *"cdefgh"]))


def test_dimensions_are_asked_for_and_held_to(served, openai_server) -> None:
    assert len(next(iter(served("embed", dimensions=16).embed(["a"])))) == 16
    assert openai_server.requests[0].body["dimensions"] == 16
    with pytest.raises(ModelError, match="64 dimensions; 16"):
        list(served("embed-stubborn", dimensions=16).embed(["a"]))


def test_rate_limits_are_waited_for(served, openai_server) -> None:
    openai_server.script(Failure(429, headers={"retry-after": "2"}), Failure(503))
    assert isinstance(next(iter(served("embed").embed(["a"]))), Vector)
    assert len(openai_server.requests) == 3


@pytest.mark.parametrize(("status", "error"), [(401, BadKey), (429, RateLimited), (404, ModelError)])
def test_what_concerns_every_item_ends_the_run_at_once(served, openai_server, status: int, error: type) -> None:
    with pytest.raises(error):
        list(served(f"error-{status}").embed([f"item {n}" for n in range(50)]))
    assert len(openai_server.requests) <= 5


def test_a_server_that_refuses_everything_is_not_asked_for_each_item(served, openai_server) -> None:
    with pytest.raises(ModelError):
        list(served("error-400").embed([f"item {n}" for n in range(100)]))
    assert len(openai_server.requests) < 30


def test_no_server_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        list(embedders.embedder("http://127.0.0.1:9/v1#model").embed(["a"]))


@given(st.lists(st.text(max_size=30)), st.integers(1, 7), st.integers(1, 40))
def test_batches_keep_every_item_in_order_and_their_limits(items: list[str], most: int, characters: int) -> None:
    found = list(batches(items, most, characters))
    assert [each for batch in found for each in batch] == items
    assert all(len(batch) <= most and (len(batch) == 1 or sum(map(len, batch)) <= characters) for batch in found)


def test_odd_texts_arrive(served) -> None:
    rng = random.Random(0)
    texts = ["\ud800 alone", "\x00", "👩🏽‍🚀", "ﷺ" * 100, "".join(chr(rng.randrange(32, 0xD7FF)) for _ in range(5000))]
    assert all(isinstance(each, Vector) for each in served("embed").embed(texts))


# Prefixes


def test_prefixes_belong_to_the_model_and_are_put_once(served, openai_server) -> None:
    embedder = served("embed", prefixes=Prefixes("query: ", "passage: "))
    list(embedder.embed(["a", "passage: b"]))
    list(embedder.embed(["a"], query=True))
    assert asked(openai_server) == [["passage: a", "passage: b"], ["query: a"]]


@pytest.mark.parametrize(
    ("id", "query", "document"),
    [
        ("nomic-embed-text", "search_query: ", "search_document: "),
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "", ""),
        ("text-embedding-3-small", "", ""),
    ],
)
def test_families_of_models_want_prefixes_wherever_they_are_served(id: str, query: str, document: str) -> None:
    assert described.known_prefixes(id) == Prefixes(query, document)
    assert embedders.embedder(f"http://127.0.0.1:9/v1#{id}").prefixes == Prefixes(query, document)


# Names


def test_the_catalogue_knows_what_llm_knows() -> None:
    for each in llm.get_embedding_models_with_aliases():
        if type(each.model).__name__ == "OpenAIEmbeddingModel":
            ours = embedders.embedder(each.model.model_id)
            assert (ours.described.id, ours.described.dimensions) == (each.model.openai_model_id, each.model.dimensions)
            assert {embedders.resolve(alias) for alias in each.aliases} == {ours.name}


def test_a_key_is_needed_only_to_embed() -> None:
    embedder = embedders.embedder("3-small")
    assert embedder.facts.where == "api.openai.com"
    assert embedder.facts.price.input == 0.02
    with pytest.raises(MissingKey):
        next(embedder.embed(["a"]))


def test_a_catalogued_model_at_another_url_has_no_price(openai_server, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    assert embedders.embedder("3-small").facts.price is None


def test_models_added_for_chat_embed_too(openai_server) -> None:
    registry.add("mine", url=openai_server.url, model="embed")
    assert isinstance(next(iter(embedders.embedder("mine").embed(["a"]))), Vector)


def test_an_address_is_a_name(openai_server) -> None:
    assert isinstance(next(iter(embedders.embedder(f"{openai_server.url}#embed").embed(["a"]))), Vector)


def test_an_unknown_name_is_told_with_what_is_close() -> None:
    with pytest.raises(UnknownModel, match="text-embedding-3-small"):
        embedders.embedder("text-embeding-3-smal")


def test_without_a_default_a_model_has_to_be_named() -> None:
    with pytest.raises(UnknownModel, match="curta embed-models default NAME"):
        embedders.embedder()


def test_the_default_is_chosen_by_alias_and_kept_by_name() -> None:
    embedders.set_default_embedder("3-small")
    assert embedders.embedder().name == embedders.default_embedder() == "text-embedding-3-small"
    embedders.set_default_embedder(None)
    assert embedders.default_embedder() is None


def test_the_default_of_llm_is_the_default(tmp_path) -> None:
    config.ensure_folder(tmp_path / "llm")
    (tmp_path / "llm/default_embedding_model.txt").write_text("text-embedding-3-small\n")
    assert embedders.embedder().name == "text-embedding-3-small"


def test_a_model_that_cannot_be_is_not_added() -> None:
    for name, how in {"": {}, "-x": {}, "x": {"url": "ftp://x"}, "y": {"dimensions": 0}}.items():
        with pytest.raises(UsageError):
            described.add(name, **{"url": "http://127.0.0.1:9/v1", "model": "m", **how})


def test_a_model_of_a_provider_is_the_same_behind_a_gateway(monkeypatch) -> None:
    direct = embedders.embedder("3-small").identity
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert embedders.embedder("3-small").identity == direct != embedders.embedder("3-small-512").identity


def test_two_servers_of_one_name_are_not_one_model() -> None:
    described.add("mine", url="http://127.0.0.1:9/v1", model="m")
    first = embedders.embedder("mine").identity
    described.add("mine", url="http://127.0.0.1:10/v1", model="m")
    assert embedders.embedder("mine").identity != first
