"""The sandbox: generated programs run in WebAssembly, and what they did to a folder is known before it happens there.

Rules:
1. A guest sees nothing but what it was granted. Nothing it does changes the host: what it writes lies in a scratch
   folder until somebody applies it.
2. WebAssembly is the first wall and never the only one where the system has another: engines run in a child process.
3. What comes from a guest is untrusted: its output, the names of its files, its claims of success.

sandbox.py  `Sandbox`: run programs      session.py   a guest that keeps its state
result.py    what came of a run          limits.py    what it may use up
view.py     a folder that is granted     effects.py   what was done to it
folder.py   a folder, no link followed   overlay.py   the same, taking writes  namespace.py all a guest can see
engines.py  which language runs where    engine.py    the seam                 wasm.py      what engines share
runner.py   one worker, one language     process.py   the parent's hold on it  worker.py    the process of guests
frames.py   how they speak               walls.py     the second wall          wheels.py    packages for a guest
standing.py what stands here, for `curta doctor`
cache.py    compiled code on disk        compiling.py makes it
setting.py  all that a run is given, a value
record.py   runs in the log             again.py      a logged run, repeated   judging.py   a test of a program
taking.py   files out of the sandbox    cells.py      a session, logged
scratch.py  folders for a while          stale.py      old compiled code
pocket/     the default engine: CPython, frozen into one component; pocket/guest/ runs inside it

May import `store` and the ground. Importing this door loads nothing: the worker comes through it too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curta.sandbox.effects import Effect, Effects
    from curta.sandbox.limits import Limits
    from curta.sandbox.result import Result
    from curta.sandbox.sandbox import Sandbox
    from curta.sandbox.session import Session
    from curta.sandbox.view import View

__all__ = ["Effect", "Effects", "Limits", "Result", "Sandbox", "Session", "View"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = {"Effect": "effects"}.get(name, name.lower())
    return getattr(import_module(f"{__name__}.{home}"), name)
