"""Pictures of the figures that a program neither saved nor closed: `/work/figure-1.png` and so on.

This file runs in the guest.
"""

import functools
import os
import weakref

import matplotlib

matplotlib.use("agg")

from matplotlib import pyplot
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.figure import Figure

PLACE = "/work/figure-{}.png"
saved: "weakref.WeakSet[Figure]" = weakref.WeakSet()
_savefig = Figure.savefig


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


def free():
    """The next name that nothing has."""
    number = 1
    while os.path.exists(PLACE.format(number)):
        number += 1
    return PLACE.format(number)


Figure.savefig = savefig
FigureManagerBase.show = show
