"""Attacks written in Python, for `attacks.py`."""
# ruff: noqa: E501 - the programs are data

ATTACKS = r"""
#! path: read /etc/passwd | error | FileNotFoundError
print("ESCAPED", open("/etc/passwd").read())
#! path: read the secret beside the folder | ok error
for path in ("/work/../secret.txt", "../secret.txt", "../" * 40 + "etc/passwd", "/work/x/../../secret.txt", "/../etc/passwd"):
    try:
        print("ESCAPED", open(path).read())
    except OSError as error:
        print(error)
#! path: the same in bytes, in other alphabets and in capitals
for path in (b"/work/../secret.txt", "/work/․․/secret.txt", "/work/..／secret.txt", "/WORK/../SECRET.TXT",
             "/work/%2e%2e/secret.txt", "/work/..\\secret.txt", "/work/．．/secret.txt", "/work/..%c0%afsecret.txt"):
    try:
        print("ESCAPED", open(path).read())
    except OSError as error:
        print(error)
#! path: names with a zero byte or a lone surrogate in them
for path in ("/work/a.txt\0/../../secret.txt", "/work/\udc2e\udc2e/secret.txt", "\ud800"):
    try:
        print("ESCAPED", open(path).read())
    except (OSError, ValueError) as error:
        print(repr(error))
#! path: the kernel's files about this process
import os
for path in ("/proc/self/environ", "/proc/self/fd/0", "/proc/1/environ", "/dev/mem", "/dev/stdin", "/dev/fd/3", "/sys"):
    try:
        print("ESCAPED", open(path).read())
    except OSError:
        pass
print(os.listdir("/"))
#! path: walk the whole file system | ok | a.txt
import os
for folder, _, files in os.walk("/"):
    for file in files:
        path = os.path.join(folder, file)
        print(path, open(path, "rb").read(200))
#! path: change the folder first
import os
for place in ("..", "/", "../..", "/work/out", "/etc"):
    try:
        os.chdir(place)
        print(os.getcwd(), os.listdir("."))
        print("ESCAPED", open("secret.txt").read())
    except OSError as error:
        print(error)
#! path: a folder's descriptor and a path that leads out of it
import os
for how in (lambda: os.open("/work", os.O_RDONLY), lambda: os.open("secret.txt", os.O_RDONLY, dir_fd=3),
            lambda: os.stat("../secret.txt", dir_fd=4), lambda: os.listdir(3), lambda: os.fchdir(3)):
    try:
        print("ESCAPED", how())
    except (OSError, TypeError, AttributeError, NotImplementedError, SystemError) as error:
        print(repr(error))
#! path: write where the standard library is
import os, sys
for path in ("/packages/os.py", os.__file__, "/lib/python3.14/os.py", "/app.py", "/wit_world.py"):
    try:
        open(path, "w").write("print('ESCAPED')")
        print("ESCAPED", path)
    except OSError as error:
        print(error)
#! path: an archive whose members lead out
import io, os, tarfile, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, "w") as archive:
    archive.writestr("../../escaped.txt", "ESCAPED")
    archive.writestr("/etc/escaped.txt", "ESCAPED")
zipfile.ZipFile(data).extractall("/work")
data = io.BytesIO()
with tarfile.open(fileobj=data, mode="w") as archive:
    for name, kind, to in (("l", tarfile.SYMTYPE, "../.."), ("h", tarfile.LNKTYPE, "/etc/passwd"), ("../../x", tarfile.REGTYPE, "")):
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, to
        archive.addfile(member)
data.seek(0)
try:
    tarfile.open(fileobj=data).extractall("/work", filter="fully_trusted")
except Exception as error:
    print(repr(error))
#! path: move a folder out
import os
for new in ("/moved", "/tmp/../moved", "../moved", "/etc/moved", "/work/../work2"):
    try:
        os.rename("/work/folder", new)
        print("ESCAPED", new)
    except OSError as error:
        print(error)
#! path: delete everything that can be seen | ok
import os, shutil
shutil.rmtree("/", ignore_errors=True)
shutil.rmtree("/work", ignore_errors=True)
print(os.listdir("/work"))
#! link: read through a planted link | error | FileNotFoundError
print("ESCAPED", open("/work/link").read())
#! link: through a planted link to a folder
import os
for path in ("/work/out/secret.txt", "/work/out/../secret.txt", "/work/out/work/../secret.txt", "/work/root/etc/passwd"):
    try:
        print("ESCAPED", open(path).read())
    except OSError as error:
        print(error)
print(os.listdir("/work"))
#! link: write through a planted link, and replace it
import os
with open("/work/link", "w") as file:
    file.write("mine")
os.mkdir("/work/out")
with open("/work/out/secret.txt", "w") as file:
    file.write("mine")
#! link: write through a hard link | ok
with open("/work/hard", "w") as file:
    file.write("changed")
with open("/work/hard", "a") as file:
    file.write("more")
#! link: make links for those who collect the files
import os, pathlib
for make in (lambda: os.symlink("../secret.txt", "/work/mine"), lambda: os.link("/work/a.txt", "/work/mine"),
             lambda: pathlib.Path("/work/mine").symlink_to("/etc/passwd"), lambda: os.symlink("/", "/work/mine", True)):
    try:
        make()
        print("ESCAPED")
    except OSError as error:
        print(error)
print(os.path.lexists("/work/mine"))
#! link: devices and pipes
import os, stat
for make in (lambda: os.mkfifo("/work/pipe"), lambda: os.mknod("/work/device", stat.S_IFBLK | 0o666, 2049)):
    try:
        make()
        print("ESCAPED")
    except (AttributeError, OSError) as error:
        print(repr(error))
#! link: a folder swapped for a link's name while it is walked
import os
for number in range(200):
    os.rename("/work/folder", "/work/out")
    os.rename("/work/out", "/work/folder")
try:
    print("ESCAPED", open("/work/folder/../../secret.txt").read())
except OSError as error:
    print(error)
#! descriptor: try every one there is
import os
for number in (*range(3, 1100), 65535, 65536, 2**31 - 1):
    for act in (lambda: os.read(number, 100), lambda: os.write(number, b"ESCAPED"), lambda: os.fstat(number), lambda: os.listdir(number)):
        try:
            print("ESCAPED", number, act())
        except (OSError, OverflowError, TypeError, NotImplementedError):
            pass
#! descriptor: answer in the worker's place, on standard output | ok | forged
import json, os, struct
frame = json.dumps({"result": {"status": "ok", "value": "forged"}}).encode()
for number in (0, 1, 2):
    try:
        os.write(number, struct.pack(">I", len(frame)) + frame)
    except OSError as error:
        print(error)
#! descriptor: duplicate, close and reopen the standard streams
import os
for act in (lambda: os.dup(1), lambda: os.dup2(1, 5), lambda: os.close(1), lambda: os.close(2), lambda: os.fdopen(3, "w"), lambda: os.pipe()):
    try:
        act()
    except (AttributeError, OSError) as error:
        print(repr(error))
#! descriptor: open more files than there can be | ok | OSError
opened = []
try:
    while True:
        opened.append(open("/work/a.txt"))
except OSError as error:
    print(repr(error), len(opened))
#! descriptor: forge one of the sandbox's own
import files, os
for handle in (-1, 0, 1, 2**63, "1", None, [1], 1.5, float("nan")):
    files._opened[99999] = files._Opened(handle, "/etc/passwd", 2)
    for act in (lambda: os.read(99999, 100), lambda: os.write(99999, b"x"), lambda: os.ftruncate(99999, 0), lambda: os.close(99999)):
        try:
            if act():
                print("ESCAPED", handle)
        except Exception as error:
            print(repr(error)[:80])
#! environment: find the secret in it
import os, posix
print(dict(os.environ), getattr(posix, "environ", None), os.getenv("CURTA_TEST_SECRET"), os.environb if hasattr(os, "environb") else "")
#! environment: everything that says where we are
import getpass, os, platform, socket, sys, sysconfig
for tell in (platform.uname, getpass.getuser, socket.gethostname, os.getlogin, os.getpid, os.getppid, os.getcwd, os.uname,
             lambda: sys.executable, lambda: sys.argv, lambda: sys.path, lambda: os.path.expanduser("~"), sysconfig.get_paths):
    try:
        print(tell())
    except Exception as error:
        print(repr(error))
#! internals: undo the sandbox's files and use the real ones
import builtins, io, os, posix
for module in (posix, os, builtins, io):
    for name in list(vars(module)):
        function = getattr(module, name)
        for cell in getattr(function, "__closure__", None) or ():
            for arguments in (("/",), ("/etc/passwd",), ("/work/../secret.txt",), ("/etc/passwd", 0), (3, 10), ("secret.txt", 0)):
                try:
                    found = cell.cell_contents(*arguments)
                except BaseException as error:
                    continue
                if found and "work" not in str(found):
                    print(name, arguments, str(found)[:80])
#! internals: switch the sandbox's files off
import files, os
files.live = False
for path in ("/etc/passwd", "secret.txt", "/work/a.txt", "/"):
    for act in (lambda: open(path).read(), lambda: os.listdir(path), lambda: os.stat(path), lambda: os.mkdir(path + "/x")):
        try:
            print("ESCAPED", act())
        except OSError as error:
            print(error)
#! internals: take modules out of the table and import them anew | ok error ended
import sys
for name in ("os", "posix", "files", "wit_world", "io", "_io", "builtins", "importlib", "sys"):
    sys.modules.pop(name, None)
import posix
print("ESCAPED" if posix.listdir("/etc") else "")
#! internals: look for secrets among all objects
import gc
wanted = "s3c" + "r3t-"
for each in gc.get_objects():
    for text in [*each.keys(), *each.values()] if type(each) is dict else each if type(each) in (list, tuple) else ():
        if type(text) in (str, bytes) and wanted in str(text) and text is not wanted:
            print("ESCAPED", text)
#! internals: the C functions of the process
for name in ("ctypes", "_ctypes", "cffi", "_posixsubprocess", "mmap", "_testcapi", "_xxsubinterpreters", "resource", "fcntl"):
    try:
        module = __import__(name)
        print(name, getattr(module, "CDLL", None) and "ESCAPED")
    except ImportError as error:
        print(error)
#! internals: bytecode of random bytes | ok error ended deadline memory
import random
def f(a, b=1): return [a, b]
for seed in range(60):
    random.seed(seed)
    code = bytes(random.randrange(256) for _ in range(2 * random.randrange(1, 40)))
    try:
        exec(f.__code__.replace(co_code=code, co_stacksize=random.choice([0, 1, 100, 10**6])))
    except BaseException as error:
        print(type(error).__name__)
#! internals: bytecode that reads beyond the constants and the stack | ok error ended memory
import dis
def f(): return 1
for argument in (200, 255):
    code = bytes([dis.opmap["EXTENDED_ARG"], 255, dis.opmap["LOAD_CONST"], argument, dis.opmap["RETURN_VALUE"], 0])
    print(repr(eval(f.__code__.replace(co_code=code, co_consts=())))[:100])
#! internals: garbage for marshal and pickle | ok error ended memory deadline
import marshal, pickle, random
random.seed(7)
for read in (marshal.loads, pickle.loads):
    for _ in range(3000):
        data = bytes([random.choice(b"cCiIzZsS[({})<>tTuUr\x80]q")]) + random.randbytes(random.randrange(60))
        try:
            read(data)
        except BaseException:
            pass
print("done")
#! internals: write anywhere in the guest's memory | ok error ended memory
import array, dis
class Fake: pass
def f(x): return x
code = f.__code__
for number in range(0, 256, 5):
    try:
        broken = code.replace(co_code=bytes([number, 7, 36, 0]), co_nlocals=1, co_stacksize=1)
        print(type(type(f)(broken, {})(Fake())))
    except BaseException as error:
        print(type(error).__name__)
#! internals: an empty table of builtins | ok error ended
import builtins, sys
keep = print
for name in list(vars(builtins)):
    if name not in ("print", "vars", "list", "delattr", "BaseException"):
        try:
            delattr(builtins, name)
        except BaseException:
            pass
sys.modules.clear()
keep("still here")
#! internals: code that runs in the frames of the sandbox
import sys
frame = sys._getframe()
while frame:
    for name, value in list(frame.f_locals.items()):
        try:
            frame.f_locals[name] = None
        except BaseException:
            pass
    frame.f_trace = lambda *a: print("ESCAPED")
    frame = frame.f_back
#! internals: a trace function that outlives the cell
import sys, threading
sys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit(3)))
sys.setprofile(lambda *a: None)
#! internals: code for when the interpreter ends
import atexit, weakref
class Last:
    def __del__(self):
        open("/etc/passwd").read()
        print("ESCAPED")
last = Last()
last.me = last
atexit.register(lambda: print("ESCAPED"))
#! interface: call the host with names it does not know
import wit_world
for name in ("", ".", "fs", "fs.", "fs.__class__", "fs.answer", "fs._read", "fs.__init__", "os.system", "call", "fs.open.x",
             "fs." + "x" * 10**6, "fs.\0", "tool.eval", "x" * 10**6):
    for arguments in ("[]", "", "null", '["/etc/passwd"]'):
        reply = wit_world.call(name, arguments)
        if not reply.startswith("-"):
            print("ESCAPED", name[:20], reply)
#! interface: call the host with wild arguments | ok | done
import json, wit_world
wild = [0, -1, 2**31, 2**63, 2**64, 10**400, -10**400, 1.5, 1e308, "NaN", None, True, "", "x", "/", "/work", "/work/a.txt", [], [[]], {}, {"write": 1}]
for name in ("open", "close", "size", "fstat", "truncate", "stat", "list", "mkdir", "rmdir", "unlink", "rename", "utime", "read"):
    for one in wild:
        for arguments in ([], [one], [one, one], [1, one], ["/work/a.txt", one], [1, one, one], [one] * 9):
            reply = wit_world.call("fs." + name, json.dumps(arguments))
            assert reply[0] in "+-", reply
    for text in ("", "{", "[", "NaN", "[NaN]", "[Infinity, -Infinity]", "[1e999]", '["\\ud800"]', "\ufeff[]", "[1,]", "\0", '{"a":1}', '"x"', "[" * 9):
        assert wit_world.call("fs." + name, text)[0] in "+-"
for text in ("", " ", "1", "1 2", "1 2 ", "x y z", "-1 0 a", "1 -1 a", "1 99999999999999999999 a", "1 0 \u2603", "1 nan a", "1" * 5000 + " 0 x"):
    assert wit_world.call("fs.write", text)[0] in "+-", text
print("done")
#! interface: nested a hundred thousand deep | ok | -
import wit_world
for text in ("[" * 100_000 + "]" * 100_000, '{"a":' * 30_000 + "1" + "}" * 30_000, "[" * 250_000):
    print(wit_world.call("fs.stat", text))
#! interface: small text that is large in the host | ok error memory ended
import wit_world
for text in ("[" + "[]," * 4_000_000 + "[]]", "[" + "1e5," * 2_000_000 + "1]", '["' + "x" * 20_000_000 + '"]'):
    print(wit_world.call("fs.stat", text))
#! interface: write a hundred megabytes in one call | ok error memory ended
import wit_world
print(wit_world.call("fs.write", "1 0 " + "x" * 20_000_000)[:20])
open("/work/new", "wb").write(b"x" * 30_000_000)
#! interface: not text at all | ok error ended
import wit_world
for arguments in (("\ud800", "[]"), ("fs.stat", "\udfff"), (1, 2), (None, None), (b"fs.stat", b"[]"), ("fs.stat",), ()):
    try:
        print("ESCAPED" if wit_world.call(*arguments)[0] == "+" else "")
    except BaseException as error:
        print(type(error).__name__)
#! interface: answer with something else than an outcome | ok error ended
import app
class Liar:
    status, value, error, code = 1, 2, 3, "4"
app.wit_world.Outcome = lambda *a: Liar()
#! interface: answer with a hundred megabytes | ok error ended memory
import app
app.legible = lambda text: "x" * 20_000_000
1
#! interface: answer that all went well | ok error
import app
class Fine:
    status, value, error, code = "ok", "x" * 10_000_000, "y" * 10_000_000, 2**31 - 1
app.wit_world.Outcome = lambda *a: Fine()
raise SystemExit(1)
#! time: an endless loop | deadline
while True: pass
#! time: one that catches everything | deadline
while True:
    try:
        while True: pass
    except BaseException:
        continue
#! time: sleep | deadline
import time
time.sleep(1000)
#! time: wait for input, a lock, a queue | ok error deadline ended
import queue, select, sys, threading
try:
    sys.stdin.read()
    select.select([0], [], [], 0.2)
except Exception as error:
    print(repr(error))
lock = threading.Lock()
lock.acquire()
lock.acquire()
#! time: one number | deadline memory
print(10 ** 10 ** 8 % 7, str(3 ** 10 ** 7)[:3])
#! time: a regular expression | deadline
import re
re.match(r"(a|a)*$|(a+)+b", "a" * 60 + "c")
#! time: a value whose repr never ends | deadline
class Value:
    def __repr__(self):
        while True: pass
Value()
#! time: an exception whose text never ends | deadline
class Slow(Exception):
    def __str__(self):
        while True: pass
raise Slow
#! time: a stream that never flushes | deadline
import sys
class Stream:
    def write(self, text): pass
    def flush(self):
        while True: pass
sys.stdout = Stream()
#! time: keep the compiler busy | ok error deadline memory ended
exec("x = " + " + ".join(f"f{i}(lambda: {i})" for i in range(100_000)))
#! time: keep the host busy with small questions | deadline ok
import os
for _ in range(10**7):
    os.stat("/work/a.txt")
#! time: keep the host busy with a large folder | ok error deadline
import os
for _ in range(10**6):
    os.listdir("/work/many")
#! memory: one large piece | memory
bytearray(10**9)
#! memory: many small pieces | memory
pieces = []
while True:
    pieces.append(bytearray(10**6))
#! memory: a list that grows slowly | memory deadline
things = []
while True:
    things.append([things] * 1000)
#! memory: catch the error and go on | ok error memory deadline ended
import sys
for _ in range(50):
    try:
        x = [bytearray(10**6) for _ in range(10**4)]
    except MemoryError:
        print("again")
#! memory: a decompression bomb | memory error deadline
import zlib
data = zlib.compress(bytes(10**7), 9)
kept = []
while True:
    kept.append(zlib.decompress(data))
#! memory: a long name for everything | memory error
open("/work/" + "x" * 10**8)
#! memory: a program of 200,000 lines | ok memory deadline ended
exec("\n".join(f"x{i} = {i}" for i in range(200_000)))
#! memory: read a file that the guest made large | memory error deadline ok
import os
with open("/work/big", "wb") as file:
    try:
        os.truncate("/work/big", 4_000_000)
    except OSError as error:
        print(error)
kept = [open("/work/big", "rb").read() for _ in range(100)]
#! recursion: endless | error | RecursionError
def f(): f()
f()
#! recursion: with the limit taken away | error ended memory deadline
import sys
sys.setrecursionlimit(10**9)
def f(): f()
f()
#! recursion: through C | error ended memory deadline
class A:
    def __getattr__(self, name): return getattr(self, name + "x")
    def __repr__(self): return repr([self])
print(len(repr(A())))
#! recursion: a hundred thousand brackets | error ended memory
eval("[" * 100_000 + "]" * 100_000)
#! recursion: nested data of every kind | ok error ended memory deadline
import ast, copy, json, pickle
x = []
for _ in range(200_000): x = [x]
for act in (json.dumps, pickle.dumps, copy.deepcopy, repr, lambda x: x == x, lambda x: json.loads("[" * 10**6), lambda x: ast.parse("-" * 10**5 + "1")):
    try:
        act(x)
    except BaseException as error:
        print(type(error).__name__)
#! recursion: exceptions that are each other's cause | error
a, b = ValueError("a"), ValueError("b")
a.__cause__, b.__cause__ = b, a
raise a
#! recursion: a chain of fifty thousand exceptions | error ended memory deadline
error = None
for i in range(50_000):
    new = ValueError(i)
    new.__context__ = error
    error = new
raise error
#! process: start another program
import os, subprocess
for act in (lambda: subprocess.run(["id"]), lambda: os.system("id"), lambda: os.popen("id"), lambda: os.fork(), lambda: os.execv("/bin/sh", ["sh"]),
            lambda: os.posix_spawn("/bin/sh", ["sh"], {}), lambda: os.forkpty(), lambda: os.spawnl(0, "/bin/sh", "sh")):
    try:
        if act() == 0:
            print("ESCAPED")
    except BaseException as error:
        print(type(error).__name__)
#! process: ten thousand threads
import _thread, threading
started = 0
try:
    for _ in range(10_000):
        threading.Thread(target=lambda: None).start()
        started += 1
except RuntimeError as error:
    print(error)
print(started)
#! process: signal the parent, and everybody
import os, signal
for act in (lambda: os.kill(os.getppid(), 9), lambda: os.kill(-1, 9), lambda: os.killpg(0, 9), lambda: signal.alarm(1), lambda: signal.raise_signal(2),
            lambda: signal.pthread_kill(1, 9), lambda: signal.setitimer(0, 0.1)):
    try:
        act()
        print("done")
    except BaseException as error:
        print(type(error).__name__)
#! process: abort | ended error
import os
os.abort()
#! process: leave without a word | ended error
import os
os._exit(0)
#! process: a segmentation fault | ended error
import faulthandler
faulthandler._sigsegv()
#! process: an exit code that is none | ok error
raise SystemExit(2**200)
#! process: an exit with a hundred megabytes to say | error memory ended
raise SystemExit("x" * 20_000_000)
#! network: connect to a server of this machine
import socket
for make in (lambda: socket.create_connection(("127.0.0.1", PORT), 1), lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT)),
             lambda: socket.socket().connect(("127.0.0.1", PORT)), lambda: socket.socket().bind(("127.0.0.1", 0)), lambda: socket.socketpair()):
    try:
        make()
        print("ESCAPED")
    except BaseException as error:
        print(repr(error)[:100])
#! network: ask for a name, fetch a page
import http.client, socket
for act in (lambda: socket.getaddrinfo("localhost", 80), lambda: socket.gethostbyname("example.com"), lambda: http.client.HTTPConnection("127.0.0.1", PORT).request("GET", "/")):
    try:
        act()
        print("ESCAPED")
    except BaseException as error:
        print(repr(error)[:100])
#! network: the interfaces of the component itself
import sys
for name in ("wit_world.imports", "wit_world.imports.tcp", "wasi_sockets", "componentize_py_runtime", "poll_loop"):
    try:
        module = __import__(name, fromlist=["x"])
        print(name, [each for each in dir(module) if "sock" in each.lower() or "tcp" in each.lower()])
    except ImportError as error:
        print(error)
#! output: without end | deadline | xxxx
while True:
    print("x" * 1000)
#! output: a character at a time | deadline ok
import sys
for _ in range(10**7):
    sys.stdout.write("x")
    sys.stdout.flush()
#! output: on the error stream without end | deadline
import sys
while True:
    sys.stderr.write("y" * 10000)
#! output: one string of twenty megabytes | ok error memory ended
print("z" * 20_000_000)
#! output: an exception of twenty megabytes | error memory ended
raise ValueError("x" * 20_000_000)
#! output: a value of twenty megabytes | ok memory
"x" * 20_000_000
#! output: lone surrogates and bytes that are not UTF-8 | ok
import sys
print("\ud800 \udfff")
sys.stdout.buffer.write(b"\xff\xfe\x80\0 \xed\xa0\x80")
"\udcff"
#! output: commands for the terminal | ok
print("\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202e gnihton \x1b]8;;http://evil\x1b\\")
#! output: no stream, then an exception | error
import sys
sys.stdout = sys.stderr = None
1 / 0
#! output: closed streams
import sys
sys.stdout.close()
sys.stderr.close()
print("x")
#! output: an exception without a class, a value without a text
class Odd(BaseException):
    def __str__(self): raise KeyboardInterrupt
    __repr__ = __str__
raise Odd
#! disk: ten gigabytes | error | No space left
with open("/work/big", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
#! disk: a file that is all hole | error | No space left
with open("/work/big", "wb") as file:
    file.truncate(10**12)
#! disk: a byte far out | error | No space left
with open("/work/big", "wb") as file:
    file.seek(10**11)
    file.write(b"x")
#! disk: earn room by a negative size | error | No space left
import files, json, os, wit_world
with open("/work/big", "wb", buffering=0) as file:
    for size in (-1, -10**9, -2**63, -10**30):
        print(wit_world.call("fs.truncate", json.dumps([files._opened[file.fileno()].handle, size])))
        print(wit_world.call("fs.write", f"{files._opened[file.fileno()].handle} {size} abc"))
    while True:
        file.write(bytes(1 << 20))
#! disk: files that are deleted and still open | error | OSError
import os
kept = []
for number in range(10**6):
    file = open(f"/work/{number}", "wb", buffering=0)
    file.write(bytes(100_000))
    os.unlink(f"/work/{number}")
    kept.append(file)
#! disk: a million files | error | OSError
for number in range(10**6):
    open(f"/work/{number}", "w").close()
#! disk: a million folders | error | OSError
import os
for number in range(10**6):
    os.mkdir(f"/tmp/{number}")
#! disk: make and delete for ever | deadline ok
import os
for number in range(10**7):
    open(f"/work/{number}", "w").close()
    os.unlink(f"/work/{number}")
#! disk: change a large file a little, many times | ok error deadline
import shutil
for number in range(10**4):
    with open("/work/large.bin", "r+b") as file:
        file.write(b"x")
    shutil.copy("/work/large.bin", f"/work/copy{number}")
#! collector: a list of files that is larger than its host can read | error
import os
for n in range(120):
    os.mkdir("\x01" * 250)
    os.chdir("\x01" * 250)
for n in range(50):
    open("\x01" * 240 + str(n), "w").close()
#! collector: names that are options, commands and other text | ok
for name in ("-rf", "--help", "$(id)", "`id`", "; id", "a\nb", "a\tb", "\u202egpj.exe", "\x1b[2J", "con", "nul.txt", "a:b", "..a", "...", " ", "~", "*", "'\"", "\u200b", "é", "e\u0301", "%s%n", "<script>"):
    with open("/work/" + name, "w") as file:
        file.write("x")
#! collector: names that differ in case and in composition only | ok
import os
for name in ("A.TXT", "a.TXT", "\u00e9", "e\u0301", "\uff41.txt", "ﬁ", "fi", "ß", "ss", "ı", "I", "i"):
    open(f"/work/folder/{name}", "w").close()
os.rename("/work/a.txt", "/work/A.txt")
#! collector: folders deeper than any walk | error ok
import os
path = "/work"
for number in range(1000):
    path += "/d"
    os.mkdir(path)
#! collector: folders made deep by moving them into one another | error | Errno
import os
os.makedirs("/work/x" + "/x" * 60)
for number in range(60):
    os.makedirs(f"/work/y{number}" + "/y" * 60)
    os.rename("/work/x" if not number else f"/work/y{number - 1}", f"/work/y{number}" + "/y" * 60 + "/x")
#! collector: names as long as they get
for count in (254, 255, 256, 1000, 10**6):
    try:
        open("/work/" + "n" * count, "w").close()
        open("/work/" + "é" * count, "w").close()
    except OSError as error:
        print(error.errno)
#! collector: times that no calendar has
import os
for moment in (0, -1, 2**63, 2**80, -2**80):
    try:
        os.utime("/work/a.txt", ns=(moment, moment))
        print(os.stat("/work/a.txt").st_mtime)
    except (OSError, OverflowError, ValueError) as error:
        print(repr(error))
#! collector: rename everything into everything
import os
names = ["a.txt", "folder", "hard", "large.bin", "many", "new"]
for one in names:
    for other in names:
        for target in (other, other + "/" + one, one + "/" + other):
            try:
                os.rename("/work/" + one, "/work/" + target)
            except OSError:
                pass
#! collector: change a file's kind | ok
import os
os.unlink("/work/a.txt")
os.mkdir("/work/a.txt")
os.rename("/work/folder", "/work/a.txt/folder")
open("/work/folder", "w").close()
#! cache: find the compiled code
import glob, os
for pattern in ("/**/*.cwasm", "/root/**/*.cwasm", "/home/**/wasm/*", "/tmp/**/*", "/work/../**/*.cwasm"):
    if found := glob.glob(pattern, recursive=True):
        print("ESCAPED", found)
#! cache: plant modules for the next program | ok
for name in ("os.py", "json.py", "wit_world.py", "app.py", "files.py", "sitecustomize.py", "usercustomize.py", "curta.py", "wasmtime.py"):
    for folder in ("/work", "/tmp"):
        with open(f"{folder}/{name}", "w") as file:
            file.write("print('ESCAPED')")
#! source: a zero byte, a wrong coding line, mixed ends of lines | error
# -*- coding: nonsense -*-
exec("x = 1\0\nprint('ESCAPED')")
#! source: hidden by characters that turn text round | ok
access = "user\u202e \u2066# only admins\u2069 \u2066"
print(len(access))
"""
