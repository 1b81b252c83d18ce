"""The loop: the model writes a program, it runs, what came of it goes back, it is rewritten, until it works.

`write` is the whole loop: a generator that yields what it waits for, an answer (`Response`) or a run (`Trial`). One
sync and one async driver do the waiting.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from curta.coding.coded import Coded, Round, Stopped
from curta.coding.instructions import instructions
from curta.coding.program import program_in
from curta.coding.report import document, signature
from curta.conversations import Conversation, Response
from curta.errors import CurtaError, SourceNotFound, TooExpensive, UsageError
from curta.messages import Document, Part, Text
from curta.models import registry
from curta.sandbox import Result, Sandbox, engines, judging, record
from curta.sandbox.process import OnOutput
from curta.sandbox.record import Origin
from curta.sandbox.setting import Setting

ROUNDS = 5

OnAsk = Callable[[int, Response], None]
OnRound = Callable[[Round], None]


class ProgramTest(NamedTuple):
    """A program that judges the model's. name: what its file is called."""

    source: str
    language: str = "python"
    name: str = "the test"


def read_test(path: str, *, data: bool = False) -> ProgramTest:
    """The test in a file; its language is that of the file's name. data: in Python, it finds numpy and pandas too.

    Raises SourceNotFound, UsageError.
    """
    try:
        source = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceNotFound(f"Cannot read the test {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The test {path} is not UTF-8 text.") from error
    language = engines.by_suffix(path) or "python"
    return ProgramTest(source, "data" if data and language == "python" else language, Path(path).name)


class Trial(NamedTuple):
    """An effect: run a program, or a test of one. call: the id of the call that wrote it.

    judges: the result of the program that the test is of.
    """

    source: str
    call: str | None
    test: ProgramTest | None = None
    judges: Result | None = None


Steps: TypeAlias = Generator[Response | Trial, Any, Coded]


def write(
    conversation: Conversation,
    task: str,
    setting: Setting,
    *,
    documents: Sequence[Document] = (),
    test: ProgramTest | None = None,
    rounds: int = ROUNDS,
    on_ask: OnAsk | None = None,
    on_round: OnRound | None = None,
    **how: Any,
) -> Steps:
    """Have a program written that does `task`. To be driven by `drive` or `adrive`, which run it in a sandbox.

    documents: what the model may know of the files. test: judges the program; without one it works when it ends well.
    rounds: how many answers at most. on_ask, on_round: told of each call before, of each round after.
    how: what `Conversation.prompt` takes besides. Raises UsageError for a model that writes nothing.
    """
    _check(conversation, task, rounds)
    engines.find(setting.language)
    told = _instructions(setting, test)
    parts: tuple[Part | str, ...] = (*documents, *_shown(test), task)
    done: list[Round] = []
    stopped: Stopped = "rounds"
    hinted = False
    while len(done) < rounds:
        response = conversation.prompt(*parts, instructions=told, **how)
        if on_ask:
            on_ask(len(done) + 1, response)
        try:
            yield response
        except TooExpensive:
            if not done:
                raise
            stopped = "cost"
            break
        done.append((yield from _tried(len(done) + 1, response, setting.language, test)))
        if on_round:
            on_round(done[-1])
        if done[-1].ok or response.finish == "refused":
            stopped = "works" if done[-1].ok else "refused"
            break
        if stuck := _is_stuck(done):
            if hinted:
                stopped = "no progress"
                break
            hinted = True
        parts = _feedback(done[-1], stuck)
    return Coded(engines.written_in(setting.language), stopped, tuple(done))


def _check(conversation: Conversation, task: str, rounds: int) -> None:
    if conversation.model.name == registry.BUILT_IN:
        raise UsageError(
            "The built-in model only quotes what it is given; it cannot write a program.",
            then="Choose one that writes: curta keys set openai, then curta code -m gpt-5-mini ...; or one on this "
            "computer: curta models add NAME --url URL --model ID",
        )
    if not task.strip():
        raise UsageError(
            "What is the program to do?", then="Say it in a sentence: curta code 'count the words in a.txt'"
        )
    if rounds < 1:
        raise UsageError(f"There is at least one round, not {rounds}.")


def _instructions(setting: Setting, test: ProgramTest | None) -> str:
    return instructions(
        setting.language,
        seconds=setting.limits.seconds,
        memory=setting.limits.memory >> 20,
        files=bool(setting.files),
        packages=bool(setting.wheels),
        test=None if test is None else judging.suffix_of(setting.language),
    )


def _shown(test: ProgramTest | None) -> tuple[Document, ...]:
    return () if test is None else (Document(test.source, test.name, "The test that has to pass"),)


def _tried(number: int, response: Response, language: str, test: ProgramTest | None) -> Generator[Trial, Result, Round]:
    """What comes of the program in an answer."""
    source = program_in(response.partial(), language)
    if source is None or response.finish in ("length", "refused"):
        return Round(number, response)
    result = yield Trial(source, response.id)
    judged = None
    if result.ok and test is not None:
        judged = yield Trial(source, response.id, test, result)
    return Round(number, response, source, result, judged)


def _is_stuck(done: Sequence[Round]) -> bool:
    return len(done) > 1 and signature(done[-1].error) == signature(done[-2].error)


def _feedback(last: Round, stuck: bool) -> tuple[Part, ...]:
    """What the model is told: our words, and what the program said as a Document beside them."""
    if last.result is None:
        ask = f"{last.error} Answer with one whole program in one fenced code block."
        return (Text(ask),)
    failed = last.judged or last.result
    what = "Your program ran, but the test of it failed" if last.judged else "Your program did not work"
    hint = " It is the same error as before: this way does not lead there, so try another one." if stuck else ""
    ask = f"{what}; the document says what happened.{hint} Find the cause and write the whole program again."
    return (document(failed, "test" if last.judged else "program"), Text(ask))


class Bench:
    """Where trials are made: one sandbox for the programs and one for the tests, and the log of both.

    caller: as the log names it.
    """

    def __init__(
        self,
        setting: Setting,
        programs: Sandbox,
        tests: Sandbox,
        *,
        log: Any = None,
        caller: str = "code",
        on_output: OnOutput | None = None,
    ) -> None:
        self.setting, self._programs, self._tests = setting, programs, tests
        self._log, self._caller, self._on_output = log, caller, on_output

    def make(self, trial: Trial) -> Result:
        """Run the program, or its test, each in a fresh guest."""
        if trial.test is not None and trial.judges is not None:
            return self._judge(trial, trial.test, trial.judges)
        language, origin = self.setting.language, Origin(self._caller, trial.call)
        how = {"log": self._log, "origin": origin, "on_output": self._on_output}
        return record.logged(
            lambda heard: self._programs.run(trial.source, language, on_output=heard),
            trial.source,
            self.setting,
            **how,
        )

    def _judge(self, trial: Trial, test: ProgramTest, judges: Result) -> Result:
        setting = replace(self.setting, language=test.language)
        origin = Origin(self._caller, trial.call, judges.id)
        languages = test.language, self.setting.language
        return record.logged(
            lambda heard: judging.judge(self._tests, trial.source, judges, test.source, *languages, heard),
            test.source,
            setting,
            log=self._log,
            origin=origin,
        )


def drive(steps: Steps, bench: Bench) -> Coded:
    """Run the loop from sync code."""
    go_on: Callable[[Any], Response | Trial] = steps.send
    answer: Any = None
    while True:
        try:
            effect = go_on(answer)
        except StopIteration as done:
            return _coded(done)
        try:
            answer = bench.make(effect) if isinstance(effect, Trial) else effect.text()
            go_on = steps.send
        except CurtaError as error:
            go_on, answer = steps.throw, error


async def adrive(steps: Steps, bench: Bench) -> Coded:
    """Run the loop from async code; programs run in a thread."""
    import asyncio

    go_on: Callable[[Any], Response | Trial] = steps.send
    answer: Any = None
    while True:
        try:
            effect = go_on(answer)
        except StopIteration as done:
            return _coded(done)
        try:
            answer = await (asyncio.to_thread(bench.make, effect) if isinstance(effect, Trial) else effect)
            go_on = steps.send
        except CurtaError as error:
            go_on, answer = steps.throw, error


def _coded(done: StopIteration) -> Coded:
    coded: Coded = done.value
    return coded
