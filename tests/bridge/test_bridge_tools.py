"""Tools, toolboxes, loaders and embeddings of `llm` plugins."""

import json

import pytest

import curta
from curta import fragments, templates, tools
from curta.errors import ModelError, SourceError, UnsupportedRequest, UsageError
from curta.messages import Attachment, Text
from curta.models import bridge
from curta.models.bridge import loaders


@pytest.mark.usefixtures("site")
class TestTools:
    def test_a_function_is_listed_and_called(self):
        (shout,) = tools.find("shout")
        assert shout.source == "llm:llm-handy"
        assert shout.tool.description == "Say it louder."
        assert shout.tool.parameters["required"] == ["text"]
        assert shout.call(text="hi", times=2) == [Text("HIHI")]

    def test_one_that_fails_says_why(self):
        with pytest.raises(ModelError, match="ValueError: because"):
            tools.find("fails")[0].call(why="because")

    def test_async_functions_and_attachments(self):
        assert tools.find("later")[0].call() == [Text('{"now": true}')]
        assert tools.find("draws")[0].call() == [Text("drawn"), Attachment("image/png", b"\x89PNG")]

    def test_a_toolbox_remembers(self):
        recall, remember = sorted(tools.find('Memory("Ada")'), key=lambda each: each.name)
        assert (recall.name, remember.name) == ("Memory_recall", "Memory_remember")
        assert recall.state is remember.state
        remember.call(what="42")
        assert recall.call() == [Text("Ada, 42")]

    def test_a_toolbox_made_wrongly(self):
        with pytest.raises(UsageError, match="cannot be made"):
            tools.find('Memory({"no": 1})')

    def test_one_that_ends_its_process_is_a_failure_and_the_next_starts_another(self):
        with pytest.raises(ModelError, match="ended"):
            tools.find("crashes")[0].call()
        assert tools.find("shout")[0].call(text="a") == [Text("A")]

    def test_they_are_in_the_list(self):
        listed = {each.spec: each for each in tools.available() if each.source == "llm:llm-handy"}
        assert set(listed) == {"shout", "fails", "later", "draws", "crashes", "Memory"}
        assert listed["Memory"].parameters is None

    def test_a_model_of_one_plugin_uses_the_tool_of_another(self):
        spoken = curta.prompt("Add.", model="caller", tools=[_add]).text()
        assert spoken.endswith("add said 3 and add said 7")


def _add(a: int, b: int) -> int:
    """Adds."""
    return a + b


_add.__name__ = "add"


@pytest.mark.usefixtures("site")
class TestLoaders:
    def test_a_template_comes_without_its_code(self):
        assert loaders.template("nobody", "cats") == {"name": "cats", "prompt": "About cats: $input"}
        assert templates.load("nobody:cats").fill("who?", {})[0] == "About cats: who?"

    def test_fragments_keep_their_source(self):
        text, picture = loaders.fragments("pieces", "x")
        assert (text.text, text.uri) == ("text of x", "nobody://x")
        assert picture == Attachment("image/png", b"p")

    def test_a_fragment_that_is_more_than_text_is_refused(self):
        with pytest.raises(SourceError, match="more than text"):
            fragments.load("pieces:x")

    def test_a_loader_that_fails(self):
        with pytest.raises(SourceError) as raised:
            fragments.load("pieces:none")
        assert raised.value.why == "there is none"


@pytest.mark.usefixtures("site")
class TestEmbeddings:
    def test_texts_and_bytes_become_vectors(self):
        embedder = bridge.embedder("abc")
        assert embedder is not None
        assert (embedder.name, embedder.where) == ("letters", "through llm plugin llm-keyed")
        assert [list(vector) for vector in embedder.embed(["a", "bcd", b"\x00\xff"])] == [[1, 0.5], [3, 0.5], [2, 0.5]]

    def test_any_number_of_them(self):
        embedder = bridge.embedder("letters")
        assert embedder is not None
        assert sum(vector[0] for vector in embedder.embed("x" * (n % 7) for n in range(1000))) == sum(
            n % 7 for n in range(1000)
        )
        assert list(embedder.embed([])) == []

    def test_one_that_fails(self):
        embedder = bridge.embedder("letters")
        assert embedder is not None
        with pytest.raises(ModelError, match="bad item"):
            list(embedder.embed(["good", "bad"]))

    def test_who_stops_reading_leaves_it_usable(self):
        embedder = bridge.embedder("letters")
        assert embedder is not None
        vectors = embedder.embed(["a"] * 200)
        next(vectors)
        vectors.close()
        assert len(list(embedder.embed(["a"]))) == 1

    def test_what_it_does_not_take_is_refused(self):
        embedder = bridge.embedder("letters")
        assert embedder is not None
        embedder._entry = {**embedder._entry, "binary": False}
        with pytest.raises(UnsupportedRequest, match="binary"):
            list(embedder.embed([b"x"]))

    def test_an_unknown_one(self):
        assert bridge.embedder("nosuch") is None


def test_json_of_a_template_is_yaml():
    import yaml

    text = json.dumps({"prompt": "a\nb: 'c' \u2028 $input"})
    assert yaml.safe_load(text) == {"prompt": "a\nb: 'c' \u2028 $input"}
