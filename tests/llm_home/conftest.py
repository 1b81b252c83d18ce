"""Fixtures of this folder: directories of `llm`."""

from tests.cli.conftest import added, curta
from tests.llm_home.directories import empty_llm_folder, llm_folder, made_by_llm, old_log, untouched

__all__ = ["added", "curta", "empty_llm_folder", "llm_folder", "made_by_llm", "old_log", "untouched"]
