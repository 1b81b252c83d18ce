"""A program runs as it would in a Python of its own, sees what it was granted, and what it did is told."""

import asyncio
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from curta.errors import SourceNotFound, UsageError
from curta.sandbox import Limits, Sandbox, View
from curta.sandbox.result import Result

FILES = """
import csv, io, json, os, pathlib, shutil, tempfile, zipfile
with open("table.csv", "w", newline="") as file:
    csv.writer(file).writerows([["a", "b"], [1, "ü"]])
with open("table.csv", newline="") as file:
    assert list(csv.reader(file)) == [["a", "b"], ["1", "ü"]]
with open("both", "w+b") as file:
    file.write(b"0123456789")
    file.seek(2)
    assert file.read(3) == b"234"
    file.seek(-2, os.SEEK_END)
    file.write(b"XYZ")
    file.seek(0)
    assert file.read() == b"01234567XYZ"
with open("log", "a") as file:
    file.write("one\\n")
with open("log", "a") as file:
    assert file.tell() == 4
    print("two", file=file)
assert pathlib.Path("log").read_text().splitlines() == ["one", "two"]
with tempfile.TemporaryDirectory() as folder:
    inside = pathlib.Path(folder, "x.txt")
    inside.write_text("x" * 200_000)
    shutil.copy2(inside, "copied")
    assert inside.stat().st_size == os.path.getsize("copied") == 200_000
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("kept")
    file.flush()
    assert open(file.name).read() == "kept"
with tempfile.TemporaryFile() as file:
    file.write(b"no name")
pathlib.Path("deep/er/still").mkdir(parents=True, exist_ok=True)
pathlib.Path("deep/er/still/é.txt").write_text("deep")
shutil.copytree("deep", "copy")
assert [str(each) for each in sorted(pathlib.Path("copy").rglob("*.txt"))] == ["copy/er/still/é.txt"]
shutil.rmtree("deep")
shutil.move("copy", "moved")
with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write("log")
assert zipfile.ZipFile("all.zip").read("log") == b"one\\ntwo\\n"
assert not os.path.exists("deep") and os.path.isdir("moved/er") and os.access("log", os.R_OK)
assert sorted(entry.name for entry in os.scandir("moved")) == ["er"]
os.replace("log", "renamed")
os.truncate("renamed", 3)
assert open("renamed", "rb").read() == b"one"
assert json.load(io.open("moved/er/none.json", "x+")) if False else True
try:
    open("renamed", "x")
except FileExistsError:
    pass
try:
    os.rmdir("moved")
except OSError as error:
    print(type(error).__name__, error.errno == 55)
with os.fdopen(os.open("raw", os.O_CREAT | os.O_WRONLY | os.O_EXCL), "w") as file:
    file.write("raw")
os.utime("raw", (1, 2))
assert os.stat("raw").st_mtime == 2
print("good")
"""


@pytest.fixture(scope="module")
def sandbox(warm_home: Path) -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(seconds=20)) as made:
        made.run("")
        yield made


def seen(result: Result, at: str = "/work") -> list[tuple[str, str]]:
    return [(each.action, each.path) for each in result.effects[at].changes]


def test_a_program_prints_and_its_last_value_is_told(sandbox: Sandbox) -> None:
    result = sandbox.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7")
    assert (result.status, result.stdout, result.stderr, result.value) == ("ok", "out\n", "err\n", "42")
    assert result.walls[0] == "webassembly"
    assert result.usage.seconds > 0


def test_a_run_leaves_nothing_to_the_next(sandbox: Sandbox) -> None:
    look = "import json, os\nprint('x' in globals(), os.listdir('/tmp'), os.listdir(), hasattr(json, 'x'))"
    leave = "x = 1; open('/tmp/x', 'w').close(); open('/work/x', 'w').close(); import json; json.x = 1"
    for _ in range(3):  # from the second on, the next guest is made before it is asked for
        assert sandbox.run(leave).ok
        assert sandbox.run(look).stdout == "False [] [] False\n"


def test_an_error_shows_the_programs_lines_and_nothing_of_the_sandbox(sandbox: Sandbox) -> None:
    error = sandbox.run("def f(x):\n    return 1 / x\n\nf(0)").error
    assert error.splitlines()[:4] == [
        "Traceback (most recent call last):",
        '  File "main", line 4, in <module>',
        "    f(0)",
        "    ~^^^",
    ]
    assert error.endswith("ZeroDivisionError: division by zero\n")
    assert "app.py" not in error
    assert 'File "main", line 1' in sandbox.run("x = = 1").error


def test_the_exit_code_is_the_programs(sandbox: Sandbox) -> None:
    assert sandbox.run("raise SystemExit").status == "ok"
    result = sandbox.run("import sys; sys.exit(7)")
    assert (result.status, result.exit_code) == ("error", 7)
    result = sandbox.run("import sys; sys.exit('no file')")
    assert (result.exit_code, result.error) == (1, "no file")


def test_it_reads_what_is_piped_in(sandbox: Sandbox) -> None:
    result = sandbox.run("import sys\nprint(input(), sys.stdin.read().split())", stdin="first\nsecond third é\n")
    assert result.stdout == "first ['second', 'third', 'é']\n"


def test_the_standard_library_has_its_files(sandbox: Sandbox) -> None:
    result = sandbox.run(FILES)
    assert result.ok, result.error
    assert result.stdout == "OSError True\ngood\n"
    assert ("created", "moved/er/still/é.txt") in seen(result)
    assert not [path for _, path in seen(result) if path.startswith(("deep", "copy", "log"))]
    assert result.files["/work/renamed"].read_bytes() == b"one"


def test_output_comes_as_it_is_written_and_characters_come_whole(sandbox: Sandbox) -> None:
    pieces: list[tuple[str, str]] = []
    program = "import sys, time\nfor each in ('a', 'é' * 3):\n  print(each)\nsys.stdout.flush()\n"
    program += "for byte in '☃'.encode():\n  sys.stdout.buffer.write(bytes([byte]))\n  sys.stdout.buffer.flush()"
    result = sandbox.run(program, on_output=lambda stream, text: pieces.append((stream, text)))
    assert "".join(text for _, text in pieces) == result.stdout == "a\néé"[:3] + "é" + "é\n☃"
    assert len(pieces) >= 3
    assert not any("\ufffd" in text for _, text in pieces)


def test_randomness_is_new_in_every_run_and_hashes_are_not(sandbox: Sandbox) -> None:
    program = (
        "import os, random, uuid, secrets\nprint(random.random(), os.urandom(8), uuid.uuid4(), secrets.token_hex())"
    )
    assert len({sandbox.run(program).stdout for _ in range(4)}) == 4
    assert sandbox.run("print(hash('a'))").stdout == sandbox.run("print(hash('a'))").stdout


def test_a_folder_to_work_in_stays_as_it_is_and_the_effects_are_told(warm_home: Path, tmp_path: Path) -> None:
    for name in ("keep.txt", "change.txt", "rename.txt", "delete.txt"):
        (tmp_path / name).write_text(name)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    view = View(tmp_path)
    program = """
import os
print(open("keep.txt").read())
open("change.txt", "a").write("!")
os.rename("rename.txt", "renamed.txt")
os.remove("delete.txt")
os.makedirs("new/er")
open("new/er/file.txt", "w").write("made")
"""
    with Sandbox(view) as sandbox:
        result = sandbox.run(program)
        assert result.files["/work/new/er/file.txt"].read_text() == "made"
    assert seen(result) == [
        ("deleted", "delete.txt"), ("renamed", "renamed.txt"), ("created", "new"), ("created", "new/er"),
        ("created", "new/er/file.txt"), ("changed", "change.txt"),
    ]  # fmt: skip
    assert view.effects() is result.effects["/work"]
    assert set(view.effects().read) == {"keep.txt"}
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_a_folder_to_read_refuses_changes(warm_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.txt").write_text("granted")
    with Sandbox(View(folder, "read"), View(folder, "read", at="/elsewhere")) as sandbox:
        result = sandbox.run(
            "import os\nprint(open('/read/data/a.txt').read(), os.listdir('/elsewhere'))\nopen('/read/data/a.txt', 'w')"
        )
    assert result.stdout == "granted ['a.txt']\n"
    assert result.error.endswith("Read-only file system: '/read/data/a.txt'\n")


@pytest.mark.parametrize("at", ["/tmp", "/tmp/", "/", "work", "", "/packages/x", "/work/inner", "/a/../tmp", "//"])
def test_a_folder_has_a_place_of_its_own(tmp_path: Path, at: str) -> None:
    with pytest.raises(UsageError):
        Sandbox(View(tmp_path, at=at or "."))


def test_two_folders_at_one_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="/x"):
        Sandbox(View(tmp_path, at="/x"), View(tmp_path, at="/x/"))
    with pytest.raises(SourceNotFound):
        View(tmp_path / "missing")


def test_ten_thousand_files_are_walked(warm_home: Path, tmp_path: Path) -> None:
    for folder in range(100):
        (tmp_path / str(folder)).mkdir()
        for file in range(100):
            (tmp_path / str(folder) / f"{file}.txt").touch()
    with Sandbox(View(tmp_path), limits=Limits(seconds=60)) as sandbox:
        result = sandbox.run("import os\nprint(sum(len(files) for _, _, files in os.walk('.')))")
    assert result.stdout == "10000\n"
    assert not result.effects["/work"]


def test_a_pure_python_wheel_can_be_imported(warm_home: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "greeting-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("greeting/__init__.py", "from importlib.resources import files\nword = 'hello'\n")
        archive.writestr("greeting/text.txt", "data")
    with Sandbox(wheels=[wheel]) as sandbox:
        assert sandbox.run("import greeting; print(greeting.word)").stdout == "hello\n"
        assert sandbox.run("open('/packages/greeting/__init__.py', 'w')").status == "error"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x-1-cp311-cp311-linux_x86_64.whl", b""),
        ("x-1-py3-none-any.whl", b"no zip"),
        ("missing-1-py3-none-any.whl", None),
    ],
)
def test_what_is_no_pure_wheel_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((UsageError, SourceNotFound)):
        Sandbox(wheels=[tmp_path / name])


def test_a_folder_above_is_found_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    assert View(tmp_path / "inner" / "..", "read").at == f"/read/{tmp_path.name}"
    assert View("/", "read").at == "/read/root"


def test_a_wheel_that_cannot_be_unpacked_is_refused(tmp_path: Path) -> None:
    broken, folder = tmp_path / "x-1-py3-none-any.whl", tmp_path / "y-1-py3-none-any.whl"
    with zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.py", "word = 'hello'" * 100)
    broken.write_bytes(broken.read_bytes().replace(b"x.py", b"x.py" + b"\xff" * 8, 1))
    folder.mkdir()
    for wheel in (broken, folder):
        with pytest.raises(UsageError, match="is not a wheel"):
            Sandbox(wheels=[wheel])


def test_each_limit_is_a_result_with_a_sentence(warm_home: Path) -> None:
    with Sandbox(limits=Limits(seconds=0.5, memory=64 << 20, output=1000, disk=1 << 20, files=10)) as sandbox:
        late = sandbox.run("print('before', flush=True)\nwhile True: pass")
        assert (late.status, late.stdout, late.error) == (
            "deadline",
            "before\n",
            "Stopped after 0.5 seconds, the limit on time.",
        )
        assert sandbox.run("import time; time.sleep(60)").status == "deadline"
        large = sandbox.run("x = []\nwhile True: x.append(bytes(10**6))")
        assert (large.status, large.ok) == ("memory", False)
        loud = sandbox.run("print('x' * 5000)")
        assert (len(loud.stdout), loud.truncated, loud.ok) == (1000, ("stdout",), True)
        full = sandbox.run("open('/tmp/big', 'wb').write(bytes(2 << 20))")
        assert "No space left on device" in full.error
        many = sandbox.run("for n in range(11): open(f'/tmp/{n}', 'w').close()")
        assert "Quota exceeded" in many.error or "quota" in many.error.lower()
        assert sandbox.run("print('and on')").stdout == "and on\n"


def test_memory_too_small_for_python_is_said(warm_home: Path) -> None:
    with Sandbox(limits=Limits(memory=1 << 20)) as sandbox:
        result = sandbox.run("print(1)")
    assert result.status == "memory"
    assert "1 MB" in result.error


@pytest.mark.parametrize(
    "limit",
    [
        {"seconds": 0},
        {"memory": -1},
        {"disk": float("nan")},
        {"seconds": float("inf")},
        {"seconds": 1e308},
        {"memory": 1 << 70},
        {"output": 1 << 40},
    ],
)
def test_a_limit_that_cannot_be_is_refused(limit: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Sandbox(limits=Limits(**limit))  # type: ignore[arg-type]


def test_an_unknown_language_is_refused_with_those_there_are(sandbox: Sandbox) -> None:
    with pytest.raises(UsageError, match="cobol") as refused:
        sandbox.run("DISPLAY 'X'.", "cobol")
    assert "python" in refused.value.then


def test_a_source_too_long_or_not_text_is_no_crash(sandbox: Sandbox) -> None:
    with pytest.raises(UsageError):
        sandbox.run("#" * 50_000_000)
    assert sandbox.run("x = '\ud800'").status in ("ok", "error")
    assert sandbox.run("").ok


def test_several_at_once_do_not_mix(sandbox: Sandbox) -> None:
    async def all_of_them() -> list[Result]:
        return await asyncio.gather(*(sandbox.arun(f"print({number})") for number in range(12)))

    assert [result.stdout for result in asyncio.run(all_of_them())] == [f"{number}\n" for number in range(12)]


def test_two_sandboxes_run_at_the_same_time(warm_home: Path) -> None:
    with Sandbox() as one, Sandbox() as other:
        one.run("")
        other.run("")
        told: list[Result] = []
        threads = [
            threading.Thread(target=lambda box=box: told.append(box.run("import time; time.sleep(0.5)")))
            for box in (one, other)
        ]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(result.ok for result in told)
        assert max(each.usage.seconds for each in told) <= time.monotonic() - began


def test_a_closed_sandbox_leaves_nothing_and_starts_again(warm_home: Path) -> None:
    sandbox = Sandbox()
    result = sandbox.run("open('/work/x', 'w').write('x')")
    place = result.files["/work/x"]
    assert place.exists()
    sandbox.close()
    assert not place.exists()
    assert sandbox.run("print(1)").ok
    sandbox.close()
