"""What each call of an experiment says, and to which model; how its answer is scored."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from curta import asking
from curta.batch import Done, Work
from curta.errors import CurtaError, ModelError, UnsupportedRequest, UsageError
from curta.evals.design import Asked, Asking, Block, asked, cells
from curta.evals.factors import MODEL
from curta.evals.scorers import Sample, Score
from curta.evals.spec import Spec
from curta.messages import JSON, Document, Request, Tool, system, user
from curta.models import registry
from curta.models.default_options import options_for
from curta.models.model import Model
from curta.models.wires import served

if TYPE_CHECKING:
    from curta.batch.after import Ask
    from curta.store import Log


class Told(NamedTuple):
    """What a work of the batch bears: the block it is of, which call of it, and what that says."""

    block: Block
    asking: Asking
    words: str
    documents: tuple[Document, ...]


class Calls:
    """The calls of an experiment. model: the one to ask where the spec names none. Raises UsageError, ModelError."""

    def __init__(self, spec: Spec, model: str | Model | None, key: str | None, log: "Log | None") -> None:
        self._spec, self._cells = spec, cells(spec)
        self._models = _models(spec, model, key)
        self._options = {name: options_for(each) for name, each in self._models.items()}
        self._schema = asking.named_schema(spec.schema, log)
        self._tools = _offered(spec.tools) if spec.tools else ()
        self._cannot: dict[str | None, CurtaError] = {}

    @property
    def models(self) -> list[Model]:
        return list(self._models.values())

    @property
    def identity(self) -> JSON:
        """All that answers depend on but the spec and its inputs."""
        return [[each.name, served.place(each), self._options[name]] for name, each in self._models.items()]

    def works(self, block: Block) -> Iterator[Work]:
        return (self._work(block, each) for each in block.asked)

    def try_out(self, block: Block, *, lenient: bool) -> None:
        """Prepare the first request to each model without sending it. Raises MissingKey, UnsupportedRequest.

        lenient: a model that cannot do what is asked fails at each call instead.
        """
        first = {self._said(each).model: each for each in reversed(block.asked)}
        for name, each in first.items():
            work = self._work(block, each)
            try:
                if not isinstance(work.asked, Request):
                    raise work.asked
                _prepare(work.model, work.asked)
            except UnsupportedRequest as error:
                if not lenient:
                    raise
                self._cannot[name] = error

    def _work(self, block: Block, asking: Asking) -> Work:
        said = self._said(asking)
        documents = tuple(Document(text, f"{name}#{asking.input.id}") for name, text in said.documents)
        told, model = Told(block, asking, said.words, documents), self._models[said.model]
        return Work(model, self._cannot.get(said.model) or self._request(said, told), told, asking.repeat)

    def _request(self, said: Asked, told: Told) -> Request | CurtaError:
        model = self._models[said.model]
        parts = (*told.documents, *((said.words,) if said.words.strip() else ()))
        if not parts:
            return UsageError(f"Of the input {told.asking.input.id} nothing would be asked.")
        instructions = (system(said.system),) if said.system else ()
        options = {**self._options[said.model], **said.options}
        tools = self._tools if model.facts.tools else ()
        return Request(model.name, (*instructions, user(*parts)), options, self._schema, tools)

    def _said(self, asking: Asking) -> Asked:
        return asked(self._spec, self._cells[asking.cell], asking.input.values)


def scores(spec: Spec, done: Done, ask: "Ask | None" = None) -> list[Score]:
    """What each scorer says of an answer. ask: how they ask models; by themselves without."""
    if not done.ok:
        return [Score(None, failure=done.error)] * len(spec.score)
    told: Told = done.work.tag
    sample = Sample(done.text, told.asking.input.values, told.documents, told.words, done.tool_calls)
    if ask is not None:
        sample = sample._replace(ask=lambda model, request: _answer(ask(Work(model, request))))
    return [each.score(sample) for each in spec.score]


def _answer(done: Done) -> str:
    if not done.ok:
        raise ModelError(done.error)
    return done.text


def _offered(names: tuple[str, ...]) -> tuple[Tool, ...]:
    from curta.tools import find_all

    return tuple(each.tool for each in find_all(names))


def _models(spec: Spec, model: str | Model | None, key: str | None) -> dict[str | None, Model]:
    """The model of each name that a call may say."""
    levels = next((each.levels for each in spec.factors if each.name == MODEL), None)
    if levels is None:
        return {None: registry.get(model, key=key) if model is None or isinstance(model, str) else model}
    if model is not None:
        raise UsageError("The spec names its models.", then="Leave out -m, or `models:`.")
    return {name: registry.get(name, key=key) for name in levels}


def _prepare(model: Model, request: Request) -> None:
    """Prepare a request without sending it. Raises MissingKey, UnsupportedRequest."""
    if model.name == registry.BUILT_IN and not request.documents:
        raise UnsupportedRequest(
            "The built-in model answers with sentences of a text, and is given none.",
            then="Send a column as a document (`documents: [NAME]`), or choose another model with -m.",
        )
    model.exchange(request, stream=False)
