"""What a provider's error answer means: one class per next step, with the provider's own sentence."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from curta.errors import BadKey, ModelError, ProviderError, RateLimited, Refused, TimedOut, UnknownModel
from curta.http import retry_after
from curta.messages import JSON

LONGEST_SENTENCE = 500
SHORTEST_KEY = 4


class Source(NamedTuple):
    """Who answered: the host, the model it was asked for, and the key that must never be shown."""

    host: str
    model: str
    key: str | None = None

    def clean(self, text: str) -> str:
        """`text` on one line, of bounded length, printable, without the key."""
        if self.key and len(self.key) >= SHORTEST_KEY:
            text = text.replace(self.key, "****")
        line = " ".join(text[: 8 * LONGEST_SENTENCE].split())
        shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in _without_keys(line))
        return shown if len(shown) <= LONGEST_SENTENCE else shown[: LONGEST_SENTENCE - 1] + "…"


def _without_keys(line: str) -> str:
    """Providers repeat a wrong key with its middle masked; its ends need not be shown either."""
    return " ".join("****" if word.lstrip("\"'(`").startswith(("sk-", "AIza")) else word for word in line.split(" "))


def failure(source: Source, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
    """The error that a status of 400 or more with this body means."""
    said, code = _sentence(body)
    return _meaning(source, status, source.clean(said), code.lower(), headers)


def reported(source: Source, error: JSON) -> ModelError:
    """The error that an error object inside an answer of status 200 means."""
    code = error.get("code") if isinstance(error, Mapping) else None
    named = next(filter(None, map(_status, _codes(error))), 500)
    status = code if isinstance(code, int) and 400 <= code < 600 else named
    return failure(source, status, {}, json.dumps({"error": error}).encode())


def _status(name: str) -> int | None:
    """The status for a provider's name of an error; OpenAI has many for what is wrong with a picture."""
    of_pictures = name.startswith(("invalid_", "image_", "empty_image", "unsupported_image", "failed_to_download"))
    return STATUSES.get(name, 400 if of_pictures else None)


STATUSES = {
    # Anthropic's
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    # OpenAI's
    "invalid_prompt": 400,
    "context_length_exceeded": 400,
    "bio_policy": 400,
    "misalignment_policy_violation": 400,
    "image_content_policy_violation": 400,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
}
"""What an error told inside a stream would have been as an HTTP status, by the name the provider gives it."""


def _meaning(source: Source, status: int, said: str, code: str, headers: Mapping[str, str]) -> ModelError:
    host = source.host
    if status in (401, 403) or "api_key_invalid" in code:  # Gemini's status for a wrong key is 400
        return BadKey(
            f"{host} refused the key.", status=status, why=said, then="Set the right one: curta keys set NAME"
        )
    if status == 404:
        return _not_found(source, said, code)
    if status in (408, 504):
        return TimedOut(f"{host} took too long.", why=said, then="Try again, or ask for less at once.")
    if status == 429:
        return _rate_limited(source, said, code, retry_after(headers))
    if any(word in code for word in ("content_filter", "content_policy", "bio_policy", "policy_violation")):
        return Refused(f"{host} declined the request for its content.", why=said)
    what, then = _WHAT.get(status, _WHAT[500] if status >= 500 else _WHAT[400])
    if "context_length" in code or any(words in said for words in _TOO_LONG):
        then = "Send less text, or choose a model with a larger context window."
    return ProviderError(what.format(host=host, status=status), status=status, why=said, then=then)


_TOO_LONG = ("prompt is too long", "exceeds the maximum number of tokens")  # Anthropic, Gemini
_WHAT = {
    400: ("{host} did not accept the request ({status}).", "Check the options; some servers do not know all of them."),
    402: ("{host} wants to be paid first ({status}).", "Add credit to the account."),
    413: ("The request is too large for {host} ({status}).", "Send less text or smaller attachments."),
    500: ("{host} had an error of its own ({status}).", "Try again later, or choose another model with -m."),
}


def _not_found(source: Source, said: str, code: str) -> ModelError:
    if "model" in code or "model" in said.lower():
        then = "Check its name: `curta models` lists those that are known."
        return UnknownModel(f"{source.host} has no model {source.model!r}.", why=said, then=then)
    then = "Check the model's URL; it usually ends in /v1."
    return ProviderError(f"{source.host} has nothing at this address (404).", status=404, why=said, then=then)


def _rate_limited(source: Source, said: str, code: str, wait: float | None) -> RateLimited:
    if "quota" in code or "billing" in code:
        what, then = (
            f"The account at {source.host} has no credit left (429).",
            "Add credit, or use another key: --key NAME",
        )
    else:
        what, then = f"{source.host} allows no more requests for now (429).", _when(wait)
    return RateLimited(what, why=said, then=then, wait=wait)


def _when(wait: float | None) -> str:
    from time import localtime, strftime, time

    if not wait:
        return "Try again in a minute."
    moment = strftime("%H:%M:%S" if wait < 43_200 else "%Y-%m-%d %H:%M", localtime(time() + min(wait, 3e8)))
    return f"Try again at {moment}, in {_duration(wait)}."


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"


def _sentence(body: bytes) -> tuple[str, str]:
    """What the provider says in words, and its code for it, whatever the shape of its answer."""
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
        value = value[0] if isinstance(value, list) and value else value
        return _said(value), " ".join(_codes(value))
    except (ValueError, RecursionError):
        return (_title(text) if text.lstrip().startswith("<") else text), ""


def _said(value: JSON) -> str:
    """The sentence inside `{"error": {"message": ...}}`, `{"detail": [{"msg": ...}]}` and their relatives."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_said, value[:3])))
    if isinstance(value, Mapping):
        names = ("error", "message", "detail", "msg", "errors")
        return next((said for name in names if (said := _said(value.get(name)))), "")
    return ""


def _codes(value: JSON) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    own = [text for name in ("code", "type", "status", "reason") if isinstance(text := value.get(name), str)]
    details = value.get("details")
    inner = details if isinstance(details, list) else []  # Gemini's
    return own + [code for each in (value.get("error"), *inner[:8]) for code in _codes(each)]


def _title(html: str) -> str:
    """The title of a page, which is what a gateway says for itself."""
    _, found, rest = html.partition("<title>")
    return f"A web page: {rest.partition('</title>')[0]}" if found else "It sent a web page."
