"""Pictures, and texts beside them, as servers of embeddings take them. There is no standard: each form is one server's.

jina    `input` holds objects, {"image": base64} or {"text": ...}
vllm    the `messages` of a chat, one item in a request
voyage  an address of its own, /multimodalembeddings, whose `inputs` have contents

All answer as `/v1/embeddings` does (`openai.decode`).
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from curta.http import HTTPRequest
from curta.messages import JSON
from curta.models.embedding.embedder import EmbedError, Item
from curta.models.wires.served import Endpoint, bearer, post
from curta.sources.attachments import media_type

Form: TypeAlias = Literal["jina", "vllm", "voyage"]
FORMS: tuple[Form, ...] = get_args(Form)


def encode(endpoint: Endpoint, form: Form, items: Sequence[Item], dimensions: int | None = None) -> HTTPRequest:
    """The request that embeds `items`; of the form vllm, a single one."""
    body: dict[str, JSON] = {"model": endpoint.model_id}
    if dimensions is not None:
        body["output_dimension" if form == "voyage" else "dimensions"] = dimensions
    if form == "voyage":
        body["inputs"] = [{"content": [_voyage(item)]} for item in items]
    elif form == "jina":
        body["input"] = [_jina(item) for item in items]
    else:
        (item,) = items
        body["messages"] = [{"role": "user", "content": [_chat(item)]}]
    path = "/multimodalembeddings" if form == "voyage" else "/embeddings"
    return post(endpoint, endpoint.address(path), body, bearer(endpoint), stream=False)


def refusal(data: bytes) -> EmbedError | None:
    """Why these bytes are not sent: only pictures are."""
    if (media_type(data) or "").startswith("image/"):
        return None
    return EmbedError("It is no picture.", "PNG, JPEG, GIF and WebP are known.")


def _jina(item: Item) -> JSON:
    return {"text": item} if isinstance(item, str) else {"image": b64encode(item).decode()}


def _chat(item: Item) -> JSON:
    if isinstance(item, str):
        return {"type": "text", "text": item}
    return {"type": "image_url", "image_url": {"url": _data_url(item)}}


def _voyage(item: Item) -> JSON:
    if isinstance(item, str):
        return {"type": "text", "text": item}
    return {"type": "image_base64", "image_base64": _data_url(item)}


def _data_url(data: bytes) -> str:
    return f"data:{media_type(data)};base64,{b64encode(data).decode()}"
