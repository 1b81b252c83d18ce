"""One engine process for each model file that is in use: started on demand, shared, ended when idle.

Rules:
1. The engine runs in a process of its own, away from the terminal: its crash is a sentence here, and Ctrl-C of a
   pipeline leaves it warm. This side imports nothing of it.
2. It listens on a Unix socket of the user's own, else on loopback, always with a random key; no page of the web may
   use it, and it shows no prompts, slots or pages.
3. The state file of a running engine is locked by it. The system lets go of the lock however the process ends, so
   who runs is known exactly; a file that nobody locks is what a crash left.
4. Nothing is started that does not fit into memory. The refusal says the numbers.

starting.py  `serve`: find the engine of a model, or start it      engines.py  `running`, `stop`
state.py     what is known of a running engine, and where          main.py     the engine process itself
plan.py      context, slots, threads and memory, chosen before a start
settings.py  what the user can set       processor.py  what it can do       failures.py  its errors
package.py   the engine's package, looked for and not imported

`main.py` is a process of its own: whatever it imports, each start of an engine pays for.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curta.engine.files.held import ModelFile
    from curta.engine.process.engines import Running as Running
    from curta.engine.process.state import Address as Address


def serve(file: "ModelFile") -> "Address":
    """Where the engine of `file` is, started when none runs. Raises what `starting.serve` raises."""
    from curta.engine.process import starting

    return starting.serve(file)


def running() -> "list[Running]":
    """The engines of this user that run, by name of their models."""
    from curta.engine.process import engines

    return engines.running()


def stop(name: str | None = None) -> list[str]:
    """End the engines of the model `name`, or all; the names of those that ran. Raises UnknownModel."""
    from curta.engine.process import engines

    return engines.stop(name)
