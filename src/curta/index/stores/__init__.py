"""Where an index is kept: in a file of this computer, or in a PostgreSQL that a team shares. Behind the same calls.

Rules:
1. `Store` says what an index can do wherever it is. `index.Index` (a file) and `postgres.PostgresIndex` do it, and give
   the same answers: a test holds one against the other.
2. An address never holds a password once it is kept or shown (`places.py`).
3. psycopg and the stemmer (extra `postgres`) are imported only where a PostgreSQL is used.

store.py       the protocol            places.py      which index is where; opening one by name
postgres.py    an index in PostgreSQL  connecting.py  the connection, transactions, errors as sentences
tables.py      its tables              lexemes.py     texts as a tsvector, in the words that FTS5 has
ranking.py     BM25 and nearest vectors, in SQL       conditions.py  filters, in SQL that PostgreSQL understands

May import what `index` may.
"""
