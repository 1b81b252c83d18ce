"""Logs of Inspect: `.eval` (a zip archive with a file for each sample) and `.json`.

Source: Inspect's `EvalLog` (docs: eval logs, log file formats), and logs of inspect_ai 0.3.285
"""

from collections.abc import Iterator, Mapping
from typing import Any
from zipfile import BadZipFile, ZipFile

from curta.errors import SourceError
from curta.evals.importing.foreign import Answer, Told, mapping, milliseconds, number, sequence
from curta.evals.importing.json_pieces import Path, pieces
from curta.evals.importing.zipped import member
from curta.events import UsageReport
from curta.messages import JSON, Message, Text, user, well_formed
from curta.sources import files
from curta.sources.names import shown

_SAMPLES: Path = ("samples",)
_HEADS = ("header.json", "_journal/start.json")
_ATTACHED = "attachment://"
_WORDS: Mapping[str, float] = {"c": 1, "i": 0, "p": 0.5, "n": 0, "yes": 1, "true": 1, "no": 0, "false": 0}
"""As Inspect's own `value_to_float` has them: correct, incorrect, partial, no answer."""
_SYSTEM_OR_USER = ("system", "user")


class Log:
    """A log file of one task by one model."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.told = Told("inspect", ("model",))
        self._model = ""
        self._places: dict[str, int] = {}

    def answers(self) -> Iterator[Answer]:
        for place, piece in self._archived() if self.path.lower().endswith(".eval") else self._written():
            if place == _SAMPLES:
                yield self._answer(mapping(piece))
            elif place == ("eval",):
                self._head(mapping(piece))
            elif place == ("status",) and piece != "success":
                self.told.notes.append(f"the run did not end well: its status is {piece!r}")

    def _written(self) -> Iterator[tuple[Path, Any]]:
        with files.opened(self.path) as file:
            yield from pieces(file, {_SAMPLES})

    def _archived(self) -> Iterator[tuple[Path, Any]]:
        from curta.sources.nested import loads

        with files.opened(self.path) as file, ZipFile(file) as archive:
            names = archive.NameToInfo
            head = next((each for each in _HEADS if each in names), None)
            if head is None:
                raise BadZipFile("it has no header.json")
            told = loads(member(archive, names[head]).decode("utf-8"))
            yield from (((name,), each) for name, each in {"status": "started", **told}.items())
            for name, info in names.items():
                if name.startswith("samples/") and name.endswith(".json"):
                    yield _SAMPLES, loads(member(archive, info).decode("utf-8"))

    def _head(self, told: Mapping[str, Any]) -> None:
        self.told.name = str(told.get("task") or "")
        self.told.created = milliseconds(told.get("created"))
        self._model = well_formed(str(told.get("model") or ""))
        ids = sequence(mapping(told.get("dataset")).get("sample_ids"))
        self._places = {str(id): place for place, id in enumerate(ids)}

    def _answer(self, sample: Mapping[str, Any]) -> Answer:
        if "id" not in sample or not self._model:
            raise SourceError(f"{shown(self.path)} is no log of Inspect, or its samples come before its head.")
        id, attachments = well_formed(str(sample["id"])), mapping(sample.get("attachments"))
        output, error = mapping(sample.get("output")), mapping(sample.get("error"))
        scores = _scores(mapping(sample.get("scores")))
        took = number(sample.get("total_time"))
        return Answer(
            unit=id,
            way=0,
            levels=(self._model,),
            scores=scores,
            failure="" if scores else str(error.get("message") or "it was not scored"),
            row=_row(sample, attachments),
            messages=_sent(sample, attachments),
            output=well_formed(_text(output.get("completion"), attachments) or _completion(output, attachments)),
            model=self._model,
            pos=self._places.get(id, len(self._places)),
            usage=_usage(mapping(sample.get("model_usage"))),
            started=milliseconds(sample.get("started_at")),
            duration_ms=None if took is None else round(1000 * took),
        )


def _scores(told: Mapping[str, Any]) -> dict[str, float | None]:
    """The scores by name; of one that has several values, each as `scorer/name`."""
    found: dict[str, float | None] = {}
    for name, score in told.items():
        value = mapping(score).get("value")
        several = mapping(value)
        found |= {f"{name}/{each}": _number(part) for each, part in several.items()} or {str(name): _number(value)}
    return found


def _number(value: Any) -> float | None:
    if not isinstance(value, str):
        return number(value)
    try:
        return _WORDS[value.lower()] if value.lower() in _WORDS else number(float(value))
    except ValueError:
        return None


def _row(sample: Mapping[str, Any], attachments: Mapping[str, Any]) -> dict[str, JSON]:
    target = sample.get("target")
    if isinstance(target, list) and len(target) == 1:
        (target,) = target
    told = {"input": _input(sample, attachments), "target": target, "id": str(sample["id"])}
    return {**mapping(sample.get("metadata")), **told}


def _input(sample: Mapping[str, Any], attachments: Mapping[str, Any]) -> str:
    told = sample.get("input")
    return _text(mapping(told[-1]).get("content") if isinstance(told, list) and told else told, attachments)


def _sent(sample: Mapping[str, Any], attachments: Mapping[str, Any]) -> tuple[Message, ...]:
    """What the model was first sent: the messages before its first answer."""
    sent = list[Message]()
    for each in map(mapping, sequence(sample.get("messages"))):
        if each.get("role") not in _SYSTEM_OR_USER:
            break
        sent.append(Message(each["role"], (Text(well_formed(_text(each.get("content"), attachments))),)))
    return tuple(sent) or (user(well_formed(_input(sample, attachments))),)


def _completion(output: Mapping[str, Any], attachments: Mapping[str, Any]) -> str:
    """As older logs have it: the words of the first choice."""
    first = mapping(next(iter(sequence(output.get("choices"))), None))
    return _text(mapping(first.get("message")).get("content"), attachments)


def _text(content: Any, attachments: Mapping[str, Any]) -> str:
    """The words of a message; long ones are kept apart, under their hash."""
    if isinstance(content, list):
        return "\n".join(_text(mapping(part).get("text"), attachments) for part in content if "text" in mapping(part))
    text = content if isinstance(content, str) else ""
    return str(attachments.get(text.removeprefix(_ATTACHED), text)) if text.startswith(_ATTACHED) else text


def _usage(told: Mapping[str, Any]) -> UsageReport | None:
    """The tokens of all models that were asked, a judge among them."""
    if not told:
        return None
    input, output = (sum(mapping(each).get(name) or 0 for each in told.values()) for name in _TOKENS)
    return UsageReport(input, output)


_TOKENS = ("input_tokens", "output_tokens")
