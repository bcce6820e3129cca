"""The tables of a room's file, and the steps that lead to them from every earlier version.

Statements only; `sync_server.storage.database` takes the steps, one transaction each.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE log (
  number INTEGER PRIMARY KEY, command TEXT NOT NULL UNIQUE, author TEXT NOT NULL,
  kind TEXT NOT NULL, op TEXT NOT NULL, record TEXT NOT NULL, time REAL NOT NULL,
  payload TEXT NOT NULL
);
CREATE TABLE snapshot (
  record TEXT PRIMARY KEY, kind TEXT NOT NULL, author TEXT NOT NULL, number INTEGER NOT NULL,
  version INTEGER NOT NULL, time REAL NOT NULL, payload TEXT NOT NULL, deleted INTEGER NOT NULL
) WITHOUT ROWID
"""
# Owners, whose the last change was, payloads of tombstones (until now only in the log, which was
# whole), the ids of commands that are cut from the log, and an index for histories.
_SECOND: Final = """
ALTER TABLE log ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX log_record ON log (record, number);
ALTER TABLE snapshot ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE snapshot ADD COLUMN op TEXT NOT NULL DEFAULT 'create';
ALTER TABLE snapshot ADD COLUMN author_of_change TEXT NOT NULL DEFAULT '';
UPDATE snapshot SET
  op = COALESCE((SELECT log.op FROM log WHERE log.number = snapshot.number), op),
  author_of_change = COALESCE(
    (SELECT log.author FROM log WHERE log.number = snapshot.number), author_of_change);
UPDATE snapshot SET payload = COALESCE(
    (SELECT log.payload FROM log WHERE log.record = snapshot.record AND log.op <> 'delete'
     AND log.number <= snapshot.number ORDER BY log.number DESC LIMIT 1), payload)
  WHERE deleted = 1;
CREATE TABLE command (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL, author TEXT NOT NULL, time REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX command_number ON command (number)
"""
STEPS: Final = (_FIRST, _SECOND)
