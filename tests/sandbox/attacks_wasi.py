"""Attacks in the languages that reach the host through the WebAssembly system interface, for `attacks.py`."""
# ruff: noqa: E501 - the programs are data

C = r"""
#! path: files that were not granted
#include <stdio.h>
int main() {
  const char *paths[] = {"/etc/passwd", "/work/../secret.txt", "../secret.txt", "../../../../../../etc/passwd", "/work/link", "/work/out/secret.txt",
    "/work/root/etc/passwd", "/proc/self/environ", "/proc/self/fd/0", "/dev/mem", "/work/passwd", "//etc/passwd", "/./etc/passwd", "/work/folder/../../secret.txt"};
  char line[200];
  for (int i = 0; i < 14; i++) { FILE *f = fopen(paths[i], "r"); if (f && fgets(line, 200, f)) printf("ESCAPED %s %s\n", paths[i], line); }
}
#! link: make links, write through planted ones | ok
#include <stdio.h>
#include <unistd.h>
int main() {
  if (!symlink("../secret.txt", "/work/mine") || !link("/work/a.txt", "/work/mine2") || !symlink("/etc", "/tmp/etc")) puts("ESCAPED");
  FILE *f = fopen("/work/hard", "w"); if (f) { fputs("changed", f); fclose(f); }
  f = fopen("/work/link", "w"); if (f) { fputs("changed", f); fclose(f); }
  rename("/work/folder", "/moved"); rename("/work/folder", "/work/../moved");
}
#! interface: every function with wild arguments | ok error deadline
#include <stdio.h>
#define W(n) __attribute__((import_module("wasi_snapshot_preview1"), import_name(n)))
W("fd_read") int r(int, int, int, int); W("fd_write") int w(int, int, int, int); W("fd_readdir") int d(int, int, int, long long, int);
W("path_open") int o(int, int, int, int, int, long long, long long, int, int); W("fd_seek") int s(int, long long, int, int);
W("fd_pwrite") int p(int, int, int, long long, int); W("random_get") int g(int, int); W("poll_oneoff") int q(int, int, int, int);
W("fd_renumber") int n(int, int); W("fd_allocate") int a(int, long long, long long); W("fd_filestat_set_size") int t(int, long long);
W("path_rename") int m(int, int, int, int, int, int); W("fd_prestat_dir_name") int e(int, int, int); W("clock_time_get") int c(int, long long, int);
W("path_symlink") int y(int, int, int, int, int); W("fd_close") int x(int); W("sock_send") int z(int, int, int, int, int); W("fd_pread") int i(int, int, int, long long, int);
int main() {
  int v[] = {0, 1, 2, 3, 4, 5, -1, 0x7fffffff, (int)0x80000000, 65536, 1 << 20, 1000000007};
  long long big[] = {0, -1, 0x7fffffffffffffffLL, (long long)0x8000000000000000ULL, 1LL << 40};
  for (int j = 0; j < 12; j++) for (int k = 0; k < 12; k++) for (int l = 0; l < 5; l++) {
    int f = v[j], u = v[k]; if (f == 1 || f == 2) continue;
    r(f, u, u, u); w(f, u, u, u); d(f, u, u, big[l], u); o(f, 0, u, u, 15, big[l], big[l], u, u); s(f, big[l], u, u); p(f, u, u, big[l], u); i(f, u, u, big[l], u);
    if (u > 1 << 20) g(u, f); q(u, u, 0, u); a(f, big[l], big[l]); t(f, big[l]); m(f, u, u, u, u, u); e(f, u, u); c(f, big[l], u); y(u, u, f, u, u); z(f, u, u, u, u);
  }
  n(77, 78); n(3, 99); x(3); x(99); x(-1);
  puts("done");
}
#! interface: memory that is not there | ok error ended
#include <string.h>
int main() { memset((void *)0x7fff0000, 1, 1 << 20); volatile char *p = (char *)0xffffffff; return *p; }
#! descriptor: all of them, and too many
#include <stdio.h>
#include <unistd.h>
int main() {
  char b[100];
  for (int i = 4; i < 1000; i++) if (read(i, b, 100) > 0 || write(i, "x", 1) > 0) puts("ESCAPED");
  int n = 0; while (fopen("/work/a.txt", "r")) n++;
  printf("%d\n", n); return n > 1000;
}
#! environment: its variables and arguments
#include <stdio.h>
extern char **environ;
int main(int c, char **v) { for (char **e = environ; e && *e; e++) printf("ESCAPED %s\n", *e); for (int i = 0; i < c; i++) puts(v[i]); }
#! time: an endless loop | deadline
int main() { for (volatile int i = 0;;) i++; }
#! time: sleep | deadline
#include <unistd.h>
int main() { for (;;) sleep(1000); }
#! memory: all there is | memory error ended deadline
#include <stdlib.h>
#include <string.h>
int main() { for (;;) { char *p = malloc(1 << 20); if (!p) abort(); memset(p, 1, 1 << 20); } }
#! recursion: without end | error ended memory
int f(volatile int *x) { volatile int y[100]; y[0] = *x + 1; return f(y) + y[0]; }
int main() { int x = 0; return f(&x); }
#! disk: write until there is no room, and far beyond the end | ok error
#include <stdio.h>
#include <unistd.h>
static char b[1 << 20];
int main() {
  FILE *f = fopen("/work/big", "w"); int n = 0; setvbuf(f, 0, _IONBF, 0);
  while (fwrite(b, 1, sizeof b, f) == sizeof b) n++;
  if (n > 4) puts("ESCAPED");
  FILE *g = fopen("/tmp/far", "w"); fseeko(g, 1LL << 40, SEEK_SET); fwrite(b, 1, 1, g);
  if (!ftruncate(fileno(g), 1LL << 40) || !ftruncate(fileno(g), -1)) puts("ESCAPED");
}
#! disk: files without end | ok
#include <stdio.h>
int main() { char n[50]; int i = 0; for (;; i++) { sprintf(n, "/work/%d", i); FILE *f = fopen(n, "w"); if (!f) break; fclose(f); } if (i > 200) puts("ESCAPED"); }
#! output: without end, and commands for the terminal | deadline
#include <stdio.h>
int main() { for (;;) puts("\x1b]52;c;ZXZpbA==\x07\x1b[2J\xff\xfe"); }
#! process: abort | error ended
#include <stdlib.h>
int main() { abort(); }
#! process: divide by zero, call what is no function | error ended
int main() { void (*f)(int) = (void (*)(int))0x1234; f(1); return 0; }
#! collector: names that are options, commands and text that turns round | ok
#include <stdio.h>
#include <string.h>
int main() {
  const char *names[] = {"/work/-rf", "/work/$(id)", "/work/a\nb", "/work/\xe2\x80\xaegpj.exe", "/work/\xff\xfe", "/work/\x1b[2J", "/work/..a", "/work/ "};
  for (int i = 0; i < 8; i++) { FILE *f = fopen(names[i], "w"); if (f) { fputs("x", f); fclose(f); } }
}
#! process: signal the parent, and everybody | ok error ended
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main() {
  int signals[] = {SIGKILL, SIGTERM, SIGSTOP, SIGSEGV, SIGXCPU, SIGPIPE};
  for (int i = 0; i < 6; i++) printf("%d\n", raise(signals[i]));
}
#! compiler: read a secret while compiling | error | Permission denied
#include "/etc/passwd"
int main() { return 0; }
#! compiler: ask it which files of the host hold what | error
#if __has_include("/etc/passwd")
#include "/etc/passwd"
#endif
#line 1 "/etc/passwd"
int main(void) { return missing; }
#! compiler: a header that never ends | error | Permission denied
#include "/dev/zero"
int main(void) { return 0; }
#! compiler: a header that takes itself in | error
#include "main.c"
int main(void) { return 0; }
#! compiler: a macro that expands to a hundred billion words | error | The compiler was stopped
#define A x x x x x x x x x x
#define B A A A A A A A A A A
#define C B B B B B B B B B B
#define D C C C C C C C C C C
#define E D D D D D D D D D D
#define F E E E E E E E E E E
#define G F F F F F F F F F F
#define H G G G G G G G G G G
#define I H H H H H H H H H H
#define J I I I I I I I I I I
int words[] = { J J };
int main(void) { return 0; }
#! compiler: functions that call each other a billion times, in place | error | The compiler was stopped
#define F(n, m) static inline __attribute__((always_inline)) int f##n(int x) { return f##m(x) + f##m(x + 1) + f##m(x + 2); }
static inline int f0(int x) { return x * x; }
F(1, 0) F(2, 1) F(3, 2) F(4, 3) F(5, 4) F(6, 5) F(7, 6) F(8, 7) F(9, 8) F(10, 9) F(11, 10) F(12, 11) F(13, 12) F(14, 13) F(15, 14) F(16, 15) F(17, 16) F(18, 17)
int main(int c, char **v) { return f18(c); }
#! compiler: a constant of fifty megabytes | error | larger than 32 MB
char constant[50 << 20] = {1};
int main(int c, char **v) { return constant[c]; }
#! compiler: a billion bytes in one line of assembly | error
__asm__(".data\nx: .fill 2000000000, 1, 1");
int main(void) { return 0; }
#! compiler: types nested deeper than its stack | error
#define A [1][1][1][1][1][1][1][1][1][1]
#define B A A A A A A A A A A
#define C B B B B B B B B B B
#define D C C C C C C C C C C
#define N !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
#define O N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N N
#define P O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O O
int main(void) { return P P P P 1; }
#! compiler: commands in the words it is made to say | error
#error "\x1b]52;c;ZXZpbA==\x07 [2J 31m"
int main(void) { return 0; }
#! compiler: take a file of the host into the program | ok error
#include <stdio.h>
int main() { puts(here); }
const char here[] = {
#embed "/etc/passwd"
, 0};
"""

JAVASCRIPT = r"""
#! path: files that were not granted
const paths = ["/etc/passwd", "/work/../secret.txt", "../secret.txt", "/work/link", "/work/out/secret.txt", "/proc/self/environ", "/work/root/etc/passwd"];
for (const path of paths) for (const read of [() => std.loadFile(path), () => std.open(path, "r").readAsString(), () => os.readdir(path), () => require("fs").readFileSync(path)])
  try { const found = read(); if (typeof found == 'string' && found.length) console.log("ESCAPED", path, String(found)); } catch (error) { console.log(String(error)); }
#! path: import what is no module of ours
for (const path of ["/etc/passwd", "/work/../secret.txt", "../secret.txt", "file:///etc/passwd", "http://127.0.0.1:PORT/x.js"])
  import(path).then(found => console.log("ESCAPED", found), error => console.log("refused"));
#! environment: everything global
for (const name of Object.getOwnPropertyNames(globalThis)) { try { console.log(name, String(globalThis[name]).slice(0, 60)); } catch (error) {} }
for (const read of [() => std.getenviron(), () => process.env, () => std.getenv("CURTA_TEST_SECRET")]) try { console.log(JSON.stringify(read())); } catch (error) {}
#! process: start a program, load a library
for (const act of [() => os.exec(["id"]), () => std.popen("id", "r").readAsString(), () => os.kill(1, 9), () => require("child_process").execSync("id"), () => std.urlGet("http://127.0.0.1:PORT/"), () => fetch("http://127.0.0.1:PORT/"), () => new Worker("x")])
  try { act(); console.log("done"); } catch (error) { console.log(String(error)); }
#! internals: change what everything is made of | ok error ended
for (const name of Object.getOwnPropertyNames(Object.prototype)) try { Object.prototype[name] = () => { throw 1; }; } catch (error) {}
Array.prototype.push = String.prototype.toString = Function.prototype.call = null;
globalThis.console = undefined;
#! internals: buffers of every size
for (const size of [-1, 2 ** 31, 2 ** 53, NaN, 1e300]) try { new Uint8Array(new ArrayBuffer(size)); console.log("done"); } catch (error) { console.log(error.name); }
const view = new DataView(new ArrayBuffer(8)); for (const at of [-1, 8, 2 ** 32, 1e300]) try { console.log("ESCAPED", view.getInt32(at)); } catch (error) { console.log(error.name); }
#! time: an endless loop | deadline
for (;;) ;
#! time: promises without end | deadline memory
const again = () => Promise.resolve().then(again); again();
#! time: a regular expression | deadline
/^(a|a)*$|^(a+)+$/.test("a".repeat(50) + "b");
#! memory: all there is | memory error ended
const kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
#! memory: one string | memory error ended
let text = "xy"; for (;;) text += text;
#! recursion: without end | error ended
const f = () => f() + 1; f();
#! recursion: brackets | error | RangeError
eval("[".repeat(200000));
#! output: without end | deadline
for (;;) console.log("\x1b]52;c;ZXZpbA==\x07\ud800");
#! output: throw what has no text
throw { toString() { throw 1; }, get message() { throw 2; }, get stack() { throw 3; } };
#! collector: files with strange names
for (const name of ["-rf", "$(id)", "a\nb", "\u202egpj.exe", "\ud800", "../../x", "\x1b[2J"]) try { const file = std.open("/work/" + name, "w"); file.puts("x"); file.close(); } catch (error) { console.log(String(error)); }
"""

LUA = r"""
#! path: files that were not granted
for _, path in ipairs{"/etc/passwd", "/work/../secret.txt", "../secret.txt", "/work/link", "/work/out/secret.txt", "/proc/self/environ", "/work/root/etc/passwd"} do
  local file = io.open(path); if file then local read = file:read("a"); if read and #read > 0 then print("ESCAPED", path, read) end end
  print(pcall(dofile, path)); print(pcall(loadfile, path)); print(pcall(io.lines, path))
end
#! process: start a program, load a library
for _, act in ipairs{function() return os.execute("id") end, function() return io.popen("id"):read("a") end, function() return require("socket") end, function() return package.loadlib("/lib/libc.so.6", "*") end, function() return os.getenv("CURTA_TEST_SECRET") end} do print(pcall(act)) end
#! path: rename, remove and temporary files out of the folder
print(os.rename("/work/folder", "/moved"), os.rename("/work/a.txt", "/work/../a.txt"), os.remove("/etc/passwd"), os.remove("/work/../secret.txt"), pcall(os.tmpname), pcall(io.tmpfile))
#! internals: bytecode of random bytes | ok error ended deadline memory
local code = string.dump(function(a, b) local c = {a, b}; return #c + a end)
for seed = 1, 3000 do
  math.randomseed(seed); local at = math.random(13, #code)
  local f = load(code:sub(1, at - 1) .. string.char(math.random(0, 255)) .. code:sub(at + 1), "x", "b")
  if f then pcall(f, 1, 2) end
end
#! internals: the registry and the metatables
debug = debug or {}; pcall(function() for k, v in pairs(debug.getregistry()) do debug.getregistry()[k] = nil end end)
pcall(function() debug.setmetatable("", {__index = function() error("x") end, __tostring = function() error("y") end}) end)
error(setmetatable({}, {__tostring = function() error("z") end}))
#! time: an endless loop | deadline
while true do end
#! time: a pattern | deadline
print(string.find(string.rep("a", 100000), string.rep("a?", 30) .. ".-.-.-.-.-b"))
while true do pcall(string.rep, "x", -1) end
#! time: coroutines that wrap one another | deadline error ended memory
local function f() return coroutine.wrap(f)() end
while true do pcall(f) end
#! memory: all there is | memory error ended
local kept = {}; while true do kept[#kept + 1] = string.rep("x", 1 << 20) .. #kept end
#! memory: one string | memory error ended
print(#string.rep("x", 1 << 31), string.format("%99999999d", 1))
#! recursion: without end | error ended memory
local function f() return 1 + f() end f()
#! recursion: brackets | ok error ended memory
print(load(string.rep("(", 200000))); print(pcall(string.rep, string.rep("x", 1 << 20), 1 << 40))
#! output: without end | deadline
while true do print("\27]52;c;ZXZpbA==\7\255\254") end
#! disk: write until there is no room | ok error
local file = io.open("/work/big", "w"); file:setvbuf("no"); local n = 0
while file:write(string.rep("x", 1 << 20)) do n = n + 1 end
if n > 4 then print("ESCAPED") end
for i = 1, 1000 do local f = io.open("/work/" .. i, "w"); if f then f:close() elseif i > 201 then break end end
#! collector: files with strange names | ok
for _, name in ipairs{"-rf", "$(id)", "a\nb", "\u{202e}gpj.exe", "\255", "\27[2J", "x\0/../../y"} do local f = io.open("/work/" .. name, "w"); if f then f:write("x"); f:close() end end
"""

SQL = r"""
#! path: attach what was not granted
ATTACH '/etc/passwd' AS a; SELECT 'ESCAPED', * FROM a.sqlite_master;
#! path: attach beside the folder
ATTACH '/work/../secret.txt' AS a; SELECT 'ESCAPED', * FROM a.sqlite_master;
#! path: read and write files by function
SELECT readfile('/etc/passwd'), readfile('/work/../secret.txt'); SELECT writefile('/work/../x', 'x'); SELECT * FROM fsdir('/');
#! path: commands of the shell
.shell id
.system id
.read /etc/passwd
.open /work/../secret.txt
.import /etc/passwd t
.output |id
SELECT * FROM t;
#! path: an address instead of a path
ATTACH 'file:/etc/passwd?mode=ro&immutable=1' AS a; SELECT * FROM a.sqlite_master;
#! process: load an extension
SELECT load_extension('/lib/libc.so.6'); SELECT fts3_tokenizer('x', x'0102030405060708');
#! internals: rewrite the schema
PRAGMA writable_schema = ON; CREATE TABLE t (x); UPDATE sqlite_master SET sql = 'CREATE TABLE t (' || replace(hex(zeroblob(1000)), '0', 'a,') || 'b)', rootpage = 99999; SELECT * FROM t;
#! internals: a damaged database | ok error ended
ATTACH '/work/large.bin' AS a; SELECT * FROM a.sqlite_master; ATTACH '/work/a.txt' AS b; CREATE TABLE b.x (y);
#! time: a recursion without end | deadline
WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t;
#! time: a pattern | deadline
WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT sum(replace(hex(zeroblob(2000)), '0', 'a') LIKE '%a%a%a%a%a%b') FROM t;
#! memory: one value | memory error ended ok
SELECT length(zeroblob(2000000000)); SELECT length(hex(zeroblob(500000000))); SELECT printf('%.*c', 2000000000, 'x');
#! memory: many values | memory error ended deadline
CREATE TEMP TABLE t (x); PRAGMA temp_store = MEMORY; INSERT INTO t WITH RECURSIVE r(x) AS (SELECT randomblob(100000) UNION ALL SELECT randomblob(100000) FROM r) SELECT x FROM r;
#! recursion: triggers and brackets | ok error ended memory
PRAGMA recursive_triggers = ON; CREATE TABLE t (x); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO t VALUES (new.x + 1); END; INSERT INTO t VALUES (1);
#! output: without end | deadline
WITH RECURSIVE t(x) AS (SELECT char(27) || ']52;c;ZXZpbA==' || char(7) UNION ALL SELECT x FROM t) SELECT x FROM t;
#! disk: write until there is no room | ok error deadline
ATTACH '/work/big.db' AS a; CREATE TABLE a.t (x); INSERT INTO a.t WITH RECURSIVE r(x, n) AS (SELECT randomblob(100000), 1 UNION ALL SELECT randomblob(100000), n + 1 FROM r WHERE n < 1000) SELECT x FROM r; VACUUM INTO '/work/copy.db';
"""
