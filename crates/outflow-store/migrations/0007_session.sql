-- Sessions of the console are tokens that are prolonged while they are used, until this time at most.
ALTER TABLE token ADD COLUMN renewable_until BIGINT;

-- Links that sign in to the console once, by the SHA-256 of their token.
CREATE TABLE login_link (
  hash TEXT NOT NULL PRIMARY KEY, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);
CREATE INDEX login_link_by_client ON login_link (client_id);
CREATE INDEX login_link_by_end ON login_link (expires_at);
