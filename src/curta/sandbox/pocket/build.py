"""Build the pocket guest: offline, with componentize-py. `languages/build.py` builds it with all other guests."""

import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def build(target: Path) -> Path:
    """Write the component to `target`. Raises FileNotFoundError without componentize-py, CalledProcessError."""
    program = shutil.which("componentize-py", path=sysconfig.get_path("scripts")) or "componentize-py"
    target.parent.mkdir(parents=True, exist_ok=True)
    world = ["-d", str(HERE / "box.wit"), "-w", "box"]
    subprocess.run([program, *world, "componentize", "-p", str(HERE / "guest"), "app", "-o", str(target)], check=True)
    return target


def inputs() -> list[bytes]:
    """Everything the component is made of."""
    files = [HERE / "box.wit", *sorted((HERE / "guest").glob("*.py"))]
    return [version("componentize-py").encode(), *(path.read_bytes() for path in files)]


if __name__ == "__main__":
    build(Path(sys.argv[1]))
