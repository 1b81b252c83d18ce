"""Vectors: found by their bits and then exactly, and gone when their passage is."""

from contextlib import suppress

import numpy as np
import pytest

from curta.errors import UsageError, WrongVectors
from curta.index import file, vectors
from curta.index.check import check
from curta.index.compact import compact
from curta.index.index import Index
from curta.index.vectors import bits, floats, unit
from curta.messages import Document

SMALL = 512


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of 512 vectors and 100 candidates, so that few vectors fill several and are scanned by their bits."""
    from curta.index import check, compact, scan

    for module in (file, vectors, scan, check, compact):
        monkeypatch.setattr(module, "SEGMENT", SMALL)
    monkeypatch.setattr(scan, "SCREENED", 200)
    monkeypatch.setattr(scan, "COMPARED", 100)


def fill(index: Index, count: int, dim: int = 100) -> "np.ndarray":
    """`count` documents d0, d1, ... with random vectors of `dim` dimensions."""
    rows = np.random.default_rng(count).standard_normal((count, dim)).astype("f4") + 0.3
    with index.writing():
        for number in range(count):
            index.add(Document(f"text {number}", f"d{number}"), metadata={"number": number})
    index.put_vectors("m", zip([id for id, _ in index.pending("m")], rows, strict=True))
    return rows


def uris(found: list) -> list[str]:
    return [each.passage.uri for each in found]


def best(rows: "np.ndarray", query: "np.ndarray", n: int, kept: "np.ndarray | None" = None) -> list[str]:
    scores = rows / np.linalg.norm(rows, axis=1, keepdims=True) @ query
    if kept is not None:
        scores = np.where(kept, scores, -np.inf)
    return [f"d{i}" for i in np.argsort(-scores)[:n]]


def sound(index: Index) -> bool:
    return not any(each.problem for each in check(index))


def test_an_exact_search_is_exact(index: Index, small_segments: None) -> None:
    rows = fill(index, 1500)
    for query in rows[[0, 700, 1499]]:
        assert uris(index.similar(query, 10, exact=True)) == best(rows, query, 10)


def test_a_search_by_bits_finds_the_nearest(index: Index, small_segments: None) -> None:
    rows = fill(index, 1500)
    for number in (3, 600, 1100, 1499):
        found = index.similar(rows[number] + 0.01, 3)
        assert found[0].passage.uri == f"d{number}"
        assert found[0].score == pytest.approx(1, abs=1e-3)


def test_what_is_written_by_another_is_found_at_once(index: Index, small_segments: None) -> None:
    import curta.index

    rows = fill(index, 600)
    assert index.similar(rows[5], 1)
    with curta.index.open("notes") as other:
        other.add(Document("late", "late"), vectors={"m": [rows[5] * 2]})
        other.remove("d5")
    assert uris(index.similar(rows[5], 1)) == ["late"]


def test_what_was_found_in_a_change_that_is_undone_is_forgotten(index: Index, small_segments: None) -> None:
    rows = fill(index, SMALL - 1)
    for vector in (rows[0], -rows[0]):
        with suppress(RuntimeError), index.writing():
            index.add(Document("new", "new"), vectors={"m": [vector]})
            assert len(index.similar(vector, SMALL)) == SMALL
            assert "new" in uris(index.similar(vector, 2))
            raise RuntimeError
        assert len(index.similar(vector, SMALL)) == index.models()[0].size == SMALL - 1


def test_removed_documents_are_found_no_more_in_segments_and_tail(index: Index, small_segments: None) -> None:
    rows = fill(index, 1200)
    for number in (0, 100, 511, 512, 1023, 1024, 1199):
        index.remove(f"d{number}")
        assert f"d{number}" not in uris(index.similar(rows[number], 5))
        assert f"d{number}" not in uris(index.similar(rows[number], 5, exact=True))
    assert sound(index)


def test_a_new_vector_of_a_passage_takes_the_place_of_the_old(index: Index, small_segments: None) -> None:
    rows = fill(index, 600)
    (chunk,) = index.add(Document("text 7", "d7"), metadata={"number": 7}).chunks
    assert index.put_vectors("m", [(chunk, -rows[7])]) == 1
    assert uris(index.similar(-rows[7], 1)) == ["d7"]
    assert index.models()[0].size == 600
    assert sound(index)


def test_a_filter_costs_no_recall(index: Index, small_segments: None) -> None:
    rows = fill(index, 1500)
    kept = np.arange(1500) % 50 == 0
    for query in rows[[1, 601]]:
        found = index.similar(query, 10, filter="metadata->>'number' % 50 = 0")
        assert uris(found) == best(rows, query, 10, kept)


def test_a_batch_that_fills_several_segments_is_whole(index: Index, small_segments: None) -> None:
    fill(index, 3 * SMALL)
    with index.reading() as db:
        assert vectors.models(db)[0].sealed == 3
    assert sound(index)


def test_compacting_forgets_the_dead_and_keeps_the_living(index: Index, small_segments: None) -> None:
    rows = fill(index, 1200)
    with index.writing():
        for number in range(0, 1200, 2):
            index.remove(f"d{number}")
    assert uris(index.similar(rows[301], 1)) == ["d301"]
    compact(index)
    assert sound(index)
    assert uris(index.similar(rows[301], 1)) == ["d301"]
    with index.reading() as db:
        assert db.execute("SELECT count(*) FROM dead").fetchone() == (0,)
        assert vectors.models(db)[0].sealed == 1


def test_equal_texts_have_vectors_of_their_own(index: Index) -> None:
    index.add(Document("same", "a"), vectors={"m": [[1, 0]]})
    index.add(Document("same", "b"), vectors={"m": [[1, 0]]})
    assert uris(index.similar([1, 0])) == ["a", "b"]
    index.remove("a")
    assert uris(index.similar([1, 0])) == ["b"]


def test_models_do_not_mix(index: Index) -> None:
    index.add(Document("one", "a"), vectors={"m": [[1, 0]], "other": [[0, 1, 0]]})
    assert index.similar([1, 0], model="m")[0].score == pytest.approx(1)
    assert index.similar([1, 0, 0], model="other")[0].score == pytest.approx(0)
    with pytest.raises(WrongVectors, match="no vectors of third"):
        index.similar([1], model="third")
    with pytest.raises(WrongVectors, match="have 2 dimensions, the one given 3"):
        index.similar([1, 0, 0], model="m")


def test_a_model_that_became_another_is_refused(index: Index) -> None:
    (chunk,) = index.add(Document("one", "a")).chunks
    index.put_vectors("m", [(chunk, [1, 0])], identity="m@first")
    with pytest.raises(WrongVectors, match="m@first, now it is m@second"):
        index.put_vectors("m", [(chunk, [1, 0])], identity="m@second")
    with pytest.raises(WrongVectors, match="have 2 dimensions; this one has 3"):
        index.put_vectors("m", [(chunk, [1, 0, 0])])


@pytest.mark.parametrize("bad", [[], [0.0, 0.0], [float("nan"), 1.0], [float("inf"), 1.0], ["x"], None, [[1.0]]])
def test_what_has_no_direction_is_no_vector(index: Index, bad: object) -> None:
    (one, two) = (index.add(Document(name, name)).chunks[0] for name in "ab")
    with pytest.raises(WrongVectors):
        index.put_vectors("m", [(one, [1.0, 2.0]), (two, bad)])  # type: ignore[list-item]
    assert index.models() == []


def test_vectors_of_passages_that_are_gone_are_passed_over(index: Index) -> None:
    (chunk,) = index.add(Document("one", "a")).chunks
    assert index.put_vectors("m", [(chunk, [1, 0]), (chunk + 1000, [0, 1])]) == 1


def test_stored_numbers_are_read_as_they_are() -> None:
    every = np.arange(1 << 16, dtype="u2").view("f2")
    finite = every[np.isfinite(every)]
    assert (floats([finite.tobytes()], len(finite)) == finite.astype("f4")).all()


def test_sizes_do_not_matter_to_a_vector() -> None:
    for scale in (1e-30, 1.0, 1e30):
        assert unit([3 * scale, 4 * scale]).tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("dim", [1, 7, 64, 65, 384, 1000])
def test_bits_count_the_dimensions_that_differ(dim: int) -> None:
    rows = np.random.default_rng(dim).standard_normal((20, dim)).astype("f4")
    mean = rows.mean(0)
    codes = bits(rows, mean)
    differing = np.bitwise_count(codes ^ codes[:, :1]).sum(0)
    assert differing.tolist() == ((rows > mean) != (rows[0] > mean)).sum(1).tolist()


def test_a_filter_can_only_look_at_documents(index: Index) -> None:
    index.add(Document("one", "a"), vectors={"m": [[1, 0]]})
    for condition in (
        "1); DELETE FROM document; --",
        "uri = (SELECT v FROM meta)",
        "nothing = 1",
        "1) OR (1",
        "",
        "(1",
    ):
        with pytest.raises(UsageError, match="filter"):
            index.similar([1, 0], filter=condition)
    assert index.similar([1, 0], filter="uri = 'a' -- a remark")
    assert not index.similar([1, 0], filter="uri = 'b'")
