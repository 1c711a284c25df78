-- How often a secret was compared with a wrong one, by the document that it belongs to, since a time.
CREATE TABLE guess (owner TEXT NOT NULL PRIMARY KEY, since BIGINT NOT NULL, times BIGINT NOT NULL);
