-- The shapes of the records that a snapshot was merged of, as JSON. They are large, and few who look at snapshots need them.
CREATE TABLE snapshot_records (
  sandbox TEXT NOT NULL, snapshot_id TEXT NOT NULL, records TEXT NOT NULL,
  PRIMARY KEY (sandbox, snapshot_id)
);
