"""The command line, for fragments."""

from tests.cli.conftest import curta

__all__ = ["curta"]
