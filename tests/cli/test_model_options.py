"""`curta models options`: what goes with every request to a model, and is logged as it was sent."""

from tests.cli.conftest import Curta


def test_an_option_is_set_sent_shown_and_cleared(added: Curta) -> None:
    assert added("models", "options", "set", "echo", "temperature", "0.5").code == 0
    added("models", "options", "set", "echo", "seed", "7")
    assert added("models", "options").out == "echo\n  temperature: 0.5\n  seed: 7\n"
    assert "seed, stream, stream_options, temperature" in added("-m", "echo", "Hello").out
    assert added("logs", "--json").json[-1]["options"] == {"temperature": 0.5, "seed": 7}
    assert added("models", "options", "show", "echo").out == "  temperature: 0.5\n  seed: 7\n"
    added("models", "options", "clear", "echo", "seed")
    assert added("models", "options", "list", "--json").json == {"echo": {"temperature": 0.5}}
    added("models", "options", "clear", "echo")
    assert "No model has any" in added("models", "options").err


def test_what_the_model_does_not_take_is_refused(added: Curta) -> None:
    unknown = added("models", "options", "set", "echo", "warp", "9")
    assert unknown.code == 2
    assert "takes no option 'warp'" in unknown.err
    wrong = added("models", "options", "set", "echo", "temperature", "warm")
    assert "temperature" in wrong.err
    assert added("models", "options", "clear", "echo").code == 2


def test_an_option_of_the_prompt_wins(added: Curta) -> None:
    added("models", "options", "set", "echo", "temperature", "0.5")
    added("-m", "echo", "-o", "temperature", "1", "Hello")
    assert added("logs", "--json").json[-1]["options"] == {"temperature": 1}
