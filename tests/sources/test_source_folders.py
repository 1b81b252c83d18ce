"""Folders and patterns: which files are loaded, in which order, and which are not."""

import os
from pathlib import Path

import pytest

from curta.errors import SourceError, SourceNotFound, SourceTooLarge
from curta.sources import files, folders, load


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plant(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(f"the text of {path}")


def uris(spec: str) -> list[str]:
    return [document.uri for document in load(spec)]


def test_a_folder_is_loaded_in_the_order_of_names(here: Path) -> None:
    plant("d/b.txt", "d/a/z.txt", "d/c.txt", "d/a/y/1.md")
    assert uris("d") == ["d/a/y/1.md", "d/a/z.txt", "d/b.txt", "d/c.txt"]
    assert [document.text for document in load("d")][1] == "the text of d/a/z.txt"


@pytest.mark.parametrize(
    ("spec", "uri"), [("d/", "d/a.txt"), ("./d", "./d/a.txt"), (".", "./d/a.txt"), ("d/../d", "d/../d/a.txt")]
)
def test_uris_begin_with_the_folder_as_it_was_given(here: Path, spec: str, uri: str) -> None:
    plant("d/a.txt")
    assert uris(spec) == [uri]


def test_hidden_and_binary_files_and_version_stores_are_left_out(here: Path) -> None:
    plant("d/a.txt", "d/.env", "d/.git/config", "d/CVS/Root", "d/.hg/x", "d/sub/.hidden/x")
    Path("d/picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    assert uris("d") == ["d/a.txt"]


def test_a_hidden_folder_that_is_named_is_loaded(here: Path) -> None:
    plant(".config/a.txt")
    assert uris(".config") == [".config/a.txt"]


def test_links_are_not_followed(here: Path) -> None:
    plant("d/a.txt", "outside/secret.txt")
    Path("d/loop").symlink_to("..")
    Path("d/self").symlink_to(".")
    Path("d/out").symlink_to("../outside")
    Path("d/secret.txt").symlink_to("../outside/secret.txt")
    Path("d/gone.txt").symlink_to("nowhere")
    assert uris("d") == ["d/a.txt"]


def test_a_link_that_is_named_is_followed(here: Path) -> None:
    plant("real/a.txt")
    Path("link").symlink_to("real")
    assert uris("link") == ["link/a.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_left_out(here: Path) -> None:
    plant("d/a.txt")
    os.mkfifo("d/pipe")
    assert uris("d") == ["d/a.txt"]


def test_ignore_rules_of_the_folder_and_of_subfolders(here: Path) -> None:
    plant("d/a.log", "d/keep.log", "d/sub/b.log", "d/sub/c.txt", "d/build/x.txt", "d/sub/build/y.txt")
    Path("d/.gitignore").write_text("# logs\n*.log\n!keep.log\n/build/\n")
    Path("d/sub/.gitignore").write_text("!b.log\nc.txt\n")
    assert uris("d") == ["d/keep.log", "d/sub/b.log", "d/sub/build/y.txt"]


def test_ignore_rules_of_the_repository_around(here: Path) -> None:
    plant("repo/.git/HEAD", "repo/src/a.py", "repo/src/a.o", "repo/src/gen/b.py")
    Path("repo/.gitignore").write_text("*.o\n/src/gen\n")
    Path(".gitignore").write_text("*.py\n")
    assert uris("repo/src") == ["repo/src/a.py"]


def test_no_rule_reaches_beyond_its_repository(here: Path) -> None:
    plant("d/a.txt")
    Path(".gitignore").write_text("*.txt\n")
    assert uris("d") == ["d/a.txt"]


def test_a_folder_that_is_named_is_loaded_though_it_is_ignored(here: Path) -> None:
    plant(".git/HEAD", "build/a.txt")
    Path(".gitignore").write_text("build/\n")
    assert uris("build") == ["build/a.txt"]


def test_a_folder_without_text(here: Path) -> None:
    plant("d/.hidden")
    with pytest.raises(SourceNotFound, match="The folder d holds no text"):
        load("d")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["a.py"]),
        ("src/*.py", ["src/b.py"]),
        ("src/**/*.py", ["src/b.py", "src/x/y/c.py"]),
        ("**/*.py", ["a.py", "src/b.py", "src/x/y/c.py"]),
        ("**/y/*", ["src/x/y/c.py"]),
        ("src/**", ["src/b.py", "src/notes.md", "src/x/y/c.py"]),
        ("src/?.py", ["src/b.py"]),
        ("s[a-r]c/[!a].py", ["src/b.py"]),
        ("./src/*.md", ["./src/notes.md"]),
        ("src/../src/*.md", ["src/../src/notes.md"]),
    ],
)
def test_a_pattern_is_a_choice_of_files(here: Path, pattern: str, found: list[str]) -> None:
    plant("a.py", "src/b.py", "src/x/y/c.py", "src/notes.md", "src/.hidden.py")
    assert uris(pattern) == found


def test_a_pattern_walks_only_where_it_leads(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant("a.txt", "b/c/d.txt", "b/e/f.txt", "g/h.txt")
    walked = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: walked.append(folder) or scandir(folder))
    assert (uris("*.txt"), len(walked)) == (["a.txt"], 1)
    assert (uris("b/c/**/*.txt"), len(walked)) == (["b/c/d.txt"], 2)
    assert (uris("[b-c]/c/*.txt"), len(walked)) == (["b/c/d.txt"], 5)


def test_a_pattern_may_be_absolute(here: Path) -> None:
    plant("a/b.txt")
    assert uris(f"{here}/a/*.txt") == [f"{here}/a/b.txt"]


def test_a_file_whose_name_looks_like_a_pattern(here: Path) -> None:
    plant("notes[1].txt", "notes1.txt")
    assert uris("notes[1].txt") == ["notes[1].txt"]


@pytest.mark.parametrize("pattern", ["*.rs", "nowhere/*.py", "src/["])
def test_a_pattern_that_nothing_fits(here: Path, pattern: str) -> None:
    plant("a.py", "src/b.py")
    with pytest.raises(SourceNotFound):
        load(pattern)


def test_a_pattern_below_a_file(here: Path) -> None:
    plant("a.py")
    with pytest.raises(SourceError, match=r"Cannot read the folder a\.py: Not a directory"):
        load("a.py/*")


def test_a_binary_file_of_any_size_is_left_out(here: Path) -> None:
    plant("d/a.txt")
    with open("d/film.bin", "wb") as file:
        file.truncate(2**31)
    assert uris("d") == ["d/a.txt"]


def test_a_text_that_is_too_large_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LIMIT", 10)
    plant("d/a.txt")
    with pytest.raises(SourceTooLarge, match=r"d/a\.txt"):
        load("d")


def test_a_folder_that_is_too_large_in_all(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LIMIT", 30)
    plant("d/a.txt", "d/b.txt", "d/c.txt")
    with pytest.raises(SourceTooLarge, match="d holds more than"):
        load("d")
