-- Both engines run this file, so it keeps to what they share: TEXT, BIGINT, partial indexes. Times are microseconds since
-- 1970 in UTC, flags are 0 or 1, JSON and Base64 are text.

-- Documents: the body as it was sent, and beside it what queries need. Every table begins with the same eleven columns.
-- The version counts changes of the body; the revision counts every change of the row.

CREATE TABLE connection (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  connection_spec_id TEXT
);
CREATE INDEX connection_by_age ON connection (sandbox, created_at, id);
CREATE INDEX connection_by_name ON connection (sandbox, name);

CREATE TABLE source_connection (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  connection_spec_id TEXT, base_connection_id TEXT
);
CREATE INDEX source_connection_by_age ON source_connection (sandbox, created_at, id);
CREATE INDEX source_connection_by_base ON source_connection (base_connection_id);

CREATE TABLE target_connection (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  connection_spec_id TEXT, base_connection_id TEXT
);
CREATE INDEX target_connection_by_age ON target_connection (sandbox, created_at, id);
CREATE INDEX target_connection_by_base ON target_connection (base_connection_id);

CREATE TABLE flow (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  state TEXT, flow_spec_id TEXT
);
CREATE INDEX flow_by_age ON flow (sandbox, created_at, id);
CREATE INDEX flow_by_name ON flow (sandbox, name);

-- What a flow refers to: source and target connections, and segments.
CREATE TABLE flow_link (
  flow_id TEXT NOT NULL, noun TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (flow_id, noun, id)
);
CREATE INDEX flow_link_by_id ON flow_link (noun, id);

CREATE TABLE run (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  flow_id TEXT, segment_id TEXT, state TEXT, kind TEXT, slot BIGINT, evaluation_id TEXT, live BIGINT
);
CREATE INDEX run_by_age ON run (sandbox, created_at, id);
CREATE INDEX run_by_flow ON run (flow_id, created_at, id);
CREATE INDEX run_by_state ON run (state);
CREATE INDEX run_by_end ON run (updated_at, id) WHERE live = 0;
CREATE INDEX run_by_evaluation ON run (evaluation_id);
-- No two runs of one segment of one flow at the same time.
CREATE UNIQUE INDEX run_live ON run (flow_id, segment_id) WHERE live = 1;

CREATE TABLE run_plan (run_id TEXT NOT NULL PRIMARY KEY, plan TEXT NOT NULL, created_at BIGINT NOT NULL);

CREATE TABLE run_file (
  run_id TEXT NOT NULL, position BIGINT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL, sha256 TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
);

CREATE TABLE run_attempt (
  run_id TEXT NOT NULL, number BIGINT NOT NULL, job_id TEXT NOT NULL, fence BIGINT NOT NULL, worker TEXT NOT NULL,
  started_at BIGINT NOT NULL, ended_at BIGINT, outcome TEXT, error TEXT,
  PRIMARY KEY (run_id, number)
);
CREATE UNIQUE INDEX run_attempt_by_fence ON run_attempt (run_id, job_id, fence);

CREATE TABLE dataset (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL
);
CREATE INDEX dataset_by_age ON dataset (sandbox, created_at, id);
CREATE UNIQUE INDEX dataset_name ON dataset (sandbox, name);

CREATE TABLE segment (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL
);
CREATE INDEX segment_by_age ON segment (sandbox, created_at, id);
CREATE UNIQUE INDEX segment_name ON segment (sandbox, name);

CREATE TABLE segment_job (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  status TEXT
);
CREATE INDEX segment_job_by_age ON segment_job (sandbox, created_at, id);

CREATE TABLE schedule_config (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  state TEXT
);
CREATE INDEX schedule_config_by_age ON schedule_config (sandbox, created_at, id);

CREATE TABLE alert (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  flow_id TEXT, kind TEXT
);
CREATE INDEX alert_by_age ON alert (sandbox, created_at, id);
CREATE INDEX alert_by_flow ON alert (flow_id, created_at, id);

CREATE TABLE alert_subscription (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  flow_id TEXT
);
CREATE INDEX alert_subscription_by_age ON alert_subscription (sandbox, created_at, id);

-- Estimates of rules that are not saved, kept until someone has asked for them.
CREATE TABLE preview (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL
);
CREATE INDEX preview_by_age ON preview (sandbox, created_at, id);

-- Whether an alert of one kind about one subject is on: one message for each change.
CREATE TABLE alert_state (
  subject TEXT NOT NULL, kind TEXT NOT NULL, sandbox TEXT NOT NULL, is_open BIGINT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (subject, kind)
);

-- What lies on disk, by the name of its content.
CREATE TABLE artifact (
  kind TEXT NOT NULL, sandbox TEXT NOT NULL, subject TEXT NOT NULL, id TEXT NOT NULL, parent TEXT, path TEXT NOT NULL,
  body TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (kind, sandbox, subject, id)
);
CREATE INDEX artifact_by_age ON artifact (kind, sandbox, created_at, id);
CREATE INDEX artifact_by_id ON artifact (kind, sandbox, id);
CREATE INDEX artifact_by_parent ON artifact (kind, sandbox, parent);

-- Which artifact counts now: a dataset's version, a sandbox's snapshot, a segment's evaluation.
CREATE TABLE current_artifact (
  kind TEXT NOT NULL, subject TEXT NOT NULL, sandbox TEXT NOT NULL, artifact_id TEXT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (kind, sandbox, subject)
);
CREATE INDEX current_artifact_by_artifact ON current_artifact (kind, sandbox, artifact_id);

-- An artifact that a job reads or makes; it counts while the job's row is there.
CREATE TABLE artifact_pin (
  job_id TEXT NOT NULL, kind TEXT NOT NULL, sandbox TEXT NOT NULL, artifact_id TEXT NOT NULL,
  PRIMARY KEY (job_id, kind, sandbox, artifact_id)
);
CREATE INDEX artifact_pin_by_artifact ON artifact_pin (kind, sandbox, artifact_id);

-- One row for each evaluation of a segment.
CREATE TABLE segment_count (
  segment_id TEXT NOT NULL, evaluation_id TEXT NOT NULL, sandbox TEXT NOT NULL, evaluated_at BIGINT NOT NULL,
  realized BIGINT NOT NULL, existing BIGINT NOT NULL, exited BIGINT NOT NULL, segment_version BIGINT NOT NULL,
  PRIMARY KEY (segment_id, evaluation_id)
);
CREATE INDEX segment_count_by_age ON segment_count (segment_id, evaluated_at);

CREATE TABLE flow_state (
  flow_id TEXT NOT NULL, segment_id TEXT NOT NULL, sandbox TEXT NOT NULL, last_slot BIGINT, delivered_evaluation TEXT,
  delivered_run TEXT, delivered_at BIGINT, enabled_since BIGINT, sequence BIGINT NOT NULL, notes TEXT NOT NULL,
  PRIMARY KEY (flow_id, segment_id)
);
CREATE INDEX flow_state_by_evaluation ON flow_state (delivered_evaluation);

-- Work to do. A row without a worker waits until due_at; with one, it is leased until then.
CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, sandbox TEXT NOT NULL, payload TEXT NOT NULL,
  priority BIGINT NOT NULL, due_at BIGINT NOT NULL, worker TEXT, attempt BIGINT NOT NULL, fence BIGINT NOT NULL,
  cancel BIGINT NOT NULL, note TEXT, created_at BIGINT NOT NULL
);
-- One job at a time for one thing to do.
CREATE UNIQUE INDEX job_subject ON job (kind, subject);
CREATE INDEX job_due ON job (due_at, priority);

-- What a process began at a destination and must remove should it die.
CREATE TABLE journal (
  id TEXT NOT NULL PRIMARY KEY, job_id TEXT NOT NULL, fence BIGINT NOT NULL, attempt TEXT NOT NULL, target TEXT NOT NULL,
  sink_path TEXT NOT NULL, handle TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX journal_by_target ON journal (target);

-- Secrets, sealed: each with a key of its own, which is wrapped by the key named here.
CREATE TABLE secret (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, owner TEXT NOT NULL, pointer TEXT NOT NULL, key_id TEXT NOT NULL,
  wrapped_key TEXT NOT NULL, sealed TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX secret_pointer ON secret (owner, pointer);
CREATE INDEX secret_by_key ON secret (key_id, id);

CREATE TABLE client (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, secret_hash TEXT NOT NULL, scopes TEXT NOT NULL,
  sandboxes TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);

-- Bearer tokens, by the SHA-256 of their text.
CREATE TABLE token (
  hash TEXT NOT NULL PRIMARY KEY, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT
);
CREATE INDEX token_by_client ON token (client_id);
CREATE INDEX token_by_end ON token (expires_at);
