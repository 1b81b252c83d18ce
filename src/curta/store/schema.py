"""The tables of the log.

Sizes are weighed: 100,000 calls of 1,060 bytes of prompt and answer take less than twice their text.

* A text is stored once. A message's words are in `message.text`; documents and attachments are in `blob`, by hash.
  The search index has no copy of either: its content is the view `call_text`.
* `message` is a chain: `hash` covers the message and everything before it, so a conversation of n turns has O(n) rows
  and a fork is a second child. `parts` is NULL for a message that is one text; else a JSON list in which a number
  means so many characters of `text`, and a document or attachment stands by its SHA-256.
* `message.landmark` is the nearest earlier message that is a system message or carries documents or attachments:
  what was sent with a call is found without walking the whole conversation.
* Hashes are indexed by their first eight bytes; who looks one up compares the whole.
* `call.conversation` is the row id of the conversation's first call, NULL in that call itself, and negative (a row of
  `conversation`) when the first call is not in the log.
* A call is in the search index exactly when its status is not `running`.
* JSON and texts that may be large are zlib-compressed where that makes them smaller: then they are BLOBs, else TEXT.
"""

from curta.store import migrations

PAGE_SIZE = 4096

_FIRST = """
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

CREATE TABLE parameters (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, value NOT NULL);

CREATE TABLE blob (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, compressed INTEGER NOT NULL, data BLOB NOT NULL);

CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    uri TEXT NOT NULL,
    title TEXT NOT NULL,
    spans NOT NULL,
    trust TEXT NOT NULL,
    characters INTEGER NOT NULL,
    text INTEGER NOT NULL REFERENCES blob
);

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    parent INTEGER REFERENCES message,
    landmark INTEGER REFERENCES message,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    parts
);
CREATE INDEX message_hash ON message (substr(hash, 1, 8));
CREATE INDEX message_parent ON message (parent) WHERE parent IS NOT NULL;

CREATE TABLE message_document (
    message INTEGER NOT NULL REFERENCES message,
    document INTEGER NOT NULL REFERENCES document,
    PRIMARY KEY (message, document)
) WITHOUT ROWID;

CREATE TABLE message_blob (
    message INTEGER NOT NULL REFERENCES message,
    blob INTEGER NOT NULL REFERENCES blob,
    PRIMARY KEY (message, blob)
) WITHOUT ROWID;

CREATE TABLE conversation (id INTEGER PRIMARY KEY, ulid BLOB NOT NULL UNIQUE);

CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    ulid BLOB NOT NULL,
    conversation INTEGER,
    caller INTEGER NOT NULL REFERENCES name,
    model INTEGER NOT NULL REFERENCES name,
    resolved INTEGER REFERENCES name,
    template INTEGER REFERENCES name,
    parameters INTEGER REFERENCES parameters,
    request BLOB NOT NULL,
    input INTEGER REFERENCES message,
    output INTEGER REFERENCES message,
    started INTEGER NOT NULL,
    first_token INTEGER,
    duration INTEGER,
    status TEXT NOT NULL,
    finish TEXT,
    error TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cached_tokens INTEGER,
    reasoning_tokens INTEGER,
    unit TEXT,
    cost REAL
);
CREATE UNIQUE INDEX call_ulid ON call (ulid);
CREATE INDEX call_request ON call (substr(request, 1, 8));
CREATE INDEX call_input ON call (input);
CREATE INDEX call_conversation ON call (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX call_not_ok ON call (status) WHERE status <> 'ok';

CREATE TABLE checkpoint (call INTEGER PRIMARY KEY REFERENCES call, text TEXT NOT NULL, reasoning TEXT NOT NULL);

CREATE TABLE verdict (call INTEGER PRIMARY KEY REFERENCES call, report NOT NULL);

CREATE VIEW call_text AS
SELECT call.id AS id,
       CASE input.role WHEN 'user' THEN input.text ELSE '' END || char(10) || coalesce(output.text, '') AS text
FROM call
LEFT JOIN message AS input ON input.id = call.input
LEFT JOIN message AS output ON output.id = call.output;

CREATE VIRTUAL TABLE call_search USING fts5 (text, content = 'call_text', content_rowid = 'id', columnsize = 0);
INSERT INTO call_search (call_search, rank) VALUES ('automerge', 8);
"""

_CACHED = """
ALTER TABLE call ADD COLUMN written_tokens INTEGER;
ALTER TABLE call ADD COLUMN cached_from BLOB;
"""
"""cached_from: the ULID of the call whose answer this one repeats; it stays when that call is removed."""

_PLACED = "ALTER TABLE call ADD COLUMN place BLOB;"
"""place: a digest of where the call was sent (`models.wires.served.place`); NULL where that is not an address."""

migrations.register("store", [_FIRST, _CACHED, _PLACED])
