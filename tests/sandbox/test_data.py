"""Python with its libraries of data analysis: the same sandbox, and pictures of what is plotted."""
# ruff: noqa: E501 - the programs are data

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.errors import UsageError
from curta.models import registry
from curta.sandbox import Limits, Result, Sandbox, View, cache
from curta.sandbox.data import making
from curta.store import open_log
from tests import boxes
from tests.servers.openai import Answer

PNG = b"\x89PNG\r\n\x1a\n"
boxes.need_data()

DATA = "data"

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CURTA_HOME", str(data_home))
    return data_home


@pytest.fixture(scope="module")
def sandbox(data_home: Path) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", str(data_home))
        with Sandbox(limits=Limits(seconds=60)) as made:
            yield made


def came(sandbox: Sandbox, program: str) -> Result:
    result = sandbox.run(program, DATA)
    assert result.ok, result.error
    return result


USES = {
    "pandas": "import pandas as pd\npd.DataFrame({'a': [1, 2, 3], 'b': list('xyx')}).groupby('b').a.sum().to_dict()",
    "numpy": "import numpy as np\nnp.round(np.linalg.inv(np.array([[2.0, 0], [0, 4]])), 2).tolist()",
    "scipy": "from scipy import stats\nround(float(stats.norm.cdf(1.96)), 3)",
    "scikit-learn": "from sklearn.linear_model import LinearRegression as L\nL().fit([[1], [2]], [2, 4]).coef_.round(6).tolist()",
    "statsmodels": "import statsmodels.api as sm\nsm.OLS([2, 4, 6], [1, 2, 3]).fit().params.round(6).tolist()",
    "sqlite3": "import sqlite3\nc = sqlite3.connect('x.db')\nc.execute('create table t as select 7 a')\nc.commit()\n"
    "sqlite3.connect('x.db').execute('select a from t').fetchall()",
    "openpyxl": "import pandas as pd\npd.DataFrame({'a': [1]}).to_excel('x.xlsx', index=False)\npd.read_excel('x.xlsx').values.tolist()",
    "lxml": "import lxml.html\nlxml.html.fromstring('<p>one <b>two</b></p>').text_content()",
    "pillow": "from PIL import Image\nImage.new('L', (3, 2), 7).resize((6, 4)).getpixel((5, 3))",
}  # fmt: skip
VALUES = {
    "pandas": "{'x': 4, 'y': 2}",
    "numpy": "[[0.5, 0.0], [0.0, 0.25]]",
    "scipy": "0.975",
    "scikit-learn": "[2.0]",
    "statsmodels": "[2.0]",
    "sqlite3": "[(7,)]",
    "openpyxl": "[[1]]",
    "lxml": "'one two'",
    "pillow": "7",
}


@pytest.mark.parametrize("library", USES)
def test_the_libraries_work(sandbox: Sandbox, library: str) -> None:
    assert came(sandbox, USES[library]).value == VALUES[library]


def test_a_figure_that_is_left_open_becomes_a_picture(sandbox: Sandbox) -> None:
    result = came(sandbox, "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('Größe $x^2$')")
    (picture,) = result.pictures.values()
    assert list(result.files) == ["/work/figure-1.png"]
    data = picture.read_bytes()
    assert data.startswith(PNG)
    assert int.from_bytes(data[16:20], "big") > 400  # pixels wide
    assert result.stderr == ""


def test_what_is_shown_is_a_picture_of_its_own(sandbox: Sandbox) -> None:
    program = (
        "import matplotlib.pyplot as plt\nfor n in (1, 2):\n    plt.plot([n])\n    plt.show()\nprint(plt.get_fignums())"
    )
    result = came(sandbox, program)
    assert sorted(result.pictures) == ["/work/figure-1.png", "/work/figure-2.png"]
    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_what_a_program_saved_itself_is_not_saved_again(sandbox: Sandbox) -> None:
    program = "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.savefig('mine.svg')\nplt.figure()\nplt.close()"
    assert list(came(sandbox, program).pictures) == ["/work/mine.svg"]


def test_figures_of_a_program_that_ends_itself_are_kept_and_of_one_that_fails_are_not(sandbox: Sandbox) -> None:
    plot = "import matplotlib.pyplot as plt, sys\nplt.plot([1])\n"
    assert list(sandbox.run(plot + "sys.exit(3)", DATA).pictures) == ["/work/figure-1.png"]
    assert not sandbox.run(plot + "1 / 0", DATA).files


def test_each_cell_of_a_session_leaves_its_own_pictures(sandbox: Sandbox) -> None:
    session = sandbox.session(DATA)
    session.run("import matplotlib.pyplot as plt; import pandas as pd; table = pd.DataFrame({'a': [1, 2]})")
    assert not session.run("len(table)").pictures
    assert len(session.run("table.plot()").pictures) == 1
    assert len(session.run("plt.plot([1]); plt.show()").pictures) == 2
    session.close()


def test_a_session_keeps_its_state_and_files(sandbox: Sandbox) -> None:
    session = sandbox.session(DATA)
    session.put("/work/sales.csv", b"month,sales\nJan,120\nFeb,90\n")
    session.run("import pandas as pd\nsales = pd.read_csv('sales.csv')")
    assert session.run("int(sales.sales.sum())").value == "210"
    session.run("sales.to_json('sales.json', orient='values')")
    assert session.take("/work/sales.json") == b'[["Jan",120],["Feb",90]]'
    session.close()


def test_every_guest_begins_as_the_first_did(sandbox: Sandbox) -> None:
    look = "import os, sys, pandas\nprint(pandas.x if hasattr(pandas, 'x') else None, sys.path, os.listdir('/work'), dir())"
    first = came(sandbox, look).stdout
    came(sandbox, "import pandas, sys\npandas.x = 1\nsys.path.append('/x')\nopen('left', 'w')\ny = 2")
    assert came(sandbox, look).stdout == first
    assert "'/usr/local/lib/python315.zip'" in first


def test_no_two_guests_draw_the_same_random_numbers(sandbox: Sandbox) -> None:
    draw = "import random, uuid, numpy as np\nprint(random.random(), np.random.rand(), np.random.default_rng().random(), uuid.uuid4())"
    numbers = [each for _ in range(3) for each in came(sandbox, draw).stdout.split()]
    assert len(set(numbers)) == 12


def test_it_has_no_environment_no_folder_of_ours_and_no_root_to_write_in(sandbox: Sandbox) -> None:
    assert came(sandbox, "import os\nos.listdir('/'), os.getcwd(), os.path.expanduser('~')").value == (
        "(['tmp', 'usr', 'work'], '/work', '~')"
    )
    assert "Error" in sandbox.run("open('/new', 'w')", DATA).error


def test_memory_is_limited_beside_what_the_libraries_take(sandbox: Sandbox) -> None:
    with Sandbox(limits=Limits(memory=100 << 20)) as small:
        assert came(small, "len(bytearray(80 << 20))").value == str(80 << 20)
        too_much = small.run("bytearray(120 << 20)", DATA)
        assert (too_much.status, too_much.exit_code) == ("memory", 1)
        arrays = small.run("import numpy\nnumpy.ones(20_000_000)", DATA)
        assert arrays.status == "memory"


def test_the_deadline_ends_compiled_loops_too() -> None:
    with Sandbox(limits=Limits(seconds=0.5)) as hasty:
        result = hasty.run("import numpy\nwhile True: numpy.sort(numpy.arange(1_000_000)[::-1])", DATA)
        assert result.status == "deadline"
        assert result.error == "Stopped after 0.5 seconds, the limit on time."


def test_a_folder_is_seen_copied_on_write_and_its_effects_are_known(home: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n1\n2\n")
    view = View(tmp_path)
    with Sandbox(view, limits=Limits(seconds=60)) as sandbox:
        came(sandbox, "import os\nos.rename('in.csv', 'b.csv')")
        assert [(each.action, each.source, each.path) for each in view.effects().changes] == [
            ("renamed", "in.csv", "b.csv")
        ]
        came(sandbox, "import pandas\npandas.read_csv('in.csv').mul(2).to_csv('in.csv', index=False)")
        assert [(each.action, each.path) for each in view.effects().changes] == [("changed", "in.csv")]
        assert list(view.effects().read) == ["in.csv"]
    assert (tmp_path / "in.csv").read_text() == "a\n1\n2\n"


def test_a_module_of_the_granted_folder_can_be_imported(home: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("x = 5")
    assert curta.run("import own\nown.x", data=True, work=str(tmp_path), timeout=60, log=False).value == "5"


def test_tracebacks_show_the_programs_lines_and_not_ours(sandbox: Sandbox) -> None:
    error = sandbox.run("import pandas as pd\npd.DataFrame({'a': [1]})['b']", DATA).error
    assert "pd.DataFrame({'a': [1]})['b']\n    ~~~~" in error
    assert error.endswith("KeyError: 'b'\n")
    assert "cells.py" not in error
    assert "app.py" not in error


def test_a_program_may_leave_without_a_word(sandbox: Sandbox) -> None:
    assert (sandbox.run("import os\nos._exit(4)", DATA).exit_code, came(sandbox, "1").value) == (4, "1")


def test_the_log_says_which_libraries_ran_it() -> None:
    result = curta.run("1 + 1", data=True, timeout=60)
    assert result.id is not None
    logged = open_log().run(result.id)
    assert (logged.language, logged.described["engine"]) == (DATA, "Python (data)")
    assert logged.described["box"] == making.artefact().sha256
    assert curta.run_again(logged).same


def test_a_model_writes_for_it_and_is_judged_with_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openai_server: Any
) -> None:
    place = cache.folder()
    monkeypatch.setenv("CURTA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "folder", lambda name="wasm": place)
    registry.add("programmer", url=openai_server.url, model="hello")
    program = "```python\nimport numpy as np\ntotal = int(np.arange(5).sum())\nprint(total)\n```"
    openai_server.script(Answer(program))
    (tmp_path / "judge.py").write_text("import pandas, program\nassert program.total == 10")
    coded = curta.code("add", model="programmer", data=True, test=str(tmp_path / "judge.py"), timeout=60)
    assert coded.ok
    assert coded.language == "python"
    assert coded.result is not None
    assert coded.result.stdout == "10\n"


def test_only_python_has_them(home: Path) -> None:
    with pytest.raises(UsageError, match="no numpy or pandas for js"):
        curta.run("1", "js", data=True, log=False)


def test_what_it_is_loaded_from_is_what_its_package_says() -> None:
    artefact = making.artefact()
    assert hashlib.sha256(artefact.path.read_bytes()).hexdigest() == artefact.sha256
