"""Arithmetic that a model gives as its reason for a number (`40 % (= 12 / 30)`), worked out again."""

import re
from functools import cache

LONGEST = 120
_DEEPEST = 20


def given_for(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the expression for the number `text[start:end]` stands: in brackets behind it, or before `= number`."""
    if match := _behind().match(text, end):
        return match.span(1)
    before = text[max(0, start - LONGEST) : start]
    if match := re.search(r"((?:\d[\d.,]*%?|[-+−*/×÷()\s])+)=\s*$", before):
        base = max(0, start - LONGEST) + match.start(1)
        inner = match[1]
        if _is_expression(inner):
            return base + len(inner) - len(inner.lstrip()), base + len(inner.rstrip())
    return None


@cache
def _behind() -> re.Pattern[str]:
    operand = r"[(\s]*\d[\d.,]*%?[)\s]*"
    return re.compile(rf"\s?[(\[]\s*=?\s*({operand}(?:[-+−*/×÷]{operand}){{1,12}}?)\s*=?\s*[)\]]")


def _is_expression(text: str) -> bool:
    return bool(re.search(r"\d[\s)]*[-+−*/×÷][\s(]*\d", text))


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
