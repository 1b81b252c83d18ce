"""What a guest did to a folder: every file and folder it created, changed, renamed, deleted and read, exactly.

Read off the overlay's tree, whose nodes say what of the host they stand for. Only what was touched has a node, so the
cost grows with the changes and not with the folder.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from curta.sandbox.folder import Fingerprint, Kind, Parts
from curta.sandbox.overlay import COPY, Node, Overlay

Action: TypeAlias = Literal["deleted", "renamed", "created", "changed"]
ACTIONS = ("deleted", "renamed", "created", "changed")


class Effect(NamedTuple):
    """One thing done to one file or folder. Paths are relative to the view, with `/` between names.

    source: of what was renamed: its path before. before, after: sizes in bytes, of files.
    base: how the original was when it was first looked at; another one now means that somebody else changed it.
    content: where the new bytes lie, on the host; only of what was created or changed.
    """

    action: Action
    path: str
    kind: Kind = "file"
    source: str | None = None
    before: int | None = None
    after: int | None = None
    base: Fingerprint | None = None
    content: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        shown = {"action": self.action, "path": self.path, "kind": self.kind}
        known = {"source": self.source, "before": self.before, "after": self.after}
        return {**shown, **{name: value for name, value in known.items() if value is not None}}


class Effects(NamedTuple):
    """Everything a guest did to a view. read: the files of which it has read a byte, as they were then."""

    changes: tuple[Effect, ...] = ()
    read: Mapping[str, Fingerprint] = MappingProxyType({})

    def __bool__(self) -> bool:
        return bool(self.changes)

    def to_dict(self) -> dict[str, Any]:
        return {"changes": [each.to_dict() for each in self.changes], "read": sorted(self.read)}


def effects(overlay: Overlay) -> Effects:
    """What was done in `overlay` so far: first what was deleted, then renamed, created, changed; each by path."""
    found = sorted(_Reading(overlay).changes(), key=lambda each: (ACTIONS.index(each.action), each.path))
    return Effects(tuple(found), {_path(parts): base for parts, base in overlay.read.items()})


class _Reading:
    """One reading of an overlay's tree. alive: the originals that are still somewhere in the view."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._lower = overlay.lower
        self._alive: set[Parts] = set(_origins(overlay.root))

    def changes(self) -> Iterator[Effect]:
        yield from self._of_folder(self._overlay.root, ())

    def _of_folder(self, folder: Node, parts: Parts) -> Iterator[Effect]:
        for name, node in folder.entries.items():
            expected = None if folder.origin is None else (*folder.origin, name)
            if node is not None:
                yield from self._of_entry(node, (*parts, name), expected)
            if (
                expected is not None
                and (node is None or node.origin != expected)
                and not self._replaces(node, expected)
            ):
                yield from self._deleted(expected)

    def _of_entry(self, node: Node, parts: Parts, expected: Parts | None) -> Iterator[Effect]:
        """What became of one entry. expected: the original that stood at its place, if one did."""
        path = _path(parts)
        if node.origin is None:
            yield from self._made(node, path, expected)
        elif node.origin != expected:
            yield Effect("renamed", path, node.kind, source=_path(node.origin), base=node.base)
        if node.origin is not None and node.content is not None:
            yield from self._changed(node, path, node.origin)
        yield from self._of_folder(node, parts)

    def _made(self, node: Node, path: str, expected: Parts | None) -> Iterator[Effect]:
        if expected is not None and self._replaces(node, expected):
            yield from self._changed(node, path, expected)
        else:
            yield Effect("created", path, node.kind, after=_size(node), content=node.content)

    def _changed(self, node: Node, path: str, origin: Parts) -> Iterator[Effect]:
        """The change of a file, if its bytes are not after all the same."""
        assert self._lower is not None
        assert node.content is not None
        base = node.base or self._overlay.removed.get(origin) or self._lower.stat(origin)[1]
        if node.size != base.size or not _same(self._lower.open(origin), node.content):
            yield Effect("changed", path, before=base.size, after=node.size, base=base, content=node.content)

    def _replaces(self, node: Node | None, expected: Parts) -> bool:
        """Whether `node` is a new file that stands where another file of the host stood."""
        return (
            node is not None
            and node.origin is None
            and node.kind == "file"
            and expected not in self._alive
            and self._kind_below(expected) == "file"
        )

    def _deleted(self, origin: Parts) -> Iterator[Effect]:
        """What of the original at `origin`, and in it, is nowhere in the view any more."""
        kind = None if origin in self._alive else self._kind_below(origin)
        if kind is None or self._lower is None:
            return
        base = self._overlay.removed.get(origin) or self._lower.stat(origin)[1]
        yield Effect("deleted", _path(origin), kind, before=base.size if kind == "file" else None, base=base)
        if kind == "folder":
            for name in self._lower.names(origin):
                yield from self._deleted((*origin, name))

    def _kind_below(self, origin: Parts) -> Kind | None:
        try:
            return None if self._lower is None else self._lower.stat(origin)[0].kind
        except (FileNotFoundError, NotADirectoryError):
            return None


def _origins(node: Node) -> Iterator[Parts]:
    if node.origin is not None:
        yield node.origin
    for below in node.entries.values():
        if below is not None:
            yield from _origins(below)


def _same(original: int, content: Path) -> bool:
    with open(original, "rb") as before, open(content, "rb") as after:
        while piece := before.read(COPY):
            if piece != after.read(len(piece)):
                return False
        return not after.read(1)


def _size(node: Node) -> int | None:
    return node.size if node.kind == "file" else None


def _path(parts: Parts) -> str:
    return "/".join(parts)
