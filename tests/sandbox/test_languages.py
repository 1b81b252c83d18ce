"""JavaScript, Lua, SQL and C in the sandbox: what runs, what errors say, and what breaks nothing."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest
import wasmtime

from curta.errors import MissingExtra, SandboxError, UsageError
from curta.sandbox import Limits, Sandbox, View, engines
from curta.sandbox.languages import c

PROGRAMS = Path(__file__).parent / "programs"
needs_zig = pytest.mark.skipif(find_spec("ziglang") is None, reason="C needs ziglang: pip install 'curta[c]'")
pytestmark = pytest.mark.xdist_group("sandbox c")


def built(language: str) -> bool:
    artefact = engines.find(language).artefact
    try:
        return artefact is not None and artefact().path.exists()
    except SandboxError:
        return False


@pytest.fixture(scope="module")
def box(warm_home: Path) -> Iterator[Sandbox]:
    if not all(built(name) for name in ("javascript", "lua", "sql")):
        subprocess.run([sys.executable, "-m", "curta.sandbox.languages.build"], check=True, timeout=1200)
    with Sandbox(limits=Limits(seconds=20)) as sandbox:
        yield sandbox


# JavaScript


def test_javascript_prints_values_as_node_does(box: Sandbox) -> None:
    result = box.run(
        "console.log('text', 1.5, [1, 'a', null], { a: { b: [] }, 'c-d': undefined }, new Map([[1, 2]]), 10n ** 20n);"
        "console.error('to %s: %d', 'stderr', 42);",
        "javascript",
    )
    assert result.stdout == (
        "text 1.5 [ 1, 'a', null ] { a: { b: [] }, \"c-d\": undefined } Map(1) { 1 => 2 } 100000000000000000000n\n"
    )
    assert result.stderr == "to stderr: 42\n"


def test_javascript_reads_and_writes_files_and_input(box: Sandbox) -> None:
    result = box.run(
        """
        const fs = require("node:fs"), path = require("path");
        fs.mkdirSync("a/b", { recursive: true });
        fs.writeFileSync(path.join("a", "b", "new.txt"), "ünï\\n" + fs.readFileSync(0, "utf8"));
        fs.appendFileSync("/work/a/b/new.txt", "end");
        console.log(fs.readFileSync("a/b/new.txt", "utf8"), fs.readdirSync("a"), fs.existsSync("nothing"));
        try { fs.readFileSync("/etc/passwd") } catch (error) { console.log(error.code) }
        """,
        "javascript",
        stdin="given\n",
    )
    assert result.stdout == "ünï\ngiven\nend [ 'b' ] false\nENOENT\n", result.stderr
    assert [(each.action, each.path) for each in result.effects["/work"].changes if each.kind == "file"] == [
        ("created", "a/b/new.txt")
    ]


def test_javascript_modules_are_imported_from_the_work_folder(warm_home: Path, box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "lib.mjs").write_text("export const twice = (n) => 2 * n;")
    (tmp_path / "old.js").write_text("exports.thrice = (n) => 3 * n;")
    with Sandbox(View(tmp_path)) as sandbox:
        result = sandbox.run(
            """
            import { twice } from "./lib.mjs";
            import fs, { readdirSync } from "fs";
            const { thrice } = require("./old.js");
            console.log(twice(21), thrice(2), fs.readdirSync === readdirSync, await Promise.resolve("awaited"));
            """,
            "javascript",
        )
    assert result.stdout == "42 6 true awaited\n", result.stderr


def test_javascript_is_a_script_unless_it_can_only_be_a_module(box: Sandbox) -> None:
    assert box.run("x = 6; console.log(x * 7, typeof this)", "javascript").stdout == "42 object\n"
    assert box.run("console.log(await 42, typeof this)", "javascript").stdout == "42 undefined\n"
    assert "SyntaxError" in box.run("import { a } from 'fs'; let = = 3", "javascript").stderr


def test_javascript_timers_run_in_order_of_time(box: Sandbox) -> None:
    source = """
        setTimeout(() => console.log(3), 20); setTimeout(() => console.log(2), 1);
        Promise.resolve().then(() => console.log(1)); console.log(0);
        """
    assert box.run(source, "javascript").stdout == "0\n1\n2\n3\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("let a = 1;\nlet b = missing + a;", "Uncaught ReferenceError: missing is not defined"),
        ("let a = 1;\nthrow new TypeError('thrown');", "Uncaught TypeError: thrown"),
        ("1;\nlet = = 3;", "Uncaught SyntaxError"),
        ("const go = async () => {\n throw new Error('later') };\ngo();", "Uncaught Error: later"),
        ("import './absent.mjs';\n", "absent.mjs"),
        ("let f = () => 1 + f();\nf();", "Uncaught RangeError"),
    ],
)
def test_javascript_errors_name_their_line(box: Sandbox, source: str, said: str) -> None:
    result = box.run(source, "javascript")
    assert (result.status, result.exit_code) == ("error", 1)
    assert said in result.stderr
    assert "absent" in said or "/work/main.js:" in result.stderr, result.stderr


@pytest.mark.parametrize("nested", ["(", "[", "!", "`${", "{", "a=>", "if(1)", "class A extends "])
def test_javascript_nested_too_deep_is_an_error_of_its_own(box: Sandbox, nested: str) -> None:
    result = box.run(
        f"try {{ eval({nested!r}.repeat(200_000)) }} catch (error) {{ console.log(error.name) }}", "javascript"
    )
    assert (result.status, result.stdout) == ("ok", "RangeError\n")
    assert box.run("JSON.parse('['.repeat(200_000))", "javascript").status == "error"


# Lua


def test_lua_runs_with_files_input_and_protected_calls(box: Sandbox) -> None:
    result = box.run(
        """
        local file <close> = assert(io.open("made.txt", "w"))
        file:write(io.read("a")):close()
        for line in io.lines("made.txt") do print(line) end
        print(pcall(error, { code = 7 }), select(2, pcall(error, "caught", 0)))
        print(coroutine.wrap(function() coroutine.yield("yielded") end)())
        print(io.open("/etc/passwd"))
        print(os.execute("ls"))
        """,
        "lua",
        stdin="one\ntwo\n",
    )
    lines = result.stdout.splitlines()
    assert lines[:2] == ["one", "two"], result.stderr
    assert lines[2].startswith("false")
    assert lines[2].endswith("caught")
    assert lines[3] == "yielded"
    assert "No such file" in lines[4]
    assert lines[5].startswith("nil")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print(1)\nerror('boom')", "/program/main.lua:2: boom"),
        ("local a =\n= 3", "/program/main.lua:2: unexpected symbol near '='"),
        ("local function f() return 1 + f() end\nf()", "stack overflow"),
    ],
)
def test_lua_errors_name_their_line(box: Sandbox, source: str, said: str) -> None:
    result = box.run(source, "lua")
    assert (result.status, result.exit_code) == ("error", 1)
    assert said in result.stderr


# SQL


def test_sql_prints_the_rows_of_each_statement(box: Sandbox) -> None:
    source = """
        create table towns (name text, people integer);
        insert into towns values ('Zürich', 436000), ('Bern', 134000);
        select * from towns order by people;
        .mode csv
        select sum(people) as all_people, max(name) from towns;
        """
    result = box.run(dedent(source), "sql")
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "name    people",
        "------  ------",
        "Bern    134000",
        "Zürich  436000",
        "all_people,max(name)",
        '570000,"Zürich"',
    ], result.stderr
    assert result.stderr == ""


def test_sql_works_in_a_database_of_the_work_folder(warm_home: Path, box: Sandbox, tmp_path: Path) -> None:
    import sqlite3

    database = sqlite3.connect(tmp_path / "given.db")
    with database:
        database.execute("create table t (a)")
        database.execute("insert into t values (1), (2)")
    database.close()
    with Sandbox(View(tmp_path)) as sandbox:
        source = ".open /work/given.db\n.headers off\ninsert into t values (3);\nselect group_concat(a) from t;"
        result = sandbox.run(source, "sql")
    assert (result.stdout.split(), result.stderr) == (["1,2,3"], "")
    assert [(each.action, each.path) for each in result.effects["/work"].changes] == [("changed", "given.db")]


def test_sql_errors_name_their_line_and_stop(box: Sandbox) -> None:
    result = box.run("select 1;\nselect absent;\nselect 2;", "sql")
    assert (result.status, result.exit_code) == ("error", 1)
    assert "near line 2: no such column: absent" in result.stderr
    assert "2" not in result.stdout


# C


@needs_zig
def test_a_vector_database_in_c_runs_with_simd(warm_home: Path, box: Sandbox) -> None:
    source = "#define COUNT 2000\n" + (PROGRAMS / "vectors.c").read_text()
    result = box.run(source, "c")
    assert result.stdout.startswith("checksum "), (result.error, result.stderr)
    module = c.translate(source, None).source.encode("latin-1")
    assert module.startswith(b"\0asm")
    assert module.count(b"\xfd\xe6\x01") > 0  # f32x4.mul: prefix 0xfd, 0xe6 as LEB128


@needs_zig
@pytest.mark.parametrize(
    "source",
    ['#include "/etc/passwd"\n', '__asm__(".incbin \\"/etc/passwd\\"");\n', '#include "../../../../etc/passwd"\n'],
)
def test_a_c_program_cannot_have_the_compiler_read_the_host(box: Sandbox, source: str) -> None:
    result = box.run(source + "int main(void) { return 0; }", "c")
    assert (result.status, result.exit_code) == ("error", 1)
    assert "root:" not in result.error


@needs_zig
def test_what_the_compiler_says_names_the_line(box: Sandbox) -> None:
    result = box.run("int main(void) {\n    return missing;\n}", "c")
    assert result.status == "error"
    assert result.error.startswith("main.c:2:12: error: use of undeclared identifier 'missing'")


# All of them


@pytest.mark.parametrize(
    ("language", "endless", "hungry"),
    [
        ("javascript", "for (;;);", "const all = []; for (;;) all.push('x'.repeat(1 << 20) + all.length);"),
        ("lua", "while true do end", "local all = {} while true do all[#all + 1] = ('x'):rep(1 << 20) .. #all end"),
        (
            "sql",
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n;",
            "create table t(a); with recursive n(i) as (select 1 union all select i + 1 from n)"
            " insert into t select randomblob(1 << 20) || i from n;",
        ),
    ],
)
def test_limits_end_a_program_and_not_the_sandbox(
    warm_home: Path, box: Sandbox, language: str, endless: str, hungry: str
) -> None:
    with Sandbox(limits=Limits(seconds=2, memory=48 << 20)) as sandbox:
        assert sandbox.run(endless, language).status == "deadline"
        assert sandbox.run(hungry, language).status in ("memory", "deadline", "error")
        assert sandbox.run("select 1;" if language == "sql" else "", language).ok


@pytest.mark.parametrize("language", ["javascript", "lua", "sql"])
@pytest.mark.parametrize("source", ["", "\0\0\0", "\ufeff", "(" * 20_000, "\u202e" * 50])
def test_no_source_breaks_an_interpreter(box: Sandbox, language: str, source: str) -> None:
    assert box.run(source, language).status in ("ok", "error", "ended")
    assert box.run("" if language != "sql" else ";", language).ok


def test_each_run_begins_with_nothing(box: Sandbox) -> None:
    box.run("globalThis.left = 1; require('fs').writeFileSync('left', '')", "javascript")
    result = box.run("console.log(typeof left, require('fs').readdirSync('/work'))", "javascript")
    assert result.stdout == "undefined []\n"


def test_a_language_is_known_by_its_names_and_its_files() -> None:
    assert engines.find("js") is engines.find("JavaScript")
    assert [engines.by_suffix(name) for name in ("a.mjs", "a.LUA", "a.sql", "a.c", "a.txt")] == [
        "javascript",
        "lua",
        "sql",
        "c",
        None,
    ]
    with pytest.raises(UsageError, match="does not run 'cobol'"):
        engines.find("cobol")


SAYS_HELLO = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
"""


@pytest.mark.parametrize(("language", "name"), [("php", "php"), ("rb", "ruby")])
def test_php_and_ruby_run_with_a_build_that_somebody_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    monkeypatch.setenv("CURTA_HOME", str(tmp_path))
    with Sandbox() as sandbox:
        with pytest.raises(SandboxError, match=f"no WebAssembly build of {name}"):
            sandbox.run("", language)
        (tmp_path / "languages").mkdir()
        (tmp_path / "languages" / f"{name}.wasm").write_bytes(wasmtime.wat2wasm(SAYS_HELLO))
        assert sandbox.run("", language).stdout == "hello\n"


def test_a_guest_that_was_not_built_is_a_sentence_with_the_command() -> None:
    with pytest.raises(SandboxError) as missing:
        engines._built("languages/absent")
    assert "make guests" in missing.value.then


def test_c_without_its_compiler_is_a_sentence_with_the_command(
    warm_home: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as missing:
        box.run("int main(void) { return 0; }", "c")
    assert missing.value.then == "curta install 'curta[c]'"
