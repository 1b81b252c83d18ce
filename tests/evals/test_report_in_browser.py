"""The page of a report in a real browser: it asks nobody for anything, can be read on a telephone, and filters."""

from pathlib import Path

import pytest

import curta
from tests.browser import open_page
from tests.evals.places_study import run

_OVERLAPS = """() => [...document.querySelectorAll('svg.plot')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0);
  return boxes.flatMap(([one, a], place) => boxes.slice(0, place)
    .filter(([, b]) => a.left + 1 < b.right && b.left + 1 < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
    .map(([other]) => one + ' / ' + other));
})"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a small study with several contrasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", str(tmp_path_factory.mktemp("home")))
        return str(curta.experiment_report(run(stop={"max_inputs": 12})).html())


@pytest.fixture
def page(whole: str, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(whole, encoding="utf-8")
    return path


def test_nothing_leaves_the_page_and_all_of_it_can_be_read(page: Path) -> None:
    with open_page(page) as shown:
        for width, scheme in ((1000, "light"), (360, "dark")):
            shown.set_viewport_size({"width": width, "height": 800})
            shown.emulate_media(color_scheme=scheme)
            assert shown.evaluate(_OVERLAPS) == []
            assert shown.evaluate("document.documentElement.scrollWidth") == width
            assert shown.locator("svg.plot text:visible").count() > 50
            cut = (
                "[...document.querySelectorAll('h1, h2, h3, li, .text')].filter(e => e.scrollWidth > innerWidth).length"
            )
            assert shown.evaluate(cut) == 0
        assert shown.noticed == [page.as_uri()]


def test_the_list_of_disagreements_is_filtered_and_is_all_there_without_the_script(page: Path, whole: str) -> None:
    with open_page(page) as shown:
        items = shown.locator(".item:visible")
        number = items.count()
        assert number > 5
        shown.get_by_label("Which").select_option("variant-lower")
        assert 0 < items.count() < number
        shown.get_by_label("Which").select_option("")
        shown.get_by_label("With these words").fill("nothing says this")
        assert items.count() == 0
        assert shown.locator("output").inner_text() == f"0 of {number} shown"
        page.write_text(whole[: whole.index("<script>")], encoding="utf-8")
        shown.reload()
        assert shown.locator(".item:visible").count() == number
        assert shown.locator(".filter:visible").count() == 0


def test_markup_that_got_into_the_page_all_the_same_could_do_nothing(page: Path, whole: str) -> None:
    evil = "<img src=data:image/gif,x><script>document.title = 'evil'</script><style>body { display: none }</style>"
    page.write_text(whole.replace("<h1>", f"{evil}<h1>"), encoding="utf-8")
    with open_page(page) as shown:
        assert shown.title() != "evil"
        assert shown.locator("h1").is_visible()
        refused = [each for each in shown.noticed if "Content Security Policy" in each]
        assert len(refused) == 3
