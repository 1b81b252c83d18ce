"""Functions written on the command line or in a file: `--functions`.

This is the user's own program, run in this process with all the rights of the user. Nothing of what a model writes ever
comes here.
"""

import sys
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from curta.errors import UsageError
from curta.tools.toolbox import Toolbox

_numbers = count(1)


def tools_in(code: str) -> dict[str, Any]:
    """The functions and toolboxes that Python code, or the `.py` file it names, defines: all names without `_` before.

    Raises UsageError when there are none, or when it does not run.
    """
    where, text = _read(code)
    module = ModuleType(f"curta_functions_{next(_numbers)}")
    sys.modules[module.__name__] = module  # dataclasses and type hints look their module up
    try:
        exec(compile(text, where, "exec"), module.__dict__)
    except SyntaxError as error:
        raise UsageError(f"{where}, line {error.lineno}: {error.msg}.") from error
    except (Exception, SystemExit) as error:
        line = _line(error, where)
        raise UsageError(f"{where}{line} raised {type(error).__name__}: {error}") from error
    if not (found := {name: value for name, value in vars(module).items() if _is_tool(name, value, module)}):
        raise UsageError(
            f"There is no function in {where}.", then="For example: --functions 'def double(n: int): return 2 * n'"
        )
    return found


def _read(code: str) -> tuple[str, str]:
    if "\n" in code or not code.endswith(".py"):
        return "--functions", code
    try:
        return code, Path(code).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"Cannot read the functions in {code}: {why}.") from error


def _is_tool(name: str, value: Any, module: ModuleType) -> bool:
    """Whether it is one: what a module defines itself is, not what it imports."""
    if name.startswith("_") or isinstance(value, Toolbox):
        return not name.startswith("_")
    if getattr(value, "__module__", None) != module.__name__:
        return False
    if getattr(value, "__name__", name) == "<lambda>":
        value.__name__ = name
    return issubclass(value, Toolbox) if isinstance(value, type) else callable(value)


def _line(error: BaseException, where: str) -> str:
    line, at = "", error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == where:
            line = f", line {at.tb_lineno}"
        at = at.tb_next
    return line
