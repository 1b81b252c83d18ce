"""Pictures of the figures that a program neither saved nor closed: `/work/figure-1.png` and so on.

This file runs in the guest.
"""

import functools
import io
import os
import weakref

import matplotlib

matplotlib.use("agg")

from matplotlib import pyplot
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.figure import Figure

PLACE, FONTS = "/work/figure-{}.png", matplotlib.get_data_path()
saved: "weakref.WeakSet[Figure]" = weakref.WeakSet()
_savefig, _open = Figure.savefig, io.open


@functools.wraps(_savefig)
def savefig(figure, *args, **how):
    done = _savefig(figure, *args, **how)
    saved.add(figure)
    return done


def show(manager):
    """There is no screen: what would be shown is kept, and the next plot begins a new figure."""
    keep(manager.canvas.figure)
    pyplot.close(manager.num)


def collect():
    """Keep the figures that are still open, and close them."""
    for number in pyplot.get_fignums():
        keep(pyplot.figure(number))
    pyplot.close("all")


def keep(figure):
    if figure not in saved:
        _savefig(figure, free(), bbox_inches="tight")


def whole(file, mode="r", *args, **how):
    """`io.open`, by which matplotlib opens fonts: it reads them in thousands of pieces, each a call to the host here.

    So a font is read at once. It is then no open file, and fonts that were used are in the image.
    """
    if mode != "rb" or not str(file).startswith(FONTS):
        return _open(file, mode, *args, **how)
    with _open(file, mode) as font:
        return io.BytesIO(font.read())


def free():
    """The next name that nothing has."""
    number = 1
    while os.path.exists(PLACE.format(number)):
        number += 1
    return PLACE.format(number)


Figure.savefig = savefig
FigureManagerBase.show = show
io.open = whole
