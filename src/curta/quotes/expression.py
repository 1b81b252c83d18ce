"""Arithmetic that a model gives as its reason for a number (`40 % (= 12 / 30)`), worked out again."""

import re
from functools import cache

LONGEST = 120
_CHARACTERS = "0123456789.,%+-−*/×÷() "
_DEEPEST = 20


def given_for(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the expression for the number `text[start:end]` stands: in brackets behind it, or before `= number`."""
    return _behind(text, end) or _before(text, start)


def _behind(text: str, end: int) -> tuple[int, int] | None:
    opened = _opener().match(text, end)
    run = _arithmetic().match(text, opened.end()) if opened else None
    if opened is None or run is None:
        return None
    length = _unopened(run[0]) if opened[1] == "(" else len(run[0]) if text[run.end() : run.end() + 1] == "]" else None
    return _span(run[0][:length].rstrip(" ="), run.start()) if length is not None else None


def _before(text: str, start: int) -> tuple[int, int] | None:
    before = text[max(0, start - LONGEST) : start].rstrip()
    if not before.endswith("="):
        return None
    before = before[:-1]
    run = before[len(before.rstrip(_CHARACTERS)) :]
    return _span(run, max(0, start - LONGEST) + len(before) - len(run))


def _span(run: str, start: int) -> tuple[int, int] | None:
    """Where the expression lies in a run of its characters that begins at `start`; None when it is none."""
    if not re.search(r"\d[\s)]*[-+−*/×÷][\s(]*\d", run):
        return None
    return start + len(run) - len(run.lstrip()), start + len(run.rstrip())


def _unopened(run: str) -> int | None:
    """Where the first bracket closes that was opened before `run`."""
    depth = 0
    for place, char in enumerate(run):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return place
    return None


@cache
def _opener() -> re.Pattern[str]:
    return re.compile(r" ?([(\[]) ?=? ?")


@cache
def _arithmetic() -> re.Pattern[str]:
    return re.compile(rf"[{re.escape(_CHARACTERS)}=]{{3,{LONGEST}}}")


def evaluate(expression: str) -> float | None:
    """The value of numbers joined by + - * / and parentheses; None for anything else, or when it has none."""
    import ast

    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", expression).replace(",", ".").replace("%", "")
    plain = plain.translate(str.maketrans("−×÷", "-*/")).strip()
    if len(plain) > LONGEST:
        return None
    try:
        return _value(ast.parse(plain, mode="eval").body, _DEEPEST)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None


def _value(node: object, depth: int) -> float:
    import ast

    if depth == 0:
        raise ValueError("nested too deeply")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, depth - 1)
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _value(left, depth - 1), _value(right, depth - 1)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return a / b
    raise ValueError("not arithmetic")
