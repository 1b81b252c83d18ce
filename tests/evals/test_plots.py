"""Pictures of values: every label can be read, whatever it says and however many there are."""

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from curta.evals.report.characters import drawn
from curta.evals.report.plots import Path, Point, Row, evidence, intervals, pareto, sequence
from curta.evals.report.plots.drawing import KINDS, Label, spread
from curta.statistics.intervals import Interval
from tests.evals.svg import canvas, labels, marks, overlapping

HOSTILE = '<script>alert(1)</script>\x00\u202e& "quoted" ]]> \ud800'
names = st.one_of(st.text(max_size=40), st.just(HOSTILE), st.just("a name that is " + "long " * 30))
shares = st.floats(-1, 1)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    low, mean, high = sorted(draw(st.tuples(shares, shares, shares)))
    return Row(draw(names), mean, low, high, draw(st.sampled_from(sorted(KINDS))))


@st.composite
def points(draw: st.DrawFn) -> Point:
    low, score, high = sorted(draw(st.tuples(*[st.floats(0, 1)] * 3)))
    return Point(draw(names), draw(st.floats(1e-3, 1e12)), score, low, high, draw(st.booleans()))


@st.composite
def paths(draw: st.DrawFn) -> Path:
    size = draw(st.integers(1, 40))
    logs = st.lists(st.floats(-300, 300), min_size=size, max_size=size)
    means = draw(st.lists(shares, min_size=size, max_size=size))
    numbers = range(1, size + 1)
    bands = [Interval(min(mean, 0) - 0.01, max(mean, 0) + 0.01) for mean in means]
    decided = draw(st.one_of(st.none(), st.integers(1, size)))
    outcome = draw(st.sampled_from(sorted(KINDS)))
    return Path(draw(names), outcome, numbers, means, draw(logs), draw(logs), numbers, bands, decided)


@settings(max_examples=25)
@given(st.lists(rows(), min_size=1, max_size=8), st.floats(0.001, 0.5), st.sampled_from([330, 720, 920]))
def test_no_two_labels_of_intervals_overlap(rows: list[Row], margin: float, width: int) -> None:
    picture = intervals(rows, margin=margin, width=width)
    assert overlapping(picture) == []
    assert marks(picture) == len(rows)


@settings(max_examples=25)
@given(paths(), st.floats(0.001, 0.5), st.sampled_from([300, 340, 400]))
def test_no_two_labels_of_evidence_overlap(path: Path, margin: float, width: int) -> None:
    assert overlapping(evidence(path, width=width)) == []
    assert overlapping(sequence(path, margin=margin, width=width)) == []


@settings(max_examples=25)
@given(st.lists(points(), min_size=1, max_size=8), st.floats(0.001, 0.5), st.sampled_from([330, 720]))
def test_no_two_labels_of_models_overlap_and_each_has_one(models: list[Point], margin: float, width: int) -> None:
    picture = pareto(models, margin=margin, axis="size on disk", told="{:.3g} bytes".format, width=width)
    assert overlapping(picture) == []
    assert marks(picture) == len(models)


@given(st.lists(st.floats(0, 100), max_size=6))
def test_what_is_spread_keeps_its_distance_and_its_order(wanted: list[float]) -> None:
    found = spread(wanted, 0, 100)
    placed = sorted(zip(wanted, found, strict=True), key=lambda each: each[1])
    assert [want for want, _ in placed] == sorted(wanted)
    assert all(b - a >= 16 - 1e-9 for (_, a), (_, b) in pairwise(placed))


def test_a_hostile_name_stays_text() -> None:
    picture = intervals([Row(HOSTILE, 0.1, 0.0, 0.2, "better")], margin=0.05, width=2000)
    assert "<script" not in picture
    assert "\x00" not in picture
    assert "\u202e" not in picture
    assert any(each.text.startswith("<script>alert(1)</script>␀<U+202E>") for each in labels(picture))


def test_the_staircase_goes_through_those_that_are_not_dominated() -> None:
    models = [Point("tiny", 1, 0.2, 0.1, 0.3), Point("odd", 5, 0.5, 0.4, 0.6, True), Point("large", 10, 0.8, 0.7, 0.9)]
    picture = pareto(models, margin=0.05, axis="size")
    (step,) = (line for line in picture.split("<path ") if 'class="step"' in line)
    assert step.count("H") == 2  # to the large one, and on to the edge: the odd one is passed by
    assert "odd: 50 [40, 60], dominated" in picture


def test_evidence_that_grows_reaches_the_line_where_it_is_known() -> None:
    numbers, logs = range(1, 4), [0.0, 1.0, 2.0]
    path = Path("tip", "better", numbers, [0.5] * 3, logs, [-1.0] * 3, numbers, [Interval(0.1, 0.9)] * 3, 3)
    picture = evidence(path, alpha=0.05)
    assert {"20 to 1", "differs", "within margin", "1", "10", "100"} <= {each.text for each in labels(picture)}
    assert "known after 3 of 3 inputs" in picture


def test_a_picture_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    picture = intervals([Row("a", 0, 0, 0, "undecided")], margin=0.05)
    assert 'role="img"' in picture
    assert "<desc" in picture
    assert "a: undecided, 0 [0, 0]" in picture


def test_intervals_in_characters_are_equally_wide_and_mark_zero_and_the_margin() -> None:
    found = drawn([Row("tip", 0.3, 0.1, 0.5, "better"), Row("caps", 0.0, -0.02, 0.02, "undecided")], 0.05, 40)
    assert {len(line) for line in (*found.lines, found.axis)} == {40}
    assert found.lines[0].count("▲") == found.lines[0].count("├") == found.lines[0].count("┤") == 1
    assert "░│░" in found.lines[0]
    assert "○" in found.lines[1]
    assert found.axis.split()[1] == "0"


def test_a_label_is_as_wide_as_it_could_be() -> None:
    wide, narrow = Label(0, 0, "MMMM").box, Label(0, 0, "iiii").box
    assert math.isclose(wide.right, 48)
    assert narrow.right < 24
    assert canvas(intervals([Row("a", 0, 0, 0, "better")], margin=0.1)).right == 720
