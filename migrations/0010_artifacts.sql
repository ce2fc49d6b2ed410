-- Files that jobs bring, by the SHA-256 of their bytes. The bytes lie beside the database.
CREATE TABLE artifacts (
  sha256 BLOB NOT NULL PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  -- Who sent it first: it counts against this user's quota.
  owner_id INTEGER NOT NULL REFERENCES users (id),
  create_time_us INTEGER NOT NULL,
  -- When somebody last asked for it.
  use_time_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_owner ON artifacts (owner_id, size_bytes);
CREATE INDEX artifacts_by_use ON artifacts (use_time_us);

-- What an artifact is useless without, as the shards that an index of weights names.
CREATE TABLE artifact_parts (
  whole BLOB NOT NULL REFERENCES artifacts (sha256) ON DELETE CASCADE,
  part BLOB NOT NULL REFERENCES artifacts (sha256),
  PRIMARY KEY (whole, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_parts_by_part ON artifact_parts (part);

CREATE TABLE job_artifacts (
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  sha256 BLOB NOT NULL REFERENCES artifacts (sha256) ON DELETE CASCADE,
  PRIMARY KEY (job_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_artifacts_by_artifact ON job_artifacts (sha256);

-- Of all artifacts that the user sent; 0: no cap.
ALTER TABLE users ADD COLUMN max_artifact_bytes INTEGER NOT NULL DEFAULT 214748364800;
