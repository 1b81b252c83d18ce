"""A connection to a PostgreSQL: transactions, and its errors as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

from curta.errors import IndexFileError
from curta.index.stores.address import Address
from curta.index.stores.lexemes import stemmer

if TYPE_CHECKING:
    import psycopg

PATIENCE = 10  # seconds to reach a server
_LOCK = 0x63757274  # 'curt'
_PATH = "SELECT set_config('search_path', %s || ', ' || current_setting('search_path'), true)"


class Connection:
    """This process's connection to a database. One thread uses it at a time; the others wait.

    schema: what names in statements are looked up in first, quoted.
    """

    def __init__(self, address: Address, schema: str) -> None:
        self.address, self.schema = address, schema
        self._guard = RLock()
        self._connection = self._connect()

    def _connect(self) -> "psycopg.Connection[Any]":
        stemmer()  # says what to install, when it is not
        import psycopg

        defaults: dict[str, Any] = {"connect_timeout": PATIENCE, "application_name": "curta"}
        with self.failures():
            return psycopg.connect("", autocommit=True, **(defaults | dict(self.address.parameters)))

    @contextmanager
    def reading(self) -> "Iterator[psycopg.Connection[Any]]":
        """A transaction in which everything that is read is of one moment, and nothing can be written."""
        with self._within("ISOLATION LEVEL REPEATABLE READ, READ ONLY") as (db, _):
            yield db

    @contextmanager
    def writing(self) -> "Iterator[psycopg.Connection[Any]]":
        """A transaction that is committed when the block ends and undone when it raises; one inside of another is a
        part of it. Of those that write to the same schema, in whatever process, one runs at a time."""
        with self._within() as (db, outer):
            if outer:
                db.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, self.schema))
            yield db

    @contextmanager
    def _within(self, how: str = "READ WRITE") -> "Iterator[tuple[psycopg.Connection[Any], bool]]":
        with self._guard, self.failures():
            outer = self._connection.info.transaction_status == 0  # idle
            with self._connection.transaction():
                if outer:  # all for this transaction alone: a pool may give the connection to others after it
                    self._connection.execute(f"SET TRANSACTION {how}")
                    self._connection.execute(_PATH, (self.schema,))
                yield self._connection, outer

    def close(self) -> None:
        with self._guard:
            self._connection.close()

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Every failure of PostgreSQL leaves here as an IndexFileError that names the database, without passwords."""
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            raise self._explained(error) from None  # what psycopg says may hold the password

    def _explained(self, error: "psycopg.Error") -> IndexFileError:
        words = error.diag.message_primary or str(error).strip().splitlines()[0]
        return IndexFileError(
            f"The PostgreSQL at {self.address.shown} {_WHAT.get(error.sqlstate or '', 'cannot be used now')}.",
            why=f"It says: {self.address.scrubbed(words)}.",
            then=_THEN.get(error.sqlstate, ""),
        )


_WHAT = {
    "0A000": "has no pgvector, or one that cannot do this",
    "58P01": "has no pgvector",
    "42501": "does not let you do this",
    "53100": "has no room left",
    "28P01": "does not know this user or password",
}
_THEN = {
    None: "Look at the address, and whether PostgreSQL runs there.",  # no answer, so no state
    "0A000": "Install pgvector on the server; without it, leave vectors out: --lexical",
    "58P01": "Install pgvector on the server; without it, leave vectors out: --lexical",
    "28P01": "Save the password (curta keys set HOST), or use PGPASSWORD or ~/.pgpass.",
}
"""By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
