"""Attacks on Python with data, for `attacks.py`: those in Python are tried there too, but for `NOT_THERE`."""
# ruff: noqa: E501 - the programs are data

NOT_THERE = {
    "a folder's descriptor and a path that leads out of it",  # below, for folders that do have descriptors
    "try every one there is",
    "the C functions of the process",
    "call the host with wild arguments",
    "nested a hundred thousand deep",
    "earn room by a negative size",
    "leave without a word",
}
"""What is about an interface that this engine does not have, or has in another form."""

ATTACKS = r"""
#! path: a folder's descriptor and a path that leads out of it | ok | b'a'
import os
work = os.open("/work", os.O_RDONLY)
print(os.read(os.open("a.txt", os.O_RDONLY, dir_fd=work), 10))
for path in ("../secret.txt", "link", "out/secret.txt", "/etc/passwd", "../../etc/passwd", "root/etc/passwd"):
    for folder in (work, 3):
        try:
            print("ESCAPED", os.read(os.open(path, os.O_RDONLY, dir_fd=folder), 100))
        except OSError as error:
            print(error)
#! path: the readers of every library | ok | 8 failed
import lxml.etree, matplotlib.image, numpy, openpyxl, pandas, PIL.Image, sqlite3
for path in ("/etc/passwd", "/work/link", "/work/../secret.txt", "file:///etc/passwd"):
    failed = 0
    for read in (pandas.read_csv, numpy.loadtxt, numpy.memmap, openpyxl.load_workbook, PIL.Image.open, lxml.etree.parse,
                 matplotlib.image.imread, lambda path: sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute("select * from x")):
        try:
            print("ESCAPED", read(path))
        except Exception as error:
            failed += 1
    print(failed, "failed")
#! path: a database beside another one | ok | 3 failed
import sqlite3
failed = 0
for path in ("/etc/passwd", "../secret.txt", "/work/out/secret.txt"):
    try:
        base = sqlite3.connect("/work/own.db")
        base.execute("attach ? as other", (path,))
        print("ESCAPED", base.execute("select * from other.sqlite_master").fetchall(), base.execute("create table other.t (a)"))
    except sqlite3.Error as error:
        failed += 1
print(failed, "failed")
#! path: XML that names files and addresses | ok | 2 parsed
import lxml.etree, lxml.html
parsed = 0
for address in ("file:///etc/passwd", "/work/../secret.txt"):
    text = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{address}">]><a>&b;</a>'
    parser = lxml.etree.XMLParser(resolve_entities=True, no_network=False, load_dtd=True, huge_tree=True)
    print(lxml.etree.tostring(lxml.etree.fromstring(text, parser)))
    parsed += 1
print(parsed, "parsed")
#! path: write where the libraries are
import os, pandas
for path in ("/usr/local/lib/python315.zip", pandas.__file__, "/usr/local/lib/os.py", "/usr/local/bin/python", "/curta/app.py"):
    for act in (lambda: open(path, "w").write("print('ESCAPED')"), lambda: os.remove(path), lambda: os.rename(path, "/work/x"),
                lambda: os.makedirs(path + "/x"), lambda: open(path, "r+b").truncate(0)):
        try:
            act()
            print("ESCAPED", path)
        except OSError as error:
            print(error)
#! network: the readers of every library | ok | 4 failed
import http.client, lxml.etree, pandas, urllib.request
failed = 0
for read in (pandas.read_csv, pandas.read_html, urllib.request.urlopen, lxml.etree.parse):
    try:
        print("ESCAPED", read("http://127.0.0.1:PORT/x.csv"))
    except Exception as error:
        failed += 1
print(failed, "failed")
#! descriptor: try every one there is
import os
for number in (0, *range(4, 1100), 65535, 65536, 2**31 - 1):
    for act in (lambda: os.read(number, 100) or 1 / 0, lambda: os.write(number, b"ESCAPED"), lambda: os.ftruncate(number, 0)):
        try:
            print("ESCAPED", number, act())
        except (OSError, OverflowError, ZeroDivisionError):
            pass
#! internals: the C functions of the process | ok | OSError
import ctypes
for act in (lambda: ctypes.CDLL(None), lambda: ctypes.string_at(0, 100), lambda: ctypes.PyDLL(None)):
    try:
        print("ESCAPED", act())
    except OSError as error:
        print(type(error).__name__)
for name in ("_ctypes", "cffi", "_posixsubprocess", "_testcapi", "_xxsubinterpreters", "resource", "fcntl"):
    try:
        __import__(name)
        print("ESCAPED", name)
    except ImportError:
        pass
#! internals: read all of memory through an array without bounds | ok error ended memory
import numpy
everywhere = numpy.lib.stride_tricks.as_strided(numpy.zeros(1, "u1"), (1 << 30,), (1,))
print(int(everywhere[:: 1 << 16].sum()), int(everywhere.sum()))
#! internals: write all over memory through an array without bounds | ok error ended memory
import numpy
numpy.lib.stride_tricks.as_strided(numpy.zeros(1, "u1"), (1 << 30,), (1,))[:] = 0xAA
#! internals: take away what runs the cells | ok error ended
import sys
app = sys.modules["app"]
for module in list(sys.modules.values()):
    if module is not app:
        vars(module).clear()
#! internals: code in pickled tables and arrays
import io, numpy, os, pandas, pickle
class Bomb:
    def __reduce__(self):
        return eval, ("open('/etc/passwd').read()",)
for read, data in ((pandas.read_pickle, pickle.dumps(Bomb())), (lambda file: numpy.load(file, allow_pickle=True), pickle.dumps(Bomb()))):
    try:
        print("ESCAPED", read(io.BytesIO(data)))
    except Exception as error:
        print(error)
#! interface: call the host with wild words | ok | done
import _host, json
for word in (b"\xff", b"[]", b"{}", b"null", b"[1, 2, 3, 4]", b'["ok", "", "", "x"]', b"[" * 100_000, b"0" * 3_000_000, b"\x00" * 100):
    for _ in range(3):
        assert len(_host.call(word)) == 1
try:
    _host.call(b"0" * 5_000_000)
except OSError as error:
    print(error)
try:
    _host.call("text")
except TypeError as error:
    print(error)
print("done")
#! interface: nonsense as what came of it | ended
import json
json._default_encoder = type("Other", (), {"encode": lambda self, told: "nonsense"})()
#! interface: tell a success that was none | ok | done
import _host, app, json
print("done")
app._host = type("Silent", (), {"call": lambda word: b""})
_host.call(json.dumps(["ok", "forged", "", 0]).encode())
#! interface: a value of a hundred megabytes | ok error memory ended
import _host, app, json
app._host = type("Other", (), {"call": lambda word: b""})
_host.call(json.dumps(["error", "", "x" * 3_900_000, 1]).encode())
#! process: leave without a word
import os
os._exit(0)
#! time: a product of matrices that takes days | deadline
import numpy
numpy.ones((1400, 1400)) @ numpy.ones((1400, 1400))
while True:
    numpy.sort(numpy.arange(1_000_000)[::-1])
#! time: a fit that never converges | deadline
from scipy import optimize
optimize.minimize(lambda x: optimize.rosen(x), [1.3, 0.7] * 20, method="Nelder-Mead", options={"maxiter": 10**12, "maxfev": 10**12, "xatol": 0, "fatol": -1})
#! time: a query that counts for ever | deadline
import sqlite3
sqlite3.connect(":memory:").execute("with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n").fetchall()
#! time: a figure that never ends to be drawn | deadline
from matplotlib import pyplot
from matplotlib.lines import Line2D
class Endless(Line2D):
    def draw(self, renderer):
        while True:
            pass
pyplot.gca().add_line(Endless([0, 1], [0, 1]))
#! memory: an array of eight gigabytes | memory error
import numpy
numpy.ones(1 << 30)
#! memory: tables until there is no more | memory
import pandas
kept = []
while True:
    kept.append(pandas.DataFrame({"a": range(100_000)}))
#! memory: a picture of ten thousand million points | memory error
import io, PIL.Image
PIL.Image.MAX_IMAGE_PIXELS = None
PIL.Image.new("RGB", (100_000, 100_000)).save("large.png")
#! memory: a figure as large as a house | memory error
from matplotlib import pyplot
pyplot.figure(figsize=(600, 600), dpi=200)
pyplot.plot([1, 2])
#! disk: a table that fills it | error | No space left
import pandas
pandas.DataFrame({"a": ["x" * 1000] * 5000}).to_csv("large.csv")
#! disk: an array that fills it | error | No space left
import numpy
numpy.save("array", numpy.zeros(1_000_000))
#! disk: a file that says it is large | error | No space left
with open("array", "wb") as file:
    file.truncate(1 << 40)
#! disk: a database that fills it | error | disk is full
import sqlite3
base = sqlite3.connect("large.db")
base.execute("create table t (a)")
base.execute("insert into t select randomblob(1000000) from (values (1), (2), (3), (4), (5), (6))")
base.commit()
#! disk: more figures than files may be made | error | Quota exceeded
import os
from matplotlib import pyplot
for number in range(198):
    open(f"f{number}", "w").close()
for _ in range(4):
    pyplot.figure(figsize=(1, 1))
#! picture: a folder in the place of the first one | ok
import os
from matplotlib import pyplot
os.mkdir("figure-1.png")
pyplot.plot([1, 2])
#! picture: save them elsewhere, under another name | ok error
from matplotlib import pyplot
import figures
figures.PLACE = "/work/../../etc/{}.png"
pyplot.plot([1, 2])
#! picture: what would show them, called back in the middle | ok error deadline
from matplotlib import pyplot
from matplotlib.lines import Line2D
class Again(Line2D):
    def draw(self, renderer):
        pyplot.show()
        super().draw(renderer)
pyplot.gca().add_line(Again([0, 1], [0, 1]))
#! stack: nested a hundred thousand deep | ok error ended memory
import json, lxml.etree, pandas
for read in (lambda: json.loads("[" * 100_000), lambda: lxml.etree.fromstring("<a>" * 100_000 + "</a>" * 100_000),
             lambda: pandas.eval("(" * 5_000 + "1" + ")" * 5_000)):
    try:
        print(read())
    except (RecursionError, MemoryError, ValueError, SyntaxError) as error:
        print(type(error).__name__)
#! image: change what the next guest begins with | ok
import builtins, numpy, pandas, sys
builtins.print = numpy.ones = pandas.DataFrame = None
sys.path.insert(0, "/evil")
sys.modules["json"] = None
"""
