"""The only file that talks HTTP. (Interface fixed; the body is being written.)"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """One request, ready to be sent.

    headers may hold a key: they are never logged or shown. `shown_headers()` has secrets masked.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""
