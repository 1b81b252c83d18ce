"""How much memory there is to spare."""

import os
from pathlib import Path

from curta import memory


def test_a_container_counts_its_own_memory_and_what_it_can_give_back(tmp_path: Path) -> None:
    for name, told in {"max": "1000", "current": "800", "stat": "anon 1\ninactive_file 300"}.items():
        (tmp_path / f"memory.{name}").write_text(told)
    assert memory.of_group(tmp_path) == 500
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.of_group(tmp_path) is None
    assert memory.of_group(tmp_path / "none") is None


def test_there_is_some_and_this_process_uses_some() -> None:
    assert (memory.free() or 0) > 0
    assert (memory.used_by(os.getpid()) or 1) > 0
