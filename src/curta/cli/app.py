"""The table of commands, and how any of them ends.

A command is looked up by its name and only its module is imported; anything else on the command line is a prompt.
Every error a user can meet ends here, as what, why and the next step, and becomes an exit code.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from curta import errors
from curta.cli import output
from curta.errors import CurtaError, UsageError

EXIT_CODES = """\
Exit codes: 0 ok, 1 failure, 2 usage, 3 a check failed, 4 refused by policy, 5 needs approval, 130 interrupted."""


class Entry(NamedTuple):
    """A command: the module and the name of its click command, and its one line of help."""

    module: str
    help: str


COMMANDS = {
    "prompt": Entry("prompt", "Ask a model. The default: `curta 'a question'` is `curta prompt 'a question'`."),
    "chat": Entry("chat", "Talk with a model, line by line."),
    "ask": Entry("ask", "Ask documents, and have each claim of the answer proven."),
    "map": Entry("map", "Ask about each row of a file, many at a time."),
    "eval": Entry("eval", "Did a change make a difference? Run an experiment, and read what is known."),
    "check": Entry("check", "Verify the quotations, authors and numbers of a text against its sources."),
    "index": Entry("index", "Make documents searchable: add, sync, check, measure."),
    "search": Entry("search", "Search an index."),
    "logs": Entry("logs", "Search, show, export and tidy what was asked and answered."),
    "models": Entry("models", "List, pull, add and choose models."),
    "openai": Entry("openai", "Servers that speak OpenAI's protocol, without adding them first."),
    "aliases": Entry("aliases", "Short names for models."),
    "keys": Entry("keys", "Keep the keys of providers."),
    "templates": Entry("templates", "Prompts that are kept, with inputs to fill in."),
    "plugins": Entry("plugins", "List plugins, and what they provide."),
    "install": Entry("install", "Install plugins; they stay when Curta is upgraded."),
    "uninstall": Entry("install", "Remove plugins."),
    "run": Entry("run", "Run a program in the sandbox."),
    "code": Entry("code", "Have a program written, run and mended until it works."),
    "embed": Entry("embed", "The vector of a text, printed or kept in a collection."),
    "embed-multi": Entry("embed_multi", "Embed many items into a collection."),
    "similar": Entry("similar", "What in a collection is most similar to a text or an item."),
    "collections": Entry("collections", "List and delete collections of vectors."),
    "embed-models": Entry("embed_models", "List, add and choose embedding models."),
    "tools": Entry("tools", "Functions a model may call, and the servers that provide them."),
    "schemas": Entry("schemas", "What answers in JSON have to look like, kept and used."),
    "fragments": Entry("fragments", "Texts that were sent or got a name, to be sent again."),
    "llm": Entry("llm", "Run the llm that is installed here, for what its plugins add."),
    "completion": Entry("completion", "Print a script that completes commands and names at Tab."),
    "doctor": Entry("doctor", "Say where everything is and what does not work."),
}


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` (without the program's name); the exit code."""
    output.prepare_streams()
    errors.tell = output.note
    debug = "--debug" in arguments
    try:
        return _dispatch(_without_global_flags(list(arguments)))
    except CurtaError as error:
        return _failed(error, debug)
    except click.ClickException as error:
        return _misused(error)
    except (KeyboardInterrupt, click.Abort):
        output.note("Stopped.", force=True)
        return 130
    except BrokenPipeError:
        return _unheard()
    except OSError as error:
        output.error(_refused_by_the_system(error))
        _unheard()
        return 1
    except Exception as error:
        if debug:
            raise
        output.error(_unexpected(error))
        return 1


def _dispatch(words: list[str]) -> int:
    if words in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(_help())
        return 0
    if not words and sys.stdin is not None and sys.stdin.isatty():
        from curta.cli.welcome import welcome

        return welcome()
    name, rest = (words[0], words[1:]) if words and words[0] in COMMANDS else ("prompt", words)
    if name == "prompt" and words[:1] != ["prompt"]:
        if words and words[0].isascii() and words[0][:1].islower() and " " not in words[0]:
            from curta.cli import plugin_commands

            if found := plugin_commands.find(words[0]):
                with found.plugin.blamed(click.ClickException, click.Abort, BrokenPipeError, SystemExit):
                    return _invoke(plugin_commands.load(found), f"curta {found.name}", words[1:])
        _guard_against_typos(words)
    command: click.Command = getattr(import_module(f"curta.cli.{COMMANDS[name].module}"), name.replace("-", "_"))
    return _invoke(command, "curta" if name == "prompt" and words[:1] != ["prompt"] else f"curta {name}", rest)


def _invoke(command: click.Command, program: str, rest: list[str]) -> int:
    try:  # not command.main(): that turns a closed pipe into an exit of its own
        with command.make_context(program, rest) as context:
            code = command.invoke(context)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    finally:
        _say_what_could_not_be_read()
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _say_what_could_not_be_read() -> None:
    """Name what of `llm`'s files was damaged, if any were looked at."""
    if read := sys.modules.get("curta.llm_home"):
        for sentence in read.trouble():
            output.note(sentence)


def _without_global_flags(words: list[str]) -> list[str]:
    """`words` without the flags that every command has (--debug, --quiet, --color=WHEN), which take effect here."""
    end = words.index("--") if "--" in words else len(words)
    ours, rest = words[:end], words[end:]
    quiet = "--quiet" in ours
    colour = next((word.partition("=")[2] for word in ours if word.startswith(("--color=", "--colour="))), "auto")
    if colour not in ("always", "never", "auto"):
        raise UsageError(f"--color takes always, never or auto, not {colour!r}.")
    output.configure(quiet=quiet, colour=colour)
    kept = [w for w in ours if w not in ("--debug", "--quiet") and not w.startswith(("--color=", "--colour="))]
    return kept + rest


def _guard_against_typos(words: list[str]) -> None:
    """A lone word that is almost a command would be sent to a model, and paid for. Ask first."""
    if words and words[0] in _OF_MODELS:
        raise UsageError(
            f"There is no command {words[0]!r}. Did you mean `curta models {words[0]}`?",
            then=f"To send the word to a model: curta -- {words[0]}",
        )
    if len(words) != 1 or not words[0].isascii() or not words[0].isalpha() or words[0] in COMMANDS:
        return
    from difflib import get_close_matches

    from curta.cli import plugin_commands

    known = [*COMMANDS, *(name for name, _ in plugin_commands.names())]
    if close := get_close_matches(words[0].lower(), known, n=1, cutoff=0.75):
        raise UsageError(
            f"There is no command {words[0]!r}. Did you mean `curta {close[0]}`?",
            then=f"To send the word to a model: curta -- {words[0]}",
        )


_OF_MODELS = {"adopt", "ps", "pull"}
"""Which other programs that run models have as commands of their own."""


def _failed(error: CurtaError, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(error)
    output.error(error)
    return error.exit_code


def _misused(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    program = context.command_path if context else "curta"
    what, then = error.format_message(), f"{program} --help shows what it takes."
    if what.startswith("Got unexpected extra argument"):
        what, then = "There are more words than the command takes.", f"{_TOO_MANY.get(program, '')} {then}".lstrip()
    output.error(UsageError(what, then=then))
    return error.exit_code


# What was typed too much is not repeated: it may be a key.
_TOO_MANY = {
    "curta": "Put the prompt, and names with spaces, in quotation marks; a file is given with -f.",
    "curta keys set": "A key is no argument, where others can see it: leave it out, and paste it when asked.",
}


def _unheard() -> int:
    """Nobody reads our output any more (`| head -1`): end quietly, also when Python flushes at its exit."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    return 0


def _refused_by_the_system(error: OSError) -> CurtaError:
    """A full disk behind `> file`, a terminal that is gone: nothing any room could foresee."""
    where = f" ({error.filename})" if error.filename else ""
    return CurtaError(f"The system says: {error.strerror or error}{where}.")


def _unexpected(error: Exception) -> CurtaError:
    return CurtaError(
        f"Something went wrong that Curta did not foresee: {type(error).__name__}: {error}",
        then="Run it again with --debug for the details, and please report them.",
    )


def _help() -> str:
    from curta.cli import plugin_commands
    from curta.cli.prompt import prompt

    context = click.Context(prompt, info_name="curta")
    formatter = click.HelpFormatter(width=min(100, output.columns()))
    with formatter.section("Commands (each has --help)"):
        formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])
    if theirs := list(plugin_commands.names()):
        with formatter.section("Commands of plugins"):
            formatter.write_dl(theirs)
    formatter.write_paragraph()
    formatter.write(f"{EXIT_CODES}\nEverywhere: --debug, --quiet, --color=always|never|auto.\n")
    return f"{prompt.get_help(context)}\n\n{formatter.getvalue()}"
