-- What the order of the queue, its caps and its waits ask for.

-- Of each user who ever queued something. `seconds` is the leased device time as it
-- had decayed at time_us, while `running` leases went on from there.
CREATE TABLE usage (
  user_id INTEGER PRIMARY KEY REFERENCES users (id),
  seconds REAL NOT NULL DEFAULT 0,
  time_us INTEGER NOT NULL DEFAULT 0,
  -- Sweeps leased now; sweeps ever given out; jobs queued or held.
  running INTEGER NOT NULL DEFAULT 0,
  turns INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO usage (user_id, time_us, running, queued)
  SELECT u.id, 0,
    (SELECT count(*) FROM sweeps s JOIN jobs j ON j.id = s.job_id
     WHERE j.owner_id = u.id AND s.state = 2),
    (SELECT count(*) FROM jobs j WHERE j.owner_id = u.id AND j.state IN (1, 2))
  FROM users u;
-- Leases of before count from now on.
UPDATE usage SET time_us = CAST(1e6 * unixepoch() AS INTEGER);

-- When a user was last given a sweep that asked for this device.
CREATE TABLE turns (
  user_id INTEGER NOT NULL REFERENCES users (id),
  device TEXT NOT NULL,
  time_us INTEGER NOT NULL,
  PRIMARY KEY (user_id, device)
) STRICT, WITHOUT ROWID;

-- owner_id repeats the job's, for the queue's index. `blocked` is 0 for what may be
-- given out; 1: held, 2: waits for other jobs, 3: both.
ALTER TABLE sweeps ADD COLUMN owner_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
-- Since when it could have been given out.
ALTER TABLE sweeps ADD COLUMN queue_time_us INTEGER NOT NULL DEFAULT 0;
UPDATE sweeps SET (owner_id, queue_time_us) =
  (SELECT j.owner_id, j.create_time_us FROM jobs j WHERE j.id = sweeps.job_id);
DROP INDEX sweeps_queued;
-- The head of each user's queue for a device is one look-up.
CREATE INDEX sweeps_queued ON sweeps (device, owner_id, priority DESC, job_id, number)
  WHERE state = 1 AND blocked = 0;

ALTER TABLE jobs ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN deadline_us INTEGER;
CREATE INDEX jobs_by_deadline ON jobs (deadline_us) WHERE deadline_us IS NOT NULL AND state <= 3;

-- job_id may start once after_id has succeeded. Kept, so that a retry asks again.
CREATE TABLE job_dependencies (
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  after_id INTEGER NOT NULL REFERENCES jobs (id),
  PRIMARY KEY (job_id, after_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_dependencies_by_after ON job_dependencies (after_id);

-- Why it is given nothing, and how many of its sweeps failed since the last that did not.
ALTER TABLE workers ADD COLUMN drain_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE workers ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
