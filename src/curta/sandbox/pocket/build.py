"""Build the pocket guest, `box.wasm`: offline, from this folder, with componentize-py.

Run as a program (`python -m curta.sandbox.pocket.build TARGET`); the build hook of the wheel and `make` do.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent


def build(target: Path) -> Path:
    """Write the component to `target`. Raises FileNotFoundError without componentize-py, CalledProcessError."""
    program = shutil.which("componentize-py", path=sysconfig.get_path("scripts")) or "componentize-py"
    target.parent.mkdir(parents=True, exist_ok=True)
    world = ["-d", str(HERE / "box.wit"), "-w", "box"]
    subprocess.run([program, *world, "componentize", "-p", str(HERE / "guest"), "app", "-o", str(target)], check=True)
    return target


if __name__ == "__main__":
    build(Path(sys.argv[1]))
