"""Compiles one artefact: `python -m curta.sandbox.compiling ARTEFACT TARGET COMPONENT`, started by `cache.py`."""

import sys
from pathlib import Path

from curta.sandbox.wasm import compile_to


def main(artefact: str, target: str, component: str) -> None:
    compile_to(Path(artefact), Path(target), component=component == "1")


if __name__ == "__main__":
    main(*sys.argv[1:])
