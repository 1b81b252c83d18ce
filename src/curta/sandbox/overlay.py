"""A folder that a guest may change without harm: what it writes goes elsewhere, and what it did is known exactly.

The overlay is a tree of nodes over a `Folder` of the host, which is never written. A node knows which file or folder of
the host it stands for (`origin`); its own bytes, once it was written, lie in a scratch folder. Entries that nobody has
looked at have no node, so opening an overlay over a million files costs nothing, and renaming moves a node and copies
nothing.

Methods raise OSError with the errno a POSIX system would give; whoever serves a guest translates it.
"""

import errno
import itertools
import os
import time
from pathlib import Path
from typing import Literal

from curta.sandbox.folder import Fingerprint, Folder, Kind, Parts, Stat

LONGEST_NAME = 255
DEEPEST = 128
LONGEST_PATH = 4096
"""Bytes of a path in a view. Without a limit, the list of what a guest made could fill its host's memory."""

COPY = 1 << 20
MOMENT = 1000
"""Nanoseconds, which a guest that keeps times as floating-point numbers can tell apart."""

_numbers = itertools.count(1)


class Quota:
    """What may be written in all, by all the views of a guest. Raises OSError when it would be exceeded."""

    def __init__(self, bytes: int, files: int) -> None:
        self.bytes, self.files = bytes, files

    def charge(self, count: int) -> None:
        if count > self.bytes:
            raise _error(errno.ENOSPC)
        self.bytes -= count

    def charge_file(self) -> None:
        if self.files <= 0:
            raise _error(errno.EDQUOT)
        self.files -= 1


class Node:
    """A file or a folder that was looked at, made or moved.

    origin: the file or folder of the host it stands for; None for what the guest made.
    entries: of a folder: the entries that have nodes; None marks one that was removed.
    content: of a file: where its bytes are now, once it was written. users: how many open files refer to it.
    number: what a guest can tell it from others by.
    """

    __slots__ = ("base", "content", "entries", "kind", "linked", "modified", "number", "origin", "size", "users")

    def __init__(
        self,
        kind: Kind,
        origin: Parts | None = None,
        base: Fingerprint | None = None,
        *,
        size: int = 0,
        modified: int = 0,
    ) -> None:
        self.kind, self.origin, self.base, self.size, self.modified = kind, origin, base, size, modified
        self.entries: dict[str, Node | None] = {}
        self.content: Path | None = None
        self.users = 0
        self.linked = True
        self.number = next(_numbers)


class Overlay:
    """A view of `folder` (None: an empty one) that takes writes, if `writable`, into `scratch`."""

    def __init__(self, folder: Path | None, scratch: Path, quota: Quota, *, writable: bool) -> None:
        self.lower = None if folder is None else Folder(folder)
        self.scratch, self.quota, self.writable = scratch, quota, writable
        self.root = Node("folder", None if folder is None else ())
        self.read: dict[Parts, Fingerprint] = {}
        self.removed: dict[Parts, Fingerprint] = {}
        self._made = 0

    # Looking

    def stat(self, parts: Parts) -> Stat:
        node = self._node(parts)
        return Stat(node.kind, node.size, node.modified, node.number)

    def names(self, parts: Parts) -> dict[str, Kind]:
        """What is in the folder at `parts`."""
        node = self._folder(parts)
        below = {} if node.origin is None or self.lower is None else self.lower.names(node.origin)
        found = {name: kind for name, kind in below.items() if name not in node.entries}
        return found | {name: each.kind for name, each in node.entries.items() if each is not None}

    def open(
        self,
        parts: Parts,
        *,
        write: bool = False,
        create: bool = False,
        exclusive: bool = False,
        truncate: bool = False,
    ) -> "File":
        """The file at `parts`, made when it is missing and `create` is set."""
        if write or create or truncate:
            self._require_writable()
        node = self._find(parts)
        if node is None:
            if not create:
                raise _error(errno.ENOENT, parts)
            node = self._make(parts, "file")
        elif exclusive and create:
            raise _error(errno.EEXIST, parts)
        if node.kind == "folder":
            raise _error(errno.EISDIR, parts)
        file = File(self, node)
        if truncate and node.size:
            file.truncate(0)
        return file

    # Changing

    def make_folder(self, parts: Parts) -> None:
        if self._find(parts) is not None:
            raise _error(errno.EEXIST, parts)
        self._make(parts, "folder")

    def remove(self, parts: Parts) -> None:
        node = self._node(parts)
        if node.kind == "folder":
            raise _error(errno.EISDIR, parts)
        self._unlink(parts, node)

    def remove_folder(self, parts: Parts) -> None:
        self._folder(parts)
        if self.names(parts):
            raise _error(errno.ENOTEMPTY, parts)
        self._unlink(parts, self._node(parts))

    def rename(self, old: Parts, new: Parts) -> None:
        """Move what is at `old` to `new`; a file there, or an empty folder, is replaced."""
        node, there = self._node(old), self._find(new)
        if there is node:
            return
        if node.kind == "folder" and new[: len(old)] == old:
            raise _error(errno.EINVAL, new)
        height, length = _reach(node)
        if len(new) + height > DEEPEST or _length(new) + length > LONGEST_PATH:
            raise _error(errno.ENAMETOOLONG, new)
        if there is not None:
            self._make_way(node, there, new)
        parent = self._parent_for_change(new)
        self._detach(old)
        parent.entries[new[-1]] = node
        _touch(parent)

    def set_modified(self, parts: Parts, modified: int) -> None:
        """modified: nanoseconds since 1970."""
        self._require_writable()
        self._node(parts).modified = modified

    def close(self) -> None:
        if self.lower is not None:
            self.lower.close()

    # Nodes

    def _find(self, parts: Parts) -> Node | None:
        """The node at `parts`, made from the host's folder when nobody has looked at it yet."""
        _check(parts)
        node = self.root
        for depth, name in enumerate(parts):
            if node.kind != "folder":
                raise _error(errno.ENOTDIR, parts[:depth])
            below = node.entries[name] if name in node.entries else self._look_below(node, name)
            if below is None:
                if depth < len(parts) - 1:  # a folder on the way is missing, not just the last name
                    raise _error(errno.ENOENT, parts)
                return None
            node.entries[name] = below
            node = below
        return node

    def _node(self, parts: Parts) -> Node:
        node = self._find(parts)
        if node is None:
            raise _error(errno.ENOENT, parts)
        return node

    def _folder(self, parts: Parts) -> Node:
        node = self._node(parts)
        if node.kind != "folder":
            raise _error(errno.ENOTDIR, parts)
        return node

    def _look_below(self, node: Node, name: str) -> Node | None:
        if node.origin is None or self.lower is None:
            return None
        origin = (*node.origin, name)
        try:
            stat, base = self.lower.stat(origin)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Node(stat.kind, origin, base, size=stat.size, modified=stat.modified)

    def _make(self, parts: Parts, kind: Kind) -> Node:
        parent = self._parent_for_change(parts)
        self.quota.charge_file()
        node = Node(kind, modified=time.time_ns())
        if kind == "file":
            node.content = self._new_content()
        parent.entries[parts[-1]] = node
        _touch(parent)
        return node

    def _make_way(self, node: Node, there: Node, parts: Parts) -> None:
        if there.kind == "folder":
            if node.kind != "folder":
                raise _error(errno.EISDIR, parts)
            self.remove_folder(parts)
        elif node.kind == "folder":
            raise _error(errno.ENOTDIR, parts)
        else:
            self._unlink(parts, there)

    def _unlink(self, parts: Parts, node: Node) -> None:
        self._detach(parts)
        node.linked = False
        if node.origin is None:
            self.quota.files += 1
        elif node.base is not None:
            self.removed[node.origin] = node.base
        if not node.users:
            self.drop(node)

    def _detach(self, parts: Parts) -> None:
        parent = self._parent_for_change(parts)
        if self._look_below(parent, parts[-1]) is None:  # nothing of the host's to hide
            del parent.entries[parts[-1]]
        else:
            parent.entries[parts[-1]] = None
        _touch(parent)

    def _parent_for_change(self, parts: Parts) -> Node:
        self._require_writable()
        if not parts:
            raise _error(errno.EBUSY)
        return self._folder(parts[:-1])

    def _require_writable(self) -> None:
        if not self.writable:
            raise _error(errno.EROFS)

    # Contents

    def _new_content(self) -> Path:
        if not self._made:
            self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._made += 1
        path = self.scratch / str(self._made)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path

    def drop(self, node: Node) -> None:
        """Give back the bytes of a file that is gone and no longer open."""
        if node.content is not None:
            self.quota.bytes += node.size
            node.content.unlink(missing_ok=True)
            node.content = None

    def to_change(self, node: Node, keep: int) -> Path:
        """Where the bytes of `node` may be written; the first `keep` bytes of its original are copied there first."""
        self._require_writable()
        if node.content is None:
            assert self.lower is not None
            assert node.origin is not None
            kept = min(keep, node.size)
            self.quota.charge(kept)
            content = self._new_content()
            _copy(self.lower.open(node.origin), content, kept)
            node.content, node.size = content, kept
        return node.content


class File:
    """An open file. Offsets and counts are in bytes. Several may be open on one node and see each other's writes."""

    def __init__(self, overlay: Overlay, node: Node) -> None:
        self.node = node
        self._overlay = overlay
        self._descriptor: int | None = None
        self._of: Literal["original", "content"] | None = None
        node.users += 1

    def read(self, offset: int, count: int) -> bytes:
        node = self.node
        if node.content is None and node.origin is not None and node.base is not None:
            self._overlay.read.setdefault(node.origin, node.base)
        return os.pread(self._opened(), min(count, max(0, node.size - offset)), offset) if count > 0 else b""

    def write(self, offset: int, data: bytes) -> int:
        if offset < 0:
            raise _error(errno.EINVAL)
        node = self.node
        content = self._overlay.to_change(node, node.size)
        grown = max(0, offset + len(data) - node.size)
        self._overlay.quota.charge(grown)
        try:
            os.pwrite(self._opened_to_change(content), data, offset)
        except OSError:
            self._overlay.quota.charge(-grown)
            raise
        node.size += grown
        node.modified = time.time_ns()
        return len(data)

    def truncate(self, size: int) -> None:
        if size < 0:
            raise _error(errno.EINVAL)
        node = self.node
        content = self._overlay.to_change(node, size)
        self._overlay.quota.charge(size - node.size)
        os.ftruncate(self._opened_to_change(content), size)
        node.size, node.modified = size, time.time_ns()

    def close(self) -> None:
        self._close()
        self.node.users -= 1
        if not self.node.users and not self.node.linked:
            self._overlay.drop(self.node)

    def _opened(self) -> int:
        content = self.node.content
        if content is not None:
            return self._opened_to_change(content)
        if self._descriptor is None:
            assert self._overlay.lower is not None
            assert self.node.origin is not None
            self._descriptor, self._of = self._overlay.lower.open(self.node.origin), "original"
        return self._descriptor

    def _opened_to_change(self, content: Path) -> int:
        if self._descriptor is None or self._of == "original":
            self._close()
            self._descriptor, self._of = os.open(content, os.O_RDWR | os.O_CLOEXEC), "content"
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _copy(source: int, target: Path, count: int) -> None:
    with open(source, "rb") as original, open(target, "r+b") as copy:
        while count > 0 and (piece := original.read(min(count, COPY))):
            copy.write(piece)
            count -= len(piece)


def parts_of(path: str, folder: Parts = ()) -> Parts:
    """The names of a path as a guest gives it, relative to `folder`. Raises PermissionError when it leads out."""
    parts = [] if path.startswith("/") else list(folder)
    for name in path.split("/"):
        if name == "..":
            if not parts:
                raise _error(errno.EPERM)
            parts.pop()
        elif name not in ("", "."):
            parts.append(name)
    return tuple(parts)


def _check(parts: Parts) -> None:
    """Whatever a guest made of a path, no name of it may mean anything to the system but itself."""
    if len(parts) > DEEPEST:
        raise _error(errno.ENAMETOOLONG)
    for name in parts:
        if name in ("", ".", "..") or "/" in name or "\0" in name or _is_broken(name):
            raise _error(errno.EINVAL)
        if len(name) > LONGEST_NAME or len(name.encode()) > LONGEST_NAME:
            raise _error(errno.ENAMETOOLONG)
    if _length(parts) > LONGEST_PATH:
        raise _error(errno.ENAMETOOLONG)


def _length(parts: Parts) -> int:
    """Bytes of a path, with a separator before each name."""
    return sum(len(name.encode()) + 1 for name in parts)


def _reach(node: Node) -> tuple[int, int]:
    """How many levels are below a node, and the bytes of the longest path below it.

    Nothing is deeper than `DEEPEST`, so recursion ends.
    """
    below = [(name, *_reach(each)) for name, each in node.entries.items() if each is not None]
    levels = max((1 + height for _, height, _ in below), default=0)
    return levels, max((_length((name,)) + length for name, _, length in below), default=0)


def _touch(folder: Node) -> None:
    """Note that the entries of a folder changed: never by the time that it had, by which a guest knows what is new."""
    now = time.time_ns()
    folder.modified = now if abs(now - folder.modified) > MOMENT else folder.modified + MOMENT


def _is_broken(name: str) -> bool:
    return not name.isascii() and any("\ud800" <= c <= "\udfff" for c in name)


def _error(number: int, parts: Parts | None = None) -> OSError:
    return OSError(number, os.strerror(number), *([] if parts is None else ["/" + "/".join(parts)]))
