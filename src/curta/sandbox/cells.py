"""A session whose cells are logged: each names the cells before it, so that it can be repeated from the log."""

from typing import TYPE_CHECKING

from curta.sandbox import record
from curta.sandbox.process import OnOutput
from curta.sandbox.record import Origin
from curta.sandbox.result import Result
from curta.sandbox.session import Session
from curta.sandbox.setting import Setting

if TYPE_CHECKING:
    from curta.store import Log


class Cells:
    """The cells of one session. setting: what it was given. log: None for no trace. caller: as the log names it."""

    def __init__(self, session: Session, setting: Setting, *, log: "Log | None" = None, caller: str) -> None:
        self.session, self.setting, self.log, self.caller = session, setting, log, caller
        self._before: list[str] = []

    def run(self, source: str, *, call: str | None = None, on_output: OnOutput | None = None) -> Result:
        """Run a cell and log what came of it. call: the id of the call whose answer it was.

        Interrupting it (KeyboardInterrupt, from `on_output` too) ends the cell; the next one finds the session rebuilt.
        """
        result = record.logged(
            lambda heard: self.session.run(source, on_output=heard),
            source,
            self.setting,
            log=self.log,
            origin=Origin(self.caller, call, after=tuple(self._before)),
            on_output=on_output,
        )
        if result.id and self.session.alive:
            self._before.append(result.id)
        return result
