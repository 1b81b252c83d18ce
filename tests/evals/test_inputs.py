"""Inputs: read once, from wherever they come, and kept where they take no memory."""

import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curta.errors import UsageError
from curta.evals import inputs, spec
from curta.evals.design import Blocks
from tests.evals.tones import SPEC


def read(rows: Any, **change: Any) -> inputs.Inputs:
    return inputs.read(spec.spec_of({**SPEC, "inputs": rows, **change}))


def table(path: Path, rows: Iterator[dict[str, Any]]) -> str:
    with path.open("w") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    return str(path)


def test_rows_come_out_as_they_went_in() -> None:
    rows = [{"text": "\ud800 é \0", "more": [1, {"b": 2.5, "a": None}]}, {"text": "", "more": True}]
    assert [each.values["more"] for each in read(rows)] == [[1, {"b": 2.5, "a": None}], True]
    assert [list(each.values) for each in read(rows)] == [["text", "more"]] * 2
    assert read(rows)[0].values["text"] == "\ufffd é \0"


def test_rows_of_one_unit_are_one_block_however_far_apart_they_are() -> None:
    rows = [{"text": str(number), "document": f"d{number % 3}"} for number in range(10)]
    found = read(rows, unit="document")
    assert list(found.sizes) == [4, 3, 3]
    blocks = list(Blocks(spec.spec_of({**SPEC, "inputs": rows, "unit": "document"}), found))
    assert sorted(len(each.asked) for each in blocks) == [6, 6, 8]
    for block in blocks:
        assert {each.input.unit for each in block.asked} == {block.unit}


def test_units_whose_names_look_alike_are_units_of_their_own() -> None:
    names = ["a", "A", "a ", "á", "1", 1.0, "", None]
    found = read([{"text": "x", "who": name} for name in names], unit="who")
    assert [each.unit for each in found] == ["a", "A", "a ", "á", "1", "1.0", "", ""]
    assert len(found.sizes) == 7


def test_two_inputs_with_one_id_are_named() -> None:
    rows = [{"text": "x", "id": number} for number in [*range(500), 317, *range(500, 800)]]
    with pytest.raises(UsageError, match="Two inputs have the id '317'"):
        read(rows)


def test_equal_rows_have_equal_digests_whatever_the_order_of_their_columns() -> None:
    one, other = [{"text": "x", "more": 1}], [{"more": 1, "text": "x"}]
    assert read(one).digest == read(other).digest
    assert read(one).digest != read([*one, *one]).digest


def test_a_table_that_changes_meanwhile_changes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path / "rows.jsonl", ({"text": f"word{number}"} for number in range(9)))
    found = read(path)
    Path(path).write_text("")
    assert [each.values["text"] for each in found] == [f"word{number}" for number in range(9)]


def test_standard_input_will_do() -> None:
    program = """
import json, sys
from curta.evals import inputs, spec
found = inputs.read(spec.spec_of({**json.loads(sys.argv[1]), "inputs": "-"}))
print([found[place].values["text"] for place in (2, 0, 1)])
"""
    told = json.dumps({name: each for name, each in SPEC.items() if name != "inputs"})
    command = [sys.executable, "-c", program, told]
    done = subprocess.run(command, input="a\nb\nc\n", capture_output=True, text=True, timeout=60)
    assert done.stdout == "['c', 'a', 'b']\n", done.stderr


def test_memory_is_that_of_a_few_inputs(tmp_path: Path) -> None:
    size, rows = 20_000, 1_000
    path = table(tmp_path / "rows.jsonl", ({"text": f"{number:0{size}}", "id": number} for number in range(rows)))
    read(path)  # what is loaded once does not count
    tracemalloc.start()
    try:
        found = read(path)
        blocks = Blocks(spec.spec_of({**SPEC, "inputs": path}), found)
        assert sum(len(block.asked) for block in blocks) == 2 * rows
        assert tracemalloc.get_traced_memory()[1] < size * rows / 5
    finally:
        tracemalloc.stop()


def test_a_disk_without_room_for_them_says_so(tmp_path: Path) -> None:
    path = table(tmp_path / "rows.jsonl", ({"text": f"{number:04000}"} for number in range(4_000)))
    program = """
import json, resource, sys
from curta.evals import inputs, spec
one = spec.spec_of({**json.loads(sys.argv[1]), "inputs": sys.argv[2]})
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, resource.RLIM_INFINITY))
inputs.read(one)
"""
    told = json.dumps({name: each for name, each in SPEC.items() if name != "inputs"})
    command = [sys.executable, "-c", program, told, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ)
    assert "SourceError: The inputs cannot be kept while they are asked about." in done.stderr
    assert "TMPDIR" in done.stderr
