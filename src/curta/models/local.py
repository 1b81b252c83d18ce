"""Models whose files are on this computer: run by an engine process (`curta.engine`), spoken to over the chat wire.

Rules:
1. A prompt that does not fit is refused before it is sent, by how much and with what to leave out. Never cut.
2. What the engine would silently leave undone is refused; schemas, quotations and tool calls are `constrained`.
3. The log has what answered: the file by its SHA-256, its quantisation, the engine, the context and the seed.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from curta.engine.facts import ModelFacts, facts
from curta.engine.files.held import ModelFile
from curta.errors import BrokenAnswer, ModelError, Unreachable, UnsupportedRequest
from curta.events import Resolved
from curta.messages import JSON, Request
from curta.models.constrained import VERBATIM, constrained
from curta.models.model import Facts, HTTPExchange, Option, PreparedExchange, Price
from curta.models.passing import Passing
from curta.models.wires import openai_chat
from curta.models.wires.options import accept
from curta.models.wires.served import Endpoint

if TYPE_CHECKING:
    from curta.engine.process import Address
    from curta.engine.process.plan import Plan

LONGEST_ANSWER = 2048
"""Tokens, unless asked otherwise: a small model may go round in circles until its context is full."""
SEEDS = 2**31

_OF_THE_WIRE = "temperature top_p stop frequency_penalty presence_penalty logit_bias".split()
OPTIONS = (
    *(option for option in openai_chat.OPTIONS if option.name in _OF_THE_WIRE),
    Option("max_tokens", int, "The longest answer, in tokens.", LONGEST_ANSWER),
    Option("seed", int, "The same seed gives the same answer; without one, the log has the one that was drawn."),
    Option("top_k", int, "Choose only among so many of the likeliest words."),
    Option("min_p", float, "Leave out words less likely than this share of the likeliest."),
    Option("repeat_penalty", float, "Above 1: avoid words that were said."),
    VERBATIM,
    Option("thinking", bool, "Let a model that can think do so before it answers.", False),
    Option("extra_body", dict, "Further fields of the request, for what only the engine knows."),
)
_BODY = {"top_k", "min_p", "repeat_penalty"}
"""Options that the engine takes as fields which the protocol does not have."""
_RANGES = {"max_tokens": range(1, 2**31), "seed": range(2**32 - 1)}
"""Beyond these the engine does not do what was asked, and says nothing: a seed of -1 draws one that nobody knows."""


class Local:
    """A model file on this computer. Its engine is started by the first answer that is asked for."""

    options = OPTIONS

    def __init__(self, file: ModelFile) -> None:
        self.file = file
        self.name = file.name

    @cached_property
    def known(self) -> ModelFacts:
        """What the file says of its model. Raises BadModelFile."""
        return facts(self.file)

    @cached_property
    def facts(self) -> Facts:
        return Facts(
            where="this computer",
            context=self.plan.context,
            schema=True,
            tools=True,
            price=Price(0.0, 0.0, date=""),
            licence=self.file.licence or self.known.licence or None,
            training_data=self.file.training_data or None,
            longest=LONGEST_ANSWER,
            bytes=self.file.bytes,
            parameters=self.known.parameters or None,
        )

    @property
    def plan(self) -> "Plan":
        """What its engine would be started with now. Raises UsageError, ConfigError for settings that cannot be."""
        from curta.engine.process.plan import plan
        from curta.engine.process.settings import configured

        return plan(self.file, self.known, configured())

    def described(self) -> dict[str, Any]:
        """The file, what it says of itself, and what running it takes, for JSON."""
        known, planned = self.known._asdict(), self.plan
        taken = {"memory": planned.bytes, "spare": planned.spare, "fits": planned.fits}
        chosen = {"context": planned.context, "slots": planned.slots, "threads": planned.threads}
        return {**known, "trained_context": known["context"], **chosen, **taken, "file": self.file.to_dict()}

    @property
    def place(self) -> str:
        """By which the log tells the answers of one file from those of another of its name."""
        return self.file.sha256[:16]

    def exchange(self, request: Request, *, stream: bool = True) -> PreparedExchange:
        """Begin an answer. Raises UnsupportedRequest, when it is driven also PromptTooLong and what `serve` raises."""
        options = _in_range(accept(self.name, OPTIONS, request.options))
        held = constrained(replace(request, options=options), self.known.end)
        asked = replace(held.request, options=_of_engine(held.request.options, self.known))

        def prepare() -> HTTPExchange:
            exchange = self._prepared(asked, options, stream)
            return exchange._replace(decoder=held.decoder(exchange.decoder))

        return PreparedExchange(prepare, self._meant)

    def _prepared(self, asked: Request, options: Mapping[str, JSON], stream: bool) -> HTTPExchange:
        from curta.engine.process import serve
        from curta.models.fitting import check_it_fits

        address = serve(self.file)
        endpoint = Endpoint(address.url, address.name, address.key, socket=address.socket)
        sent = openai_chat.encode(asked, endpoint, stream)
        check_it_fits(address, asked, sent.body, options.get("max_tokens"))
        patient = replace(sent, whole=True)  # a long prompt, or those of others, may take minutes to read
        answered = Resolved(_answered(address, self.known, asked.options["seed"]))
        decoder = openai_chat.Decoder(endpoint)
        named = Passing(decoder, lambda event: answered if isinstance(event, Resolved) else event)
        return HTTPExchange(patient, named)

    def _meant(self, error: ModelError) -> ModelError:
        """An engine that is gone in the middle of an answer was ended, or crashed."""
        if not isinstance(error, (BrokenAnswer, Unreachable)) or self._is_running():
            return error
        return BrokenAnswer(
            f"The engine of {self.name} ended before the answer was complete.",
            why="It was stopped, or it crashed.",
            then="Ask again: it will be started anew.",
        )

    def _is_running(self) -> bool:
        from curta.engine.process import settings, state

        return state.is_alive(state.place(self.file, settings.configured()))


def _in_range(options: dict[str, JSON]) -> dict[str, JSON]:
    for name, allowed in _RANGES.items():
        if name in options and options[name] not in allowed:
            raise UnsupportedRequest(f"The option {name!r} is from {allowed[0]} to {allowed[-1]}, not {options[name]}.")
    return options


def _of_engine(options: Mapping[str, JSON], known: ModelFacts) -> dict[str, JSON]:
    """The options of a request as the chat wire takes them, with what holds when nothing else was asked for."""
    body: dict[str, JSON] = {name: value for name, value in options.items() if name in _BODY}
    if known.thinks:
        body["chat_template_kwargs"] = {"enable_thinking": options.get("thinking", False)}
    spoken = {name: value for name, value in options.items() if name not in _BODY | {"thinking", "extra_body"}}
    defaults = {"max_tokens": LONGEST_ANSWER, "seed": int.from_bytes(os.urandom(4)) % SEEDS}
    return {**defaults, **spoken, "extra_body": {**body, **options.get("extra_body", {})}}


def _answered(address: "Address", known: ModelFacts, seed: Any) -> str:
    """What answers, in the words of the log."""
    pieces = [known.quantisation, f"sha256:{address.sha256}", f"context {address.context}", address.engine]
    return " ".join((address.name, *pieces, f"seed {seed}"))
