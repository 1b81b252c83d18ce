"""Searching: by words in every language, by what a person types, and by both words and vectors."""

from collections.abc import Iterator, Sequence

import pytest

from curta.errors import UsageError, WrongVectors
from curta.index.fusion import convex
from curta.index.index import Index
from curta.index.lexicon import identifiers
from curta.index.measures import difference, interval, score
from curta.index.search import Recipe
from curta.messages import Document
from curta.models.embedders import Prefixes, Used, Vector
from curta.models.model import Facts


@pytest.fixture
def zoo(index: Index) -> Index:
    """A few documents in several languages."""
    texts = {
        "bear.md": "The bear sleeps in its cave during the long winter, and it does not eat for months.",
        "bees.md": "Bees keep the hive warm in winter. They eat the honey they stored, and none of them sleeps.",
        "io.py": "def readConfigFile(path):\n    return parse_json(open(path).read())\n",
        "baer.txt": "Der Bär hält Winterruhe in seiner Höhle und frisst während der kalten Monate nichts.",
        "xiong.txt": "熊在洞穴里度过漫长的冬天，几个月不吃东西。",
        "gom.txt": "곰은 겨울 동안 동굴에서 잠을 자고 몇 달 동안 먹지 않는다.",
    }
    for uri, text in texts.items():
        index.add(Document(text, uri, uri.split(".")[0]), metadata={"size": len(text)})
    return index


def found(index: Index, words: str, **how) -> list[str]:
    return [hit.uri for hit in index.search(words, **how)]


@pytest.mark.parametrize(
    ("words", "uri"),
    [
        ("Where do bears sleep?", "bear.md"),
        ("stored honey", "bees.md"),
        ("read config", "io.py"),
        ("parse_json", "io.py"),
        ("Was frisst der Bär im Winter?", "baer.txt"),
        ("冬天的熊", "xiong.txt"),
        ("熊", "xiong.txt"),
        ("겨울 동굴", "gom.txt"),
    ],
)
def test_the_words_of_a_question_find_its_document_first(zoo: Index, words: str, uri: str) -> None:
    results = zoo.search(words)
    assert results[0].uri == uri
    assert results.how == "lexical"


@pytest.mark.parametrize(
    "words", ['"', "'", "AND OR NOT NEAR(", "title:", "-", "* ^ + {a}", "😀", "a\0b", "\ud800", "x" * 100_000]
)
@pytest.mark.parametrize("operators", [True, False])
def test_no_question_is_a_syntax_error(zoo: Index, words: str, operators: bool) -> None:
    assert isinstance(zoo.search(words, operators=operators), list)


def test_a_question_of_100_kb_is_answered(zoo: Index) -> None:
    assert found(zoo, " ".join(f"word{i}" for i in range(12_000))) == []
    assert found(zoo, "honey " * 20_000)[0] == "bees.md"


def test_a_question_of_stop_words_is_looked_for_as_it_is(zoo: Index) -> None:
    assert found(zoo, "of them")[0] == "bees.md"
    with pytest.raises(UsageError, match="something to look for"):
        zoo.search("  ")


def test_operators_are_text_unless_a_person_types_them(zoo: Index) -> None:
    assert {"bear.md", "bees.md"} < set(found(zoo, "winter -honey"))
    assert "bees.md" not in found(zoo, "winter -honey", operators=True)
    assert found(zoo, 'winter "the honey they"', operators=True) == ["bees.md"]
    assert found(zoo, "winter title:bear", operators=True) == ["bear.md"]
    assert found(zoo, '"honey the"', operators=True) == []


def test_hits_are_exact(zoo: Index) -> None:
    for hit in zoo.search("winter cave honey", 10):
        document = zoo.document(hit.uri)
        assert document
        assert document.text[hit.start : hit.end] == hit.text


def test_a_filter_chooses_documents(zoo: Index) -> None:
    assert found(zoo, "winter", filter="uri LIKE 'bee%'") == ["bees.md"]
    assert found(zoo, "winter", filter="metadata->>'size' < 10") == []


def test_per_document_gives_each_document_once(index: Index) -> None:
    long = "\n\n".join(f"Part {i} tells of gadgets. " + "More of the same. " * 20 for i in range(20))
    index.add(Document(long, "long.txt"))
    index.add(Document("A gadget.", "short.txt"))
    assert len(found(index, "gadgets", n=50)) > 5
    assert sorted(found(index, "gadgets", n=50, per_document=True)) == ["long.txt", "short.txt"]


class Toy:
    """An embedder of two dimensions: how much a text is about bears, and about bees."""

    identity = "toy"
    facts = Facts("this computer")
    prefixes = Prefixes()
    dim = 2

    def __init__(self, name: str = "toy") -> None:
        self.name = name
        self.used = Used()

    def embed(self, items: Sequence[str | bytes], *, query: bool = False) -> Iterator[Vector]:
        for item in items:
            text = str(item).lower()
            yield Vector(
                [0.1 + text.count("bear") + text.count("grizzly"), 0.1 + text.count("bee") + text.count("wasp")]
            )


@pytest.fixture
def embedded_zoo(zoo: Index) -> Index:
    from curta.index.filling import fill

    assert sum(batch.kept for batch in fill(zoo, Toy())) == 6  # type: ignore[arg-type]
    return zoo


def test_vectors_find_what_no_word_does(embedded_zoo: Index) -> None:
    results = embedded_zoo.search("grizzly", embed=Toy())  # type: ignore[arg-type]
    assert results.how == "hybrid"
    assert results.model == "toy"
    assert results[0].uri == "bear.md"
    assert results[0].bm25 is None
    assert results[0].cosine == pytest.approx(1, abs=0.05)


def test_words_alone_on_request(embedded_zoo: Index) -> None:
    assert found(embedded_zoo, "honey", recipe=Recipe(lexical=True)) == ["bees.md"]


def test_filling_again_embeds_nothing(embedded_zoo: Index) -> None:
    from curta.index.filling import fill

    assert list(fill(embedded_zoo, Toy())) == []  # type: ignore[arg-type]
    with pytest.raises(WrongVectors, match="embedded with toy, not with other"):
        list(fill(embedded_zoo, Toy("other")))  # type: ignore[arg-type]
    with pytest.raises(WrongVectors, match="of toy, not of other"):
        embedded_zoo.search("honey", embed=Toy("other"))  # type: ignore[arg-type]


def test_fusion_is_convex() -> None:
    fused = convex({"a": 3.0, "b": 1.0}, {"b": 0.9, "c": 0.5}, 0.5)
    assert fused == {"a": 0.5, "b": 0.5, "c": 0.0}
    assert list(convex({"a": 7.0}, {}, 0.5).values()) == [0.5]
    assert list(convex({"a": 2.0, "b": 1.0}, {"b": 1.0, "a": 0.0}, 1.0)) == ["b", "a"]


def test_identifiers_are_taken_apart() -> None:
    assert identifiers("call readHTTPFile2(max_size), not Plain _x __init__") == "read HTTPFile2 max size"
    assert identifiers("a" * 10_000 + "_" + "b" * 10_000) == ""


def test_measures_are_those_of_the_field() -> None:
    assert score(["a", "b"], {"a": 1}) == (1, 1, 1)
    assert score(["x", "a"], {"a": 1}).ndcg == pytest.approx(0.6309, abs=1e-4)
    assert score(["x", "a"], {"a": 1, "gone": 1})[1:] == (0.5, 0.5)
    assert score([], {"a": 1}) == (0, 0, 0)


def test_an_interval_holds_its_mean_and_is_the_same_again() -> None:
    values = [0.0, 1.0] * 50
    assert interval(values) == interval(values)
    assert interval(values).low < 0.5 < interval(values).high
    assert difference(values, values) == (0, 0, 0)
    assert difference([1.0] * 20, [0.0] * 20).excludes_zero
