-- A departure is written down before its file is published, and confirmed when it is known that it was. Those of earlier
-- releases were written down afterwards.
ALTER TABLE departure ADD COLUMN confirmed BIGINT NOT NULL DEFAULT 1;
CREATE INDEX departure_by_run ON departure (sandbox, run_id);

-- What decided who is in a segment, by each version of it that was evaluated: the expression, as JSON.
CREATE TABLE segment_rule (
  segment_id TEXT NOT NULL, version BIGINT NOT NULL, sandbox TEXT NOT NULL, expression TEXT NOT NULL,
  PRIMARY KEY (segment_id, version)
);
