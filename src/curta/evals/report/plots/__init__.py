"""Values as pictures: pure functions that give the text of an SVG, which needs no script and no other file.

Readable in print, in the dark and without colours: what one says, a shape or a word says too. No two labels overlap.

intervals.py  where each difference lies     evidence.py  how evidence, and the interval, grew with the inputs
pareto.py     size or price against score    drawing.py   scales, labels and their boxes, the style they share
"""

from curta.evals.report.plots.drawing import STYLE
from curta.evals.report.plots.evidence import Path, evidence, sequence
from curta.evals.report.plots.intervals import Row, intervals
from curta.evals.report.plots.pareto import Point, pareto

__all__ = ["STYLE", "Path", "Point", "Row", "evidence", "intervals", "pareto", "sequence"]
