"""A small experiment that many tests run: the model says what it is told when it is told to do so now, else "no"."""

from typing import Any

SPEC: dict[str, Any] = {
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [f"word{number}" for number in range(60)],
    "score": [{"contains": "$text"}],
    "rope": 0.2,
    "seed": 5,
}


def obeys(words: str) -> str:
    return words if "Now!" in words else "no"
