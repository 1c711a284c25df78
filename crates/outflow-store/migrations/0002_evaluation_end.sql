-- When the evaluation had ended: exports that follow evaluations go by it. Of those before, only the time is known.
ALTER TABLE segment_count ADD COLUMN ended_at BIGINT NOT NULL DEFAULT 0;
UPDATE segment_count SET ended_at = evaluated_at;
