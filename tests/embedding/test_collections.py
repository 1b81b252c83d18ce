"""Collections keep vectors by id and hash, in an index or in a database that `llm` reads and writes too."""

import math
import sqlite3
from pathlib import Path

import llm
import numpy as np
import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from curta import collections, config
from curta.collections import embedding
from curta.collections.collection import Item
from curta.collections.rows import Misread
from curta.errors import IndexFileError, ModelError, UnknownIndex, UsageError, WrongVectors
from curta.models import embedders
from curta.models.embedding import described
from curta.models.embedding.embedder import Vector
from curta.store import open_log
from tests.servers import embeddings
from tests.servers.openai import Failure


class OfTheServer(llm.EmbeddingModel):
    """The loopback server's vectors, for `llm`."""

    model_id = "embed"

    def embed_batch(self, items, *, key=None):
        return (embeddings.vector(item) for item in items)


@pytest.fixture
def embedder(openai_server):
    described.add("embed", url=openai_server.url, model="embed")
    return embedders.embedder("embed")


@pytest.fixture(params=["in an index", "in a database of llm's form"])
def made(request, tmp_path: Path):
    """`made(name)` is a collection, in either place."""
    database = None if request.param == "in an index" else tmp_path / "some.db"
    return lambda name="things": collections.open(name, database=database, create=True)


def fill(collection, embedder, contents: dict[str, str], **how):
    return list(embedding.embed_many(collection, [Item(*each) for each in contents.items()], embedder, **how))[-1]


def sent(server) -> list[str]:
    return [text for each in server.requests for text in each.body["input"]]


# What is kept


def test_what_is_kept_is_found(made, embedder) -> None:
    things = made()
    fill(things, embedder, {"a": "red apples", "b": "green pears", "c": "red wine"}, store=True)
    first, second, _ = embedding.similar(things, "apples that are red")
    assert (first.id, first.content, second.id) == ("a", "red apples", "c")
    assert first.score > second.score
    assert (things.count(), things.model) == (3, "embed")


def test_scores_are_cosines(made, embedder) -> None:
    things, texts = made(), ["one two", "two three", "three four"]
    fill(things, embedder, {text: text for text in texts})
    query = np.array(embeddings.vector("two"))
    for each in embedding.similar(things, "two"):
        assert each.score == pytest.approx(query @ np.array(embeddings.vector(each.id)), abs=2e-3)


def test_similar_to_an_entry_leaves_it_out(made, embedder) -> None:
    things = made()
    fill(things, embedder, {"a": "x y", "b": "x y", "c": "z"})
    assert [each.id for each in embedding.similar(things, id="a")] == ["b", "c"]
    assert [each.id for each in embedding.similar(things, id="a", n=1)] == ["b"]


def test_a_prefix_is_of_the_id_and_nothing_else(made, embedder) -> None:
    things = made()
    fill(things, embedder, {"x%a": "one", "x_b": "one", "X%c": "one", "y'd": "one"})
    assert [each.id for each in embedding.similar(things, "one", prefix="x%")] == ["x%a"]
    assert [each.id for each in embedding.similar(things, "one", prefix="y'")] == ["y'd"]


def test_metadata_comes_back(made, embedder) -> None:
    things = made()
    embedding.embed_one(things, "a", "text", embedder, metadata={"name": "Hound", "deep": [1, {"x": None}]})
    (found,) = embedding.similar(things, "text")
    assert (found.content, found.metadata) == (None, {"name": "Hound", "deep": [1, {"x": None}]})


@settings(max_examples=10)
@given(contents=st.dictionaries(st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=20), max_size=8))
def test_any_id_and_any_text_can_be_kept(contents, embedder, tmp_path_factory) -> None:
    contents = {id: text for id, text in contents.items() if id.encode("utf-8", "ignore").decode() == id}
    for database in (None, tmp_path_factory.mktemp("any") / "x.db"):
        things = collections.open("any", database=database, create=True)
        if contents:
            done = fill(things, embedder, contents, store=True)
            assert done.new + done.unchanged + done.failures == len(contents)
        for id, text in contents.items():
            if text.strip():
                assert embedding.similar(things, id=id, n=99) is not None
        things.close()
        collections.delete("any", database) if database is None else None


# What is embedded again


def test_a_changed_content_is_embedded_again_and_no_stale_row_stays(made, embedder, openai_server) -> None:
    """`llm embed-multi` leaves B as it was, when another id comes with B's old content (its defect 4)."""
    things = made()
    fill(things, embedder, {"A": "W", "B": "X"}, store=True)
    fill(things, embedder, {"B": "Y changed", "C": "X"}, store=True)
    assert {each.id: each.content for each in embedding.similar(things, "Y")} == {"A": "W", "B": "Y changed", "C": "X"}
    assert list(things.vector("B")) == pytest.approx(embeddings.vector("Y changed"), abs=1e-3)


def test_what_is_unchanged_is_not_sent_nor_written(made, embedder, openai_server) -> None:
    things = made()
    fill(things, embedder, {"a": "one", "b": "two"})
    (config.home() / "embedding-cache.db").unlink()
    done = fill(things, embedder, {"a": "one", "b": "three", "c": "four"})
    assert (done.new, done.unchanged) == (2, 1)
    assert sent(openai_server) == ["one", "two", "three", "four"]


def test_one_text_under_two_ids_is_kept_twice(made, embedder) -> None:
    things = made()
    fill(things, embedder, {"a": "same", "b": "same"})
    assert things.count() == 2


def test_contents_can_be_kept_later_without_embedding_again(made, embedder, openai_server) -> None:
    things = made()
    fill(things, embedder, {"a": "one"})
    (config.home() / "embedding-cache.db").unlink()
    fill(things, embedder, {"a": "one"}, store=True)
    embedding.embed_one(things, "a", "one", embedder, metadata={"k": 1})
    (found,) = embedding.similar(things, "one")
    assert (found.content, found.metadata) == ("one", {"k": 1})
    assert sent(openai_server) == ["one", "one"]  # the second was what is searched for


def test_what_was_embedded_for_one_collection_is_not_sent_for_another(embedder, openai_server) -> None:
    for name in ("first", "second"):
        fill(collections.open(name, create=True), embedder, {"a": "one", "b": "two"})
    assert sent(openai_server) == ["one", "two"]


def test_a_run_that_was_stopped_goes_on(made, embedder, openai_server) -> None:
    things, contents = made(), {str(n): f"text {n}" for n in range(10)}
    run = embedding.embed_many(things, [Item(*each) for each in contents.items()], embedder, batch=4)
    next(run)
    run.close()
    assert things.count() == 4
    assert fill(things, embedder, contents, batch=4).unchanged == 4
    assert sent(openai_server) == list(contents.values())


# What goes wrong


def test_a_bad_item_is_told_and_costs_no_other(made, openai_server) -> None:
    described.add("embed-picky", url=openai_server.url, model="embed-picky")
    rows = [Item("a", "good"), Item("b", "BAD"), Misread("row 3", "No id."), Item("d", ""), Item("e", "fine")]
    (done,) = embedding.embed_many(made(), rows, embedders.embedder("embed-picky"))
    assert (done.new, done.failures) == (2, 3)
    assert {each.id for each in done.failed} == {"b", "row 3", "d"}


def test_another_model_is_refused_and_both_are_named(made, embedder, openai_server) -> None:
    described.add("embed-other", url=openai_server.url, model="embed")
    things = made()
    fill(things, embedder, {"a": "one"})
    with pytest.raises(WrongVectors, match="made with embed, not with embed-other"):
        fill(things, embedders.embedder("embed-other"), {"b": "two"})
    with pytest.raises(WrongVectors, match="embed-other"):
        embedding.embedder_of(things, "embed-other")


def test_a_model_that_changed_its_vectors_is_refused_and_nothing_is_written(made, embedder, openai_server) -> None:
    things = made()
    fill(things, embedder, {"a": "one"})
    described.add("embed", url=openai_server.url, model="embed", dimensions=32)
    with pytest.raises(WrongVectors, match=r"64|#embed:32"):
        fill(things, embedders.embedder("embed"), {"b": "two"})
    assert things.count() == 1


def test_a_collection_of_no_vectors_has_nothing_similar(made) -> None:
    assert embedding.similar(made(), "x") == []


def test_what_is_not_there_is_told(made, embedder, tmp_path) -> None:
    things = made()
    fill(things, embedder, {"a": "one"})
    with pytest.raises(Exception, match="ID not found"):
        embedding.similar(things, id="nobody")
    with pytest.raises(UsageError):
        embedding.similar(things, "x", n=0)
    with pytest.raises(UnknownIndex, match="Collection does not exist"):
        collections.open("nobody")
    with pytest.raises(UnknownIndex):
        collections.open("nobody", database=tmp_path / "none.db")
    with pytest.raises(UnknownIndex):
        collections.delete("nobody")


def test_a_misspelt_model_leaves_no_collection_behind() -> None:
    with pytest.raises(ModelError):
        embedding.opened("things", model="nobody")
    assert collections.listed() == []


def test_a_file_that_is_no_database_is_told(tmp_path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database" * 1000)
    with pytest.raises((IndexFileError, UnknownIndex)):
        collections.open("a", database=tmp_path / "x.db").count()


# llm's form


def test_llm_reads_and_writes_what_curta_wrote(embedder, tmp_path) -> None:
    path = tmp_path / "shared.db"
    things = collections.open("things", database=path, create=True)
    embedding.embed_one(things, "a", "red apples", embedder, metadata={"n": 1}, store=True)
    things.close()
    theirs = llm.Collection("things", sqlite_utils.Database(path), model=OfTheServer(), create=False)
    (found,) = theirs.similar("red apples")
    assert (found.id, found.content, found.metadata) == ("a", "red apples", {"n": 1})
    theirs.embed_multi([("a", "red apples"), ("b", "green pears")], store=True)
    theirs.db.close()
    again = collections.open("things", database=path)
    assert fill(again, embedder, {"a": "red apples", "b": "green pears"}).unchanged == 2
    assert embedding.similar(again, "green pears")[0].id == "b"


def test_both_find_the_same_with_the_same_scores(embedder, tmp_path) -> None:
    path, texts = tmp_path / "shared.db", {str(n): f"text {n} of {n % 3}" for n in range(30)}
    fill(collections.open("things", database=path, create=True), embedder, texts)
    theirs = llm.Collection("things", sqlite_utils.Database(path), model=OfTheServer(), create=False)
    expected = theirs.similar("text of 2", number=30)
    found = embedding.similar(collections.open("things", database=path), "text of 2", n=30)
    assert [each.score for each in found] == pytest.approx([each.score for each in expected], abs=1e-5)


def test_the_collections_of_llm_are_found_and_never_written(embedder, tmp_path) -> None:
    config.ensure_folder(tmp_path / "llm")
    path = tmp_path / "llm/embeddings.db"
    theirs = llm.Collection("past", sqlite_utils.Database(path), model=OfTheServer())
    theirs.embed_multi([("a", "red apples"), ("b", "green pears")], store=True)
    theirs.db.close()
    before = path.read_bytes()
    past = collections.open("past")
    assert [(each.name, each.size) for each in collections.listed()] == [("past", 2)]
    assert embedding.similar(past, "red apples")[0].content == "red apples"
    for forbidden in (
        lambda: fill(past, embedder, {"c": "new"}),
        lambda: embedding.embed_one(past, "c", "new", embedder),
        lambda: collections.delete("past"),
        lambda: collections.delete("past", path),
        lambda: collections.open("other", database=path, create=True),
    ):
        with pytest.raises(UsageError, match="only read"):
            forbidden()
    assert path.read_bytes() == before


def test_vectors_go_beside_the_tables_of_others(embedder, tmp_path) -> None:
    with sqlite3.connect(tmp_path / "own.db") as own:
        own.execute("CREATE TABLE documents (id, title)")
    fill(collections.open("docs", database=tmp_path / "own.db", create=True), embedder, {"a": "one"})
    with sqlite3.connect(tmp_path / "own.db") as own:
        assert own.execute("SELECT count(*) FROM documents").fetchone() == (0,)


# The log


def test_a_run_is_one_row_of_the_log_with_its_tokens_and_cost(openai_server) -> None:
    log = open_log()
    embedder = embedders.embedder("3-small")
    price = embedder.facts.price
    described.add("embed", url=openai_server.url, model="embed", batch=2)
    served = embedders.embedder("embed")
    served.described = served.described._replace(facts=served.facts._replace(price=price))
    fill(collections.open("x", create=True), served, {str(n): f"text {n}" for n in range(5)}, batch=2, log=log)
    (call,) = log.calls()
    assert (call.status, call.caller, call.input_tokens) == ("ok", "embed", 10)
    assert call.cost == pytest.approx(10 * 0.02 / 1e6)
    assert "5 vectors of 64 dimensions" in call.response


def test_a_run_that_fails_is_logged_as_failed(openai_server) -> None:
    described.add("embed", url=openai_server.url, model="embed")
    openai_server.script(Failure(401))
    with pytest.raises(ModelError):
        embedding.one(embedders.embedder("embed"), "words", log=open_log())
    (call,) = open_log().calls()
    assert (call.status, call.prompt) == ("failed", "words")


def test_what_the_cache_has_is_neither_sent_nor_logged(embedder, openai_server) -> None:
    first = embedding.one(embedder, "words", log=open_log())
    assert embedding.one(embedder, "words", log=open_log()) == first
    assert (open_log().count(), len(openai_server.requests)) == (1, 1)


def test_a_cache_that_cannot_be_used_costs_nothing_but_time(embedder) -> None:
    (config.ensure_folder(config.home()) / "embedding-cache.db").write_bytes(b"no database" * 999)
    assert embedding.one(embedder, "words") == Vector(embeddings.vector("words"))


def test_a_vector_without_direction_is_none(embedder, openai_server) -> None:
    from tests.servers.openai import Bytes

    openai_server.script(Bytes(b'{"data": [{"index": 0, "embedding": [0, 0, 0]}]}', "application/json"))
    (done,) = embedding.embed_many(collections.open("x", create=True), [Item("a", "one")], embedder)
    assert "no direction" in done.failed[0].what
    assert not math.isnan(done.failures)
