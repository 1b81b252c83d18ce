"""`/v1/embeddings` of the loopback server: vectors in which texts are the nearer, the more words they share.

text-embedding-... embed...             vectors of 64 dimensions, or as many as are asked for
embed-picky                             refuses a batch with a text that holds BAD (400), as OpenAI does
embed-partial                           embeds the others, and says so of each that holds BAD
embed-short                             refuses a text of more than 50 words: too long
embed-nan embed-fewer embed-shuffled    not numbers; one vector is missing; not in order
embed-changing                          each request gets vectors of another length
embed-stubborn                          takes no notice of `dimensions` and `encoding_format`
sees-jina sees-vllm sees-voyage         take pictures too, each in its provider's form; a picture's vector is that of
                                        its description, a tEXt chunk of PNG
error-STATUS flaky-STATUS               HTTP errors; `flaky` fails only twice
"""

import hashlib
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

DIMENSIONS = 64
PATH = "/v1/embeddings"
PICTURES_PATH = "/v1/multimodalembeddings"
PATHS = (PATH, PICTURES_PATH)
LONGEST = 50

Refusal = tuple[int, str, str | None]
"""Status, message, code."""


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The words of `text`, each added where its hash says (feature hashing, Weinberger et al., 2009)."""
    values = [0.0] * dimensions
    for word in "".join(char.lower() if char.isalnum() else " " for char in text).split() or [text]:
        digest = hashlib.sha256(word.encode("utf-8", "replace")).digest()
        for place in range(0, 8, 2):
            values[int.from_bytes(digest[place : place + 2], "big") % dimensions] += 1 if digest[16 + place] % 2 else -1
    length = sum(value * value for value in values) ** 0.5 or 1.0
    return [round(value / length, 7) for value in values]


def complaint(body: Mapping[str, Any]) -> str:
    """What the official types have against `body`; empty when it fits."""
    if str(body.get("model")).startswith("sees-"):
        return "" if _seen(body) else "No input that this model takes."
    try:
        _adapter().validate_python(body)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:3])
    texts = body["input"]
    if not isinstance(texts, list) or not 0 < len(texts) <= 2048 or not all(texts):
        return "'$.input' is invalid."
    return ""


@cache
def _adapter() -> Any:
    from openai.types import EmbeddingCreateParams

    return TypeAdapter(EmbeddingCreateParams)


def known(model: str) -> bool:
    """Whether it is a model for embeddings alone."""
    return model.startswith(("text-embedding-", "embed", "sees-"))


def refusal(body: Mapping[str, Any]) -> Refusal | None:
    """How the request is refused, if it is."""
    model, texts = body["model"], body.get("input", [])
    if model == "embed-picky" and any("BAD" in text for text in texts):
        return 400, "This input cannot be embedded.", "invalid_request_error"
    if model == "embed-short" and any(len(text.split()) > LONGEST for text in texts):
        said = f"This model's maximum context length is {LONGEST} tokens, however you requested more."
        return 400, said, "context_length_exceeded"
    return None


def answer(body: Mapping[str, Any], requests: int) -> dict[str, Any]:
    """The answer to `body`. requests: how many there were before."""
    model = body["model"]
    texts = _seen(body) if model.startswith("sees-") else list(body["input"])
    stubborn = model == "embed-stubborn"
    dimensions = DIMENSIONS if stubborn else body.get("dimensions") or DIMENSIONS
    dimensions += requests * 8 if model == "embed-changing" else 0
    packed = body.get("encoding_format") == "base64" and not stubborn
    data = [_entry(model, place, text, dimensions, packed) for place, text in enumerate(texts)]
    if model == "embed-fewer":
        data = data[:-1]
    if model == "embed-shuffled":
        data.reverse()
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def _seen(body: Mapping[str, Any]) -> list[str]:
    """The texts, and the descriptions of the pictures, of a request in the form of one provider; none in another."""
    try:
        if body["model"] == "sees-jina":
            return [_described(each["image"]) if "image" in each else each["text"] for each in body["input"]]
        if body["model"] == "sees-vllm":
            ((part,),) = (each["content"] for each in body["messages"])
            return [_described(part["image_url"]["url"]) if part["type"] == "image_url" else part["text"]]
        parts = [part for each in body["inputs"] for part in each["content"]]
        return [_described(part["image_base64"]) if part["type"] == "image_base64" else part["text"] for part in parts]
    except (KeyError, TypeError, ValueError):
        return []


def _described(picture: str) -> str:
    data = b64decode(picture.removeprefix("data:image/png;base64,"), validate=True)
    return data.partition(b"tEXtDescription\0")[2].partition(b"\0")[0].decode()


def _entry(model: str, place: int, text: str, dimensions: int, packed: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"object": "embedding", "index": place}
    if model == "embed-partial" and "BAD" in text:
        return {**entry, "embedding": None, "error": {"message": "This input cannot be embedded."}}
    values = vector(text, dimensions)
    if model == "embed-nan":
        values[0] = float("nan")
    return {**entry, "embedding": b64encode(struct.pack(f"<{dimensions}f", *values)).decode() if packed else values}
