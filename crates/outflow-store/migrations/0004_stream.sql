-- Streaming flows: what the far end was told of each, the evaluations that are needed for what comes next, and what
-- people asked for.
CREATE TABLE stream (
  flow_id TEXT NOT NULL PRIMARY KEY, sandbox TEXT NOT NULL, body TEXT NOT NULL, updated_at BIGINT NOT NULL
);

CREATE TABLE stream_evaluation (
  flow_id TEXT NOT NULL, evaluation_id TEXT NOT NULL, sandbox TEXT NOT NULL,
  PRIMARY KEY (flow_id, evaluation_id)
);
CREATE INDEX stream_evaluation_by_evaluation ON stream_evaluation (evaluation_id);

CREATE TABLE stream_request (
  id TEXT NOT NULL PRIMARY KEY, flow_id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX stream_request_by_flow ON stream_request (flow_id, created_at, id);

-- A run of a streaming flow has no segment. One of each kind may be live: the hour's window, and what somebody asked for.
DROP INDEX run_live;
CREATE UNIQUE INDEX run_live ON run (flow_id, segment_id) WHERE live = 1 AND segment_id <> '';
CREATE UNIQUE INDEX run_live_of_stream ON run (flow_id, kind) WHERE live = 1 AND segment_id = '';
