-- What data may be used for what, and who decided it when. Ids of these documents are taken once in a sandbox, and not
-- once in the database: marketing actions and labels are found by the names that people give them.

CREATE TABLE policy (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  status TEXT,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX policy_by_age ON policy (sandbox, created_at, id);

CREATE TABLE marketing_action (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX marketing_action_by_age ON marketing_action (sandbox, created_at, id);

CREATE TABLE label_definition (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX label_definition_by_age ON label_definition (sandbox, created_at, id);

CREATE TABLE dataset_labels (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX dataset_labels_by_age ON dataset_labels (sandbox, created_at, id);

CREATE TABLE enabled_core_policies (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX enabled_core_policies_by_age ON enabled_core_policies (sandbox, created_at, id);

CREATE TABLE consent_policy (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  status TEXT,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX consent_policy_by_age ON consent_policy (sandbox, created_at, id);

CREATE TABLE suggestion_decision (
  id TEXT NOT NULL, sandbox TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
  details TEXT, revision BIGINT NOT NULL,
  dataset_id TEXT,
  PRIMARY KEY (sandbox, id)
);
CREATE INDEX suggestion_decision_by_age ON suggestion_decision (sandbox, created_at, id);
CREATE INDEX suggestion_decision_by_dataset ON suggestion_decision (dataset_id);

-- One row a sandbox, locked by whoever changes or relies on what it counts: changes of what governs exports, changes of
-- the suppression list and how long that is, and the end of the audit log.
CREATE TABLE governance (
  sandbox TEXT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL, suppression_revision BIGINT NOT NULL,
  suppressions BIGINT NOT NULL, audit_seq BIGINT NOT NULL, audit_hash TEXT NOT NULL
);

-- Who did what, and what was decided. Each record's hash covers the one before. Sandbox * holds what is about all.
CREATE TABLE audit (
  sandbox TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  noun TEXT NOT NULL, object_id TEXT NOT NULL, object_name TEXT NOT NULL, before TEXT, after TEXT, detail TEXT,
  hash TEXT NOT NULL,
  PRIMARY KEY (sandbox, seq)
);
CREATE INDEX audit_by_time ON audit (sandbox, at, seq);
CREATE INDEX audit_by_object ON audit (sandbox, object_id, seq);
CREATE INDEX audit_by_action ON audit (sandbox, action, seq);
CREATE INDEX audit_by_actor ON audit (sandbox, actor, seq);

-- Identities that no export may hold, by hash: what they are is not kept.
CREATE TABLE suppression (
  sandbox TEXT NOT NULL, key TEXT NOT NULL, namespace TEXT NOT NULL, reason TEXT NOT NULL, added_at BIGINT NOT NULL,
  added_by TEXT NOT NULL,
  PRIMARY KEY (sandbox, key)
);

-- Which profiles left where and when: each row names a file of hashes.
CREATE TABLE departure (
  id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, flow_id TEXT NOT NULL, run_id TEXT NOT NULL, segment_id TEXT,
  file_name TEXT, sequence BIGINT, left_at BIGINT NOT NULL, profiles BIGINT NOT NULL, bytes BIGINT NOT NULL,
  path TEXT NOT NULL, decision BIGINT NOT NULL
);
CREATE INDEX departure_by_age ON departure (sandbox, left_at, id);
CREATE INDEX departure_oldest ON departure (left_at, id);
CREATE INDEX departure_by_path ON departure (path);

-- Since when a sandbox's departures are all there.
CREATE TABLE departure_span (sandbox TEXT NOT NULL PRIMARY KEY, complete_since BIGINT NOT NULL);
