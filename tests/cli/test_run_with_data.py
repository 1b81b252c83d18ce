"""`curta run --data`: pandas and pictures from the command line."""

from pathlib import Path

import pytest

from curta.sandbox import engines
from tests import boxes
from tests.cli.conftest import Curta

PLOT = """
import matplotlib.pyplot as plt
import pandas as pd
sales = pd.read_csv("sales.csv")
sales.plot.bar(x="month", y="sales")
print(sales.sales.sum())
"""


@pytest.fixture(scope="session")
def data_home() -> Path:
    return boxes.data_home()


@pytest.fixture
def home(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CURTA_HOME", str(data_home))
    return data_home


def test_a_plot_is_named_and_copied_out(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("month,sales\nJan,120\nFeb,90\n")
    (tmp_path / "plot.py").write_text(PLOT)
    done = curta("run", "plot.py", "--data", "-f", "sales.csv", "--timeout", "50", "--out", "charts", "-y", "-n")
    assert (done.code, done.out) == (0, "210\n")
    assert "figure-1.png" in done.err
    assert "Copied to charts: figure-1.png" in done.err
    assert (tmp_path / "charts/figure-1.png").read_bytes().startswith(b"\x89PNG")


def test_only_programs_in_python_have_it(curta: Curta) -> None:
    done = curta("run", "-", "--data", "--lang", "lua", stdin="print(1)")
    assert (done.code, "There is no numpy or pandas for lua." in done.err) == (2, True)


def test_the_tool_for_models_has_it(curta: Curta) -> None:
    assert "numpy" in curta("tools", "show", "data").out


class TestWithoutTheExtra:
    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        if engines.is_installed("data"):
            pytest.skip("it is installed; make test runs this")
        monkeypatch.setenv("CURTA_HOME", str(tmp_path / "home"))
        return tmp_path / "home"

    def test_one_sentence_says_what_to_install(self, curta: Curta) -> None:
        done = curta("run", "-", "--data", stdin="print(1)")
        assert done.code == 1
        assert done.err == ("curta: Python with numpy and pandas is not installed.\n  curta install 'curta[data]'\n")

    def test_models_are_not_offered_it(self, curta: Curta) -> None:
        assert "numpy" not in curta("tools").out
