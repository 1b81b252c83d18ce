"""When to stop asking: what is allowed is spent, nothing is answered, somebody said so.

What was under way is waited for; what was not asked for is left for the next time. So no stop loses an answer.
"""

from collections import defaultdict

from curta.errors import (
    BadKey,
    BrokenAnswer,
    CurtaError,
    MissingKey,
    RateLimited,
    TimedOut,
    TooExpensive,
    UnknownModel,
    Unreachable,
    UnsupportedRequest,
)

HOPELESS = 10
"""Requests that fail one after the other before it is taken for granted that the next will too."""

_OF_ALL = (BadKey, MissingKey, UnknownModel, UnsupportedRequest)
_OF_THE_SERVER = (Unreachable, TimedOut, BrokenAnswer, RateLimited)


class Ending:
    """Whether a batch goes on. reason: why it does not, when that is an error. tokens: how many may be used.

    lost: the calls that failed for nothing of their own. Each server is judged by what it did itself: that another one
    answers does not make up for one that is gone.
    """

    def __init__(self, tokens: int | None = None) -> None:
        self.stopped = False
        self.reason: CurtaError | None = None
        self.lost: list[str] = []
        self._tokens = tokens
        self._used = 0
        self._answered = False
        self._servers: defaultdict[str, _Server] = defaultdict(_Server)

    def stop(self, reason: CurtaError | None = None) -> None:
        self.stopped = True
        self.reason = self.reason or reason

    def used(self, tokens: int | None) -> None:
        self._used += tokens or 0
        if self._tokens is not None and self._used >= self._tokens:
            self.stop(TooExpensive(f"{self._used:,} tokens are used; {self._tokens:,} were allowed."))

    @property
    def unsure(self) -> bool:
        """Whether a server failed just now, and nobody knows yet whether it is gone."""
        return any(each.failures for each in self._servers.values())

    def answered(self, server: str) -> None:
        self._answered = True
        self._servers[server].answered()

    def failed(self, error: CurtaError, call: str | None, server: str) -> None:
        """Think about going on after a request that failed; `call` is its id in the log."""
        at = self._servers[server]
        status = getattr(error, "status", 0)
        of_all = isinstance(error, _OF_ALL) or status == 402
        if self._answered and not (of_all or isinstance(error, _OF_THE_SERVER) or status >= 500):
            at.forget()  # it was this request's own fault: somebody is there
            return
        at.failures += 1
        at.streak += [call] if call else []
        if at.gone or at.failures >= HOPELESS or (of_all and not at.has_answered):
            self.lost += at.streak
            at.gone = True
            at.streak.clear()
            self.stop(error)


class _Server:
    """What a server did lately. streak: the calls that failed since it answered; gone: it is not asked any more."""

    def __init__(self) -> None:
        self.has_answered = self.gone = False
        self.failures = 0
        self.streak: list[str] = []

    def answered(self) -> None:
        self.has_answered, self.gone = True, False
        self.forget()

    def forget(self) -> None:
        self.streak.clear()
        self.failures = 0
