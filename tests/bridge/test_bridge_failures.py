"""What goes wrong in a plugin is an error of ours: a sentence, the next step, no key, nothing a terminal obeys."""

import pytest

import curta
from curta.errors import (
    BadKey,
    BrokenAnswer,
    MissingKey,
    ModelError,
    ProviderError,
    RateLimited,
    UnknownModel,
)
from curta.models import keys, registry
from curta.models.bridge import pool

KEY = "polly-wants-a-cracker"


def error(model: str, words: str = "Hi", **how) -> ModelError:
    response = curta.prompt(words, model=model, **how)
    with pytest.raises(ModelError) as raised:
        response.text()
    return raised.value


@pytest.mark.usefixtures("site")
class TestFailures:
    def test_one_in_the_middle_keeps_what_had_arrived(self, monkeypatch):
        monkeypatch.setenv("PARROT_KEY", KEY)
        pool.close()
        response = curta.prompt("Hi", model="raises")
        with pytest.raises(ModelError) as raised:
            response.text()
        assert response.partial() == "so far "
        assert response.status == "failed"
        said = "The llm plugin llm-bad failed: RuntimeError: the key **** is no good really\N{REPLACEMENT CHARACTER}[2J"
        assert str(raised.value) == said

    def test_a_model_error_of_llm(self):
        assert error("refuses").what == "The llm plugin llm-bad failed: Not today."

    @pytest.mark.parametrize(("status", "kind"), [(401, BadKey), (429, RateLimited), (529, ProviderError)])
    def test_a_status_of_the_provider(self, status, kind):
        assert type(error("limited", str(status))) is kind

    def test_a_process_that_dies_at_once(self, monkeypatch):
        monkeypatch.setenv("PARROT_KEY", KEY)
        pool.close()
        died = error("dies")
        assert died.what == "The llm plugin llm-bad ended before it answered."
        assert died.why == "segmentation \N{REPLACEMENT CHARACTER}]52;c;aGk=\N{REPLACEMENT CHARACTER}fault with ****"
        assert curta.prompt("Hi", model="noisy").text() == "calm"

    def test_a_process_that_dies_in_the_middle(self):
        assert isinstance(error("dies", "late"), BrokenAnswer)

    def test_a_plugin_that_leaves_the_program(self):
        assert "SystemExit: enough" in str(error("exits"))

    def test_a_plugin_that_was_uninstalled(self, site):
        module = site.folder / "llm_slow.py"
        hidden = module.rename(site.folder / "hidden")
        try:
            assert isinstance(error("slow"), UnknownModel)
        finally:
            hidden.rename(module)

    def test_the_name_of_a_broken_plugin_is_kept_with_its_reason(self):
        from curta.models.bridge import manifest

        kept = manifest.current()
        assert kept is not None
        assert kept.failed == {"llm-broken": "ImportError: libfoo.so.1: cannot open shared object file"}


@pytest.mark.usefixtures("site")
class TestKeys:
    def test_without_one_it_says_how_to_set_it(self):
        missing = error("keyed")
        assert isinstance(missing, MissingKey)
        assert missing.then == "Set one: curta keys set parrot"

    def test_the_plugin_looks_where_llm_keeps_them(self, site):
        path = site.user / "keys.json"
        path.write_text('{"parrot": "theirs-theirs"}')
        try:
            assert curta.prompt("Hi", model="keyed").text() == "the and 13 characters"
        finally:
            path.unlink()

    def test_one_saved_here_wins_and_one_given_wins_over_it(self):
        keys.save("parrot", "saved-saved-saved")
        keys.save("other", "other-other-other-other")
        assert curta.prompt("Hi", model="keyed").text() == "sav and 17 characters"
        assert curta.prompt("Hi", model="keyed", key="other").text() == "oth and 23 characters"

    def test_it_is_no_argument_and_in_no_error(self):
        failed = error("keyed", "fail", key=KEY)
        assert failed.what == "The llm plugin llm-keyed failed: wrong key: ****"

    def test_a_misspelt_name_is_refused(self):
        with pytest.raises(MissingKey):
            registry.get("keyed", key="nosuch").exchange(
                curta.Request("keyed", (curta.Message("user", (curta.Text("Hi"),)),))
            )
