"""Attacks of a cell on the later cells of its session, and on what the host does for a session, for `attacks.py`."""

CELLS = r"""
#! runner: answer for the later cells | ok error ended
import app, cells
app.execute = cells.execute = lambda *a: "forged"
cells.run = lambda *a: ("ok", "forged", "", 0)
#! runner: have each later cell fail | ok error ended
import app, cells
app.WitWorld.run = cells.run = lambda *a: 1 / 0
#! runner: take away what tells its errors | ok error ended
import app, cells
cells.told = cells.legible = app.told = app.legible = None
#! runner: empty its names | ok error ended
import cells
cells.world.clear()
globals().clear()
#! runner: empty its table of modules | ok error ended
import sys
for name in list(sys.modules): sys.modules[name] = None
#! runner: take away what every program needs | ok error ended
import builtins
builtins.print = builtins.len = builtins.compile = builtins.exec = builtins.eval = None
#! runner: put something else in the place of its streams | ok error ended
import sys
sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = 5
#! runner: a trace function that fails | ok error ended
import sys
sys.settrace(lambda *a: 1 / 0)
sys.setprofile(lambda *a: 1 / 0)
#! runner: no more collecting, no more lines | ok error ended
import gc, linecache
gc.disable()
linecache.cache = None
#! runner: answer for the host's files | ok error ended
import files
files._call = lambda *a: "+{}"
#! runner: a name that asks whoever looks at it | ok error ended
class Value:
    def __repr__(self): raise SystemExit(0)
    def __eq__(self, other): raise KeyboardInterrupt
    __hash__ = None
_ = __name__ = __builtins__ = Value()
_
#! runner: leave the guest with no memory | ok error memory ended
kept = []
try:
    while True: kept.append(bytearray(1 << 16))
except MemoryError:
    pass
#! runner: leave it with no room on disk, and every file open | ok error
opened = []
try:
    while True: opened.append(open(f"/work/{len(opened)}", "wb", buffering=0)); opened[-1].write(bytes(100_000))
except OSError as error:
    print(error)
#! files: folders and names where the host puts its files | ok error
import os
for name in ("in.txt", "made", "program.py", "stdout.txt"):
    os.makedirs(f"/work/{name}/{name}")
os.chdir("/work/in.txt")
#! ending: end it, with what it did undone for nobody | ended error
import os
open("/work/left", "w").write("x")
os.abort()
#! ending: an endless loop after work that was quick | deadline
x = 1
while True: pass
"""
