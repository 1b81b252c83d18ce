"""The wire of embeddings: `POST /v1/embeddings`, as OpenAI, Ollama, llama.cpp, vLLM, LM Studio and others speak it.

A server may answer with vectors as lists of numbers or as base64 of little-endian 32-bit floats; both are read.
"""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from curta.errors import BrokenAnswer
from curta.http import HTTPRequest
from curta.messages import JSON
from curta.models.embedding.embedder import EmbedError, Vector
from curta.models.wires.failures import Source, reported
from curta.models.wires.fields import count, object_, objects, string
from curta.models.wires.served import Endpoint, bearer, post


class Answer(NamedTuple):
    """What a server made of a request: a vector or the reason why there is none for each text, and what it counted."""

    vectors: list[Vector | EmbedError]
    tokens: int | None = None


def encode(endpoint: Endpoint, texts: Sequence[str], dimensions: int | None = None) -> HTTPRequest:
    """The request that embeds `texts`. dimensions: shorter vectors than the model's own, where it can make them."""
    body: dict[str, JSON] = {"model": endpoint.model_id, "input": list(texts)}
    if endpoint.is_openai:  # a third of the bytes; some other servers refuse to be asked
        body["encoding_format"] = "base64"
    if dimensions is not None:
        body["dimensions"] = dimensions
    return post(endpoint, endpoint.address("/embeddings"), body, bearer(endpoint), stream=False)


def decode(source: Source, body: bytes, wanted: int) -> Answer:
    """The answer to a request for `wanted` texts. Raises BrokenAnswer when it is none of this protocol."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswer(f"{source.host} sent no embeddings.", why="Its answer is not JSON.") from error
    answer = object_(value)
    if answer.get("error"):
        raise reported(source, answer["error"])
    if not isinstance(answer.get("data"), list):
        then = "Does this server have an embedding model? Its chat models cannot embed."
        raise BrokenAnswer(f"{source.host} sent no embeddings.", why="Its answer has no `data`.", then=then)
    usage = object_(answer.get("usage"))
    return Answer(_in_order(source, answer["data"], wanted), count(usage.get("total_tokens")))


def _in_order(source: Source, data: JSON, wanted: int) -> list[Vector | EmbedError]:
    """The vectors by the number each has; one that has none stands where it was sent."""
    found: dict[int, Vector | EmbedError] = {}
    for place, each in enumerate(objects(data)):
        number = count(each.get("index"))
        found[place if number is None else number] = _read(source, each)
    if any(number >= wanted for number in found):
        raise BrokenAnswer(f"{source.host} sent more vectors than texts were sent.")
    missing = EmbedError(f"{source.host} sent no vector for it.")
    return [found.get(number, missing) for number in range(wanted)]


def _read(source: Source, each: Mapping[str, Any]) -> Vector | EmbedError:
    if error := each.get("error"):
        said = string(error) or string(object_(error).get("message"))
        return EmbedError(f"{source.host} did not embed it.", source.clean(said))
    vector = _vector(each.get("embedding"))
    if vector is None or not len(vector) or not all(map(isfinite, vector)):
        return EmbedError(f"{source.host} sent no vector for it.", "What it sent are not numbers.")
    return vector


def _vector(value: JSON) -> Vector | None:
    try:
        if isinstance(value, str):
            data = b64decode(value, validate=True)
            return Vector.unpacked(data) if len(data) % 4 == 0 else None
        return Vector(value) if isinstance(value, list) else None
    except (NotBase64, TypeError, ValueError, OverflowError):
        return None
