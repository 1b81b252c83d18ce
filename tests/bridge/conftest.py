"""The plugins of `plugins/`, installed beside the `llm` of this interpreter, where it has one."""

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "plugins"

if importlib.util.find_spec("llm") is None:
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True)
class Site:
    """Where the plugins are installed.

    user: the folder of `llm`'s own files. imported: a file that is made when llm-slow is imported.
    """

    folder: Path
    user: Path
    imported: Path
    manifest: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CURTA_LLM_PYTHON": sys.executable,
            "PYTHONPATH": str(self.folder),
            "LLM_USER_PATH": str(self.user),
            "IMPORTED": str(self.imported),
            "LLM_LOAD_PLUGINS": ",".join(sorted(names())),
        }


def names() -> list[str]:
    return [path.stem.replace("_", "-") for path in HERE.glob("llm_*.py")]


def install(folder: Path, source: Path) -> None:
    """A distribution of one module, as an installer leaves it."""
    shutil.copy(source, folder)
    information = folder / f"{source.stem}-1.0.dist-info"
    information.mkdir()
    name = source.stem.replace("_", "-")
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[llm]\n{source.stem} = {source.stem}\n")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = tmp_path_factory.mktemp("llm")
    site = Site(root / "site", root / "user", root / "imported", root / "home" / "llm-plugins.json")
    for folder in (site.folder, site.user):
        folder.mkdir()
    for source in sorted(HERE.glob("llm_*.py")):
        install(site.folder, source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", str(site.manifest.parent))
        for name, value in site.environment.items():
            patch.setenv(name, value)
        from curta.models.bridge import manifest

        manifest.refresh()
    site.imported.unlink()
    return site


@pytest.fixture
def site(installed: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The plugins are installed and listed; `CURTA_HOME` is empty but for the list."""
    for name, value in installed.environment.items():
        monkeypatch.setenv(name, value)
    home.mkdir(mode=0o700)
    shutil.copy(installed.manifest, home)
    installed.imported.unlink(missing_ok=True)
    assert "llm" not in os.environ.get("CURTA_MODEL", "")
    return installed
