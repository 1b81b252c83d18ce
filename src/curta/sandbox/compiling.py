"""Compiles one artefact, for `cache.py`: `python -m curta.sandbox.compiling ARTEFACT TARGET COMPONENT [SHA256]`."""

import sys
from pathlib import Path

from curta.sandbox.wasm import compile_to


def main(artefact: str, target: str, component: str, sha256: str = "") -> None:
    compile_to(Path(artefact), Path(target), component=component == "1", sha256=sha256)


if __name__ == "__main__":
    main(*sys.argv[1:])
