"""Ignore rules mean what git means by them. Where git is installed, it is asked."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curta.sources.ignore import compile_pattern, ignored, matches, parse_rules


def excluded(rules: str, path: str) -> bool:
    """Whether the path, a folder when it ends with `/`, is left out, or lies in a folder that is."""
    chain = (parse_rules(rules, ()),)
    names = path.rstrip("/").split("/")
    folders = [ignored(chain, names[:depth], True) for depth in range(1, len(names))]
    return any(folders) or ignored(chain, names, path.endswith("/"))


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("*.log", "a.log", True),
        ("*.log", "x/y/a.log", True),
        ("*.log", "a.logs", False),
        ("/a.txt", "a.txt", True),
        ("/a.txt", "x/a.txt", False),
        ("x/a.txt", "x/a.txt", True),
        ("x/a.txt", "y/x/a.txt", False),
        ("**/x/a.txt", "y/x/a.txt", True),
        ("build/", "build/", True),
        ("build/", "build", False),
        ("build/", "x/build/a.txt", True),
        ("x/**/y", "x/y", True),
        ("x/**/y", "x/a/b/y", True),
        ("x/**", "x/a/b", True),
        ("x/**", "x/", False),
        ("*\n!keep.txt", "keep.txt", False),
        ("*.txt\n!*.txt\na.txt", "a.txt", True),
        ("x/\n!x/a.txt", "x/a.txt", True),
        ("# a comment\n\n  \n", "# a comment", False),
        ("\\#x", "#x", True),
        ("\\!x", "!x", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("a  ", "a", True),
        ("a\\ ", "a ", True),
        ("[^a].c", "b.c", True),
        ("[!a].c", "a.c", False),
        ("?.c", "é.c", True),
        ("*", "x\ny", True),
        ("a.c\r", "a.c", True),
        ("A.c", "a.c", False),
    ],
)
def test_a_rule(rules: str, path: str, expected: bool) -> None:
    assert excluded(rules, path) is expected


def test_hostile_patterns_do_not_take_for_ever() -> None:
    assert not matches(compile_pattern("*a" * 100 + "b"), ["a" * 250])
    assert not matches(compile_pattern("**/a/" * 60 + "b"), ["a"] * 500)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


_NAME_PATTERNS = st.sampled_from(["a", "b", "*", "**", "a*", "?", "*b", "[ab]", "[!a]", "[^b]", "\\a", "ab"])
_PATTERNS = st.builds(
    lambda negation, start, names, end: negation + start + "/".join(names) + end,
    *(st.sampled_from(["", "", "!"]), st.sampled_from(["", "/"]), st.lists(_NAME_PATTERNS, min_size=1, max_size=3)),
    st.sampled_from(["", "/", " "]),
)
_PATHS = [a + b + c for a in ("a/", "b/", "ab/") for b in ("", "a/", "b/") for c in ("a", "b", "ab", "c")]


@settings(max_examples=60)
@given(st.lists(_PATTERNS, min_size=1, max_size=4))
@example(["**", "!a/"])
def test_the_rules_agree_with_git(repository: Path, patterns: list[str]) -> None:
    rules = "\n".join(patterns)
    (repository / ".gitignore").write_text(rules)
    asked = subprocess.run(
        ["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin"],
        input="\n".join(_PATHS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert [path for path in _PATHS if excluded(rules, path)] == asked.stdout.splitlines()
