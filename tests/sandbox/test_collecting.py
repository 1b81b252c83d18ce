"""Files out of the sandbox: whatever stands where a guest's bytes should be, only a plain file of its own is copied."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from curta.errors import UsageError
from curta.sandbox import record, taking
from curta.sandbox.taking import Found

SECRET = b"s3cr3t"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Where the bytes of a guest's file lie, beside a secret; its worker, should it be broken into, can write there."""
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secrets" / "1").mkdir(parents=True)
    (tmp_path / "secrets" / "1" / "1").write_bytes(SECRET)
    (tmp_path / "scratch" / "1" / "0").mkdir(parents=True)
    place = tmp_path / "scratch" / "1" / "0" / "1"
    place.write_bytes(b"honest")
    return place


def as_a_link(content: Path, secret: Path) -> None:
    content.unlink()
    content.symlink_to(secret)


def as_another_name_of_it(content: Path, secret: Path) -> None:
    content.unlink()
    os.link(secret, content)


def in_a_folder_that_is_a_link(content: Path, secret: Path) -> None:
    content.parent.rename(content.parent.with_name("aside"))
    content.parent.symlink_to(secret.parent / "secrets" / "1")


def in_two_folders_that_are_one_link(content: Path, secret: Path) -> None:
    content.parents[1].rename(content.parents[1].with_name("aside"))
    content.parents[1].symlink_to(secret.parent / "secrets")


def as_a_pipe_that_nobody_fills(content: Path, secret: Path) -> None:
    content.unlink()
    os.mkfifo(content)


def as_a_folder(content: Path, secret: Path) -> None:
    content.unlink()
    content.mkdir()


def nowhere(content: Path, secret: Path) -> None:
    content.unlink()


@pytest.mark.parametrize(
    "planted",
    [
        as_a_link, as_another_name_of_it, in_a_folder_that_is_a_link, in_two_folders_that_are_one_link,
        as_a_pipe_that_nobody_fills, as_a_folder, nowhere,
    ],
)  # fmt: skip
def test_what_is_planted_is_not_copied(content: Path, tmp_path: Path, planted: Callable[[Path, Path], None]) -> None:
    planted(content, tmp_path / "secret")
    taken = taking.take([Found("a.txt", content, 6)], tmp_path / "out")
    assert taken.copied == ()
    assert set(taken.refused) == {"a.txt"}
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(OSError, match=r".+"):
        record.opened(content)


def test_what_is_planted_while_we_copy_is_not_copied_either(content: Path, tmp_path: Path) -> None:
    spare, link = tmp_path / "spare", tmp_path / "link"

    def swap() -> None:
        """One after the other, at once: the honest file, and a link to the secret."""
        spare.write_bytes(b"honest")
        os.replace(spare, content)
        link.symlink_to(tmp_path / "secret")
        os.replace(link, content)

    with repeating(swap):
        for number in range(300):
            taking.take([Found(f"{number}.txt", content, 6)], tmp_path / "out")
    assert {each.read_bytes() for each in (tmp_path / "out").iterdir()} <= {b"honest"}


def test_a_folder_that_is_swapped_for_a_link_while_we_copy_leads_nowhere(content: Path, tmp_path: Path) -> None:
    outside, place = tmp_path / "outside", tmp_path / "out" / "charts"
    outside.mkdir()
    place.mkdir(parents=True)

    def swap() -> None:
        place.rename(tmp_path / "aside")
        place.symlink_to(outside)
        place.unlink()
        (tmp_path / "aside").rename(place)

    with repeating(swap):
        for number in range(300):
            taking.take([Found(f"charts/{number}.txt", content, 6)], tmp_path / "out")
    assert list(outside.iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(content: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").symlink_to(tmp_path / "secret")
    taken = taking.take([Found("a.txt", content, 6)], tmp_path / "out", replace=True)
    assert taken.copied == ("a.txt",)
    assert (tmp_path / "secret").read_bytes() == SECRET
    assert (tmp_path / "out" / "a.txt").read_bytes() == b"honest"


@contextmanager
def repeating(act: Callable[[], object]) -> Iterator[None]:
    """Do `act` over and over in a thread of its own."""
    over = threading.Event()

    def repeat() -> None:
        while not over.is_set():
            with suppress(OSError):
                act()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_where_a_file_is_there_is_no_folder_to_copy_to(content: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is not a folder"):
        taking.take([Found("a.txt", content, 6)], tmp_path / "out")
