"""A view that takes writes behaves as a folder does, never changes the folder, and knows what was done."""

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.sandbox.effects import Effects, effects
from curta.sandbox.overlay import Overlay, Quota, parts_of

ORIGINAL = {"a": b"first", "b": b"second" * 1000, "d/a": b"", "d/b": b"deep", "d/d/a": b"deeper", "e/b": b"x"}
NAMES = ["a", "b", "d", "e"]
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
steps = st.one_of(
    st.tuples(st.just("write"), paths, st.binary(max_size=8)),
    st.tuples(st.just("append"), paths, st.binary(min_size=1, max_size=4)),
    st.tuples(st.just("truncate"), paths, st.integers(0, 7000)),
    st.tuples(st.just("mkdir"), paths),
    st.tuples(st.just("remove"), paths),
    st.tuples(st.just("rmdir"), paths),
    st.tuples(st.just("rename"), paths, paths),
    st.tuples(st.just("rmtree"), paths),
)


def fill(folder: Path) -> Path:
    for name, data in ORIGINAL.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def overlay_of(folder: Path | None, scratch: Path, *, writable: bool = True, size: int = 1 << 20) -> Overlay:
    scratch.mkdir(exist_ok=True)
    return Overlay(folder, scratch, Quota(size, 100), writable=writable)


def tree_of(folder: Path) -> dict[str, bytes | None]:
    found = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in found}


def view_of(overlay: Overlay, parts: tuple[str, ...] = ()) -> dict[str, bytes | None]:
    seen: dict[str, bytes | None] = {}
    for name, kind in overlay.names(parts).items():
        here = (*parts, name)
        seen["/".join(here)] = None if kind == "folder" else contents(overlay, "/".join(here))
        if kind == "folder":
            seen |= view_of(overlay, here)
    return seen


def contents(overlay: Overlay, path: str) -> bytes:
    file = overlay.open(parts_of(path))
    try:
        return file.read(0, overlay.stat(parts_of(path)).size)
    finally:
        file.close()


def write(overlay: Overlay, path: str, data: bytes, at: int = 0, **how: bool) -> None:
    file = overlay.open(parts_of(path), write=True, create=True, **how)
    try:
        file.write(at, data)
    finally:
        file.close()


def on_overlay(overlay: Overlay, verb: str, path: str, *rest: Any) -> None:
    parts = parts_of(path)
    if verb == "write":
        write(overlay, path, rest[0], truncate=True)
    elif verb == "append":
        file = overlay.open(parts, write=True)
        file.write(overlay.stat(parts).size, rest[0])
        file.close()
    elif verb == "truncate":
        file = overlay.open(parts, write=True)
        file.truncate(rest[0])
        file.close()
    elif verb == "rmtree":
        for name, kind in overlay.names(parts).items():
            on_overlay(overlay, "rmtree" if kind == "folder" else "remove", f"{path}/{name}")
        overlay.remove_folder(parts)
    elif verb == "rename":
        overlay.rename(parts, parts_of(rest[0]))
    else:
        {"mkdir": overlay.make_folder, "remove": overlay.remove, "rmdir": overlay.remove_folder}[verb](parts)


def on_disk(root: Path, verb: str, path: str, *rest: Any) -> None:
    here = root / path
    if verb == "write":
        here.write_bytes(rest[0])
    elif verb == "append":
        with open(here, "r+b") as file:
            file.seek(0, 2)
            file.write(rest[0])
    elif verb == "truncate":
        os.truncate(here, rest[0])
    elif verb == "rmtree":
        shutil.rmtree(here)
    elif verb == "rename":
        os.rename(here, root / rest[0])
    else:
        {"mkdir": os.mkdir, "remove": os.unlink, "rmdir": os.rmdir}[verb](here)


def outcome(act: Callable[..., None], *how: Any) -> bool:
    try:
        act(*how)
    except OSError:
        return False
    return True


def apply(done: Effects, root: Path) -> None:
    """Do the effects to a real folder, in the plainest way: the deepest goes or is set aside first."""
    aside = Path(tempfile.mkdtemp(dir=root.parent))
    moved: dict[str, Path] = {}
    leaving = [each for each in done.changes if each.action in ("deleted", "renamed")]
    for each in sorted(leaving, key=lambda each: -(each.source or each.path).count("/")):
        if each.action == "renamed":
            moved[each.path] = aside / str(len(moved))
            os.rename(root / (each.source or ""), moved[each.path])
        else:
            (root / each.path).unlink() if each.kind == "file" else (root / each.path).rmdir()
    made = {each.path: each for each in done.changes if each.action == "created"}
    for path in sorted({**moved, **made}, key=lambda path: path.count("/")):
        if path in moved:
            os.rename(moved[path], root / path)
        elif made[path].kind == "folder":
            os.mkdir(root / path)
        else:
            shutil.copy(made[path].content or "", root / path)
    for each in done.changes:
        if each.action == "changed":
            shutil.copyfile(each.content or "", root / each.path)


@settings(max_examples=120)
@given(st.lists(steps, max_size=12))
def test_it_behaves_as_a_folder_does_and_its_effects_lead_there(todo: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        original, real = fill(Path(place, "original")), fill(Path(place, "real"))
        overlay = overlay_of(original, Path(place, "scratch"))
        for step in todo:
            assert outcome(on_overlay, overlay, *step) == outcome(on_disk, real, *step), step
            assert view_of(overlay) == tree_of(real), step
        assert tree_of(original) == tree_of(fill(Path(place, "untouched")))
        apply(effects(overlay), original)
        assert tree_of(original) == tree_of(real)
        overlay.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path / "folder")


@pytest.fixture
def overlay(folder: Path, tmp_path: Path) -> Iterator[Overlay]:
    made = overlay_of(folder, tmp_path / "scratch")
    yield made
    made.close()


def shown(overlay: Overlay) -> list[str]:
    found = effects(overlay).changes
    return [f"{e.action} {e.source + ' -> ' if e.source else ''}{e.path}" for e in found]


def test_nothing_done_is_no_effect(overlay: Overlay) -> None:
    assert view_of(overlay)
    assert shown(overlay) == []


def test_what_was_done_is_told_exactly(overlay: Overlay) -> None:
    write(overlay, "a", b"FIRST")
    write(overlay, "new", b"1")
    overlay.make_folder(("made",))
    overlay.rename(("b",), ("made", "b"))
    on_overlay(overlay, "rmtree", "d")
    assert shown(overlay) == [
        "deleted d", "deleted d/a", "deleted d/b", "deleted d/d", "deleted d/d/a", "renamed b -> made/b",
        "created made", "created new", "changed a",
    ]  # fmt: skip


def test_a_folder_that_moved_is_one_effect(overlay: Overlay) -> None:
    overlay.rename(("d",), ("moved",))
    assert shown(overlay) == ["renamed d -> moved"]
    write(overlay, "moved/b", b"other")
    overlay.remove(("moved", "a"))
    overlay.rename(("moved", "d", "a"), ("a2",))
    assert shown(overlay) == ["deleted d/a", "renamed d/d/a -> a2", "renamed d -> moved", "changed moved/b"]


def test_saving_by_renaming_over_is_a_change(overlay: Overlay) -> None:
    write(overlay, "draft", b"better")
    overlay.rename(("draft",), ("a",))
    assert shown(overlay) == ["changed a"]


def test_moving_over_another_file_deletes_it(overlay: Overlay) -> None:
    overlay.rename(("a",), ("b",))
    assert shown(overlay) == ["deleted b", "renamed a -> b"]


def test_two_files_that_change_places(overlay: Overlay) -> None:
    for old, new in (("a", "c"), ("b", "a"), ("c", "b")):
        overlay.rename((old,), (new,))
    assert shown(overlay) == ["renamed b -> a", "renamed a -> b"]


def test_what_was_put_back_as_it_was_is_no_effect(overlay: Overlay) -> None:
    write(overlay, "a", b"other", truncate=True)
    write(overlay, "a", ORIGINAL["a"], truncate=True)
    write(overlay, "passing", b"")
    overlay.remove(("passing",))
    overlay.remove(("e", "b"))
    write(overlay, "e/b", b"x")
    assert shown(overlay) == []


def test_what_was_read_is_known_and_what_was_only_listed_is_not(overlay: Overlay) -> None:
    overlay.names(())
    overlay.stat(("b",))
    contents(overlay, "d/b")
    assert list(effects(overlay).read) == ["d/b"]


def test_the_original_is_renamed_without_a_copy(overlay: Overlay, tmp_path: Path) -> None:
    overlay.rename(("b",), ("c",))
    assert not list((tmp_path / "scratch").iterdir())


def test_open_files_see_each_others_writes_and_outlive_their_names(overlay: Overlay) -> None:
    reader, writer = overlay.open(("a",)), overlay.open(("a",), write=True)
    assert reader.read(0, 9) == b"first"
    writer.write(0, b"F")
    assert reader.read(0, 9) == b"First"
    overlay.remove(("a",))
    assert reader.read(0, 9) == b"First"
    writer.close()
    reader.close()
    assert "a" not in overlay.names(())


# Limits


def test_the_quota_holds_for_bytes_and_for_files(folder: Path, tmp_path: Path) -> None:
    overlay = overlay_of(folder, tmp_path / "scratch", size=100)
    write(overlay, "new", b"x" * 90)
    for act in (lambda: write(overlay, "new", b"x" * 11, at=90), lambda: write(overlay, "other", b"x", at=1 << 40)):
        with pytest.raises(OSError, match="No space") as refused:
            act()
        assert refused.value.errno == errno.ENOSPC
    with pytest.raises(OSError, match="No space"):
        write(overlay, "b", b"a large file of the host is copied before it is written")
    overlay.remove(("new",))
    write(overlay, "new", b"x" * 90)
    overlay.quota.files = 1
    overlay.make_folder(("one",))
    with pytest.raises(OSError, match="quota") as refused:
        overlay.make_folder(("two",))
    assert refused.value.errno == errno.EDQUOT


def test_a_read_only_view_refuses_every_change(folder: Path, tmp_path: Path) -> None:
    overlay = overlay_of(folder, tmp_path / "scratch", writable=False)
    before = tree_of(folder)
    for step in (
        ("write", "a", b"x"), ("write", "new", b"x"), ("append", "a", b"x"), ("truncate", "a", 0), ("mkdir", "n"),
        ("remove", "a"), ("rename", "a", "z"), ("rename", "a", "b"),
    ):  # fmt: skip
        with pytest.raises(OSError, match="Read-only") as refused:
            on_overlay(overlay, *step)
        assert refused.value.errno == errno.EROFS
    assert view_of(overlay) == before == tree_of(folder)
    assert shown(overlay) == []


# Ways out


def test_links_devices_and_sockets_are_not_there(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("the secret")
    (folder / "out").symlink_to(secret)
    (folder / "file-out").symlink_to(secret / "key")
    (folder / "e" / "loop").symlink_to("..")
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
    overlay = overlay_of(folder, tmp_path / "scratch")
    assert view_of(overlay).keys() == ORIGINAL.keys() | {"d", "d/d", "e"}
    for path in ("out/key", "file-out", "e/loop/a", "pipe", "socket", "out"):
        with pytest.raises(OSError, match="No such file"):
            overlay.open(parts_of(path))
    write(overlay, "file-out", b"not through the link")
    assert (secret / "key").read_text() == "the secret"


@pytest.mark.parametrize("path", ["..", "../secret", "/../secret", "d/../../secret", "d/d/../../../a"])
def test_no_path_leads_out(path: str) -> None:
    with pytest.raises(PermissionError):
        parts_of(path)


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a\0b", "\udc80", "x" * 256])
def test_a_name_means_nothing_but_itself(overlay: Overlay, name: str) -> None:
    for act in (overlay.stat, overlay.open, overlay.names, overlay.make_folder, overlay.remove):
        with pytest.raises(OSError, match=r"Invalid argument|name too long"):
            act((name,))  # type: ignore[operator]
        with pytest.raises(OSError, match=r"Invalid argument|name too long"):
            act((name, "passwd"))  # type: ignore[operator]


def test_no_path_is_longer_than_a_path_may_be_however_it_came_about(tmp_path: Path) -> None:
    overlay = overlay_of(None, tmp_path / "scratch")
    deep, below = ("x" * 250,) * 8, ("y" * 250,) * 8
    for chain in (deep, ("y", *below)):
        for depth in range(1, len(chain) + 1):
            overlay.make_folder(chain[:depth])
    with pytest.raises(OSError, match="name too long"):
        overlay.rename(("y",), (*deep, "z" * 100))
    overlay.rename(("y",), (*deep, "z"))
    write(overlay, "/".join([*deep, "z", *below, "w" * 70]), b"")
    with pytest.raises(OSError, match="name too long"):
        write(overlay, "/".join([*deep, "z", *below, "w" * 90]), b"")


def test_a_folder_says_that_its_entries_changed_by_its_time(overlay: Overlay) -> None:
    times = [overlay.stat(()).modified]
    for change in (
        lambda: write(overlay, "new", b"x"),
        lambda: overlay.make_folder(("f",)),
        lambda: overlay.rename(("new",), ("newer",)),
        lambda: overlay.remove(("newer",)),
    ):
        change()
        times.append(overlay.stat(()).modified)
    assert len(set(times)) == len(times)


def test_a_folder_swapped_for_a_link_while_we_work_does_not_lead_out(overlay: Overlay, folder: Path) -> None:
    assert overlay.stat(("d", "b")).size == 4
    shutil.rmtree(folder / "d")
    (folder / "d").symlink_to("/etc")
    with pytest.raises(OSError, match=r"Not a directory|No such file|Too many levels"):
        overlay.open(("d", "passwd")).read(0, 10)


def test_names_of_any_script_pass_and_broken_ones_are_not_there(folder: Path, tmp_path: Path) -> None:
    (folder / "naïve 文書 -rf \u202e.txt").write_text("ok")
    (folder / os.fsdecode(b"broken\xff")).write_text("hidden")
    overlay = overlay_of(folder, tmp_path / "scratch")
    assert contents(overlay, "naïve 文書 -rf \u202e.txt") == b"ok"
    assert not any("broken" in name for name in overlay.names(()))
