-- Roles, ends and uses of tokens, and workers that an administrator drained.
-- Tokens of before were the administrator's.
ALTER TABLE tokens RENAME TO tokens_of_before;
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  user_id INTEGER NOT NULL REFERENCES users (id),
  role INTEGER NOT NULL,
  create_time_us INTEGER NOT NULL,
  -- NULL: never.
  expire_time_us INTEGER,
  revoke_time_us INTEGER,
  last_use_time_us INTEGER
) STRICT;
INSERT INTO tokens (sha256, user_id, role, create_time_us)
  SELECT sha256, user_id, 4, create_time_us FROM tokens_of_before ORDER BY create_time_us, sha256;
DROP TABLE tokens_of_before;

ALTER TABLE workers ADD COLUMN drained INTEGER NOT NULL DEFAULT 0;
