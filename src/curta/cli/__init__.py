"""The command line: parse arguments, call one function below, show the result.

What lives here: `app.py` (the table of commands, and how any command ends), `output.py` (what a terminal is shown), and
one module per command, imported only when that command is used.

Rules:
1. The result goes to stdout, everything else to stderr. Colour and progress only on a terminal.
2. Text from models, files and file names is made terminal-safe before a terminal sees it.
3. No logic: whatever a command does can be done from Python in one call.
"""

import sys


def main() -> None:
    """The `curta` program."""
    if sys.argv[1:] in (["--version"], ["-V"]):  # before anything else is imported
        from curta import __version__

        sys.stdout.write(f"curta {__version__}\n")
        return
    import gc

    gc.set_threshold(50_000)  # modules are no garbage: to look for some while starting costs a twentieth
    try:
        from curta.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while still starting
        code = 130
    gc.freeze()  # the collection at exit would visit every module once more: a fifth of the whole run
    sys.exit(code)
