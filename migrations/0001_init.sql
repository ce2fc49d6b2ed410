-- The first schema. Times are microseconds since 1970 UTC. Integers that stand
-- for protocol enums (mode, dtype, metric, outcome, verdict, direction,
-- failure reason, states) have the protocol's numbers.

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  create_time_us INTEGER NOT NULL
) STRICT;

-- Only hashes: a token itself is shown once.
CREATE TABLE tokens (
  sha256 BLOB NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  create_time_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  owner_id INTEGER NOT NULL REFERENCES users (id),
  display_name TEXT NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  device TEXT NOT NULL,
  sweeps_total INTEGER NOT NULL,
  sweeps_ended INTEGER NOT NULL DEFAULT 0,
  create_time_us INTEGER NOT NULL,
  start_time_us INTEGER,
  end_time_us INTEGER,
  failure_reason INTEGER,
  failure_message TEXT
) STRICT;
CREATE INDEX jobs_by_owner ON jobs (owner_id);

-- Apart from jobs, so that lists do not read it.
CREATE TABLE job_specs (
  job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
  spec BLOB NOT NULL
) STRICT;

-- Baselines first, then candidates, numbered from 0.
CREATE TABLE variants (
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  is_baseline INTEGER NOT NULL,
  PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;

-- Mutations already answered; a repeated one gets the same answer.
CREATE TABLE requests (
  user_id INTEGER NOT NULL REFERENCES users (id),
  request_id BLOB NOT NULL,
  payload_sha256 BLOB NOT NULL,
  response BLOB NOT NULL,
  create_time_us INTEGER NOT NULL,
  PRIMARY KEY (user_id, request_id)
) STRICT, WITHOUT ROWID;

-- priority and device repeat the job's, for the queue's index.
CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  number INTEGER NOT NULL,
  mode INTEGER NOT NULL,
  dtype INTEGER NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  device TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 1,
  end_time_us INTEGER,
  failure_reason INTEGER,
  failure_message TEXT,
  UNIQUE (job_id, number)
) STRICT;
CREATE INDEX sweeps_queued ON sweeps (device, priority DESC, job_id, number) WHERE state = 1;

CREATE TABLE workers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  device_class TEXT NOT NULL,
  device TEXT NOT NULL,
  host TEXT NOT NULL,
  memory_bytes INTEGER NOT NULL,
  cores INTEGER NOT NULL,
  cusp_version TEXT NOT NULL,
  -- Request that registered it last: another one means another process.
  register_request BLOB NOT NULL,
  incarnation INTEGER NOT NULL,
  register_time_us INTEGER NOT NULL
) STRICT;

CREATE TABLE attempts (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (id),
  number INTEGER NOT NULL,
  worker_id INTEGER NOT NULL REFERENCES workers (id),
  incarnation INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  state INTEGER NOT NULL,
  -- Blocks of earlier attempts that it was told to count.
  blocks_inherited INTEGER NOT NULL,
  start_time_us INTEGER NOT NULL,
  end_time_us INTEGER,
  PRIMARY KEY (sweep_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_active ON attempts (worker_id) WHERE state = 1;

CREATE TABLE provenances (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  device_class TEXT NOT NULL,
  device TEXT NOT NULL,
  host TEXT NOT NULL,
  driver_version TEXT NOT NULL,
  torch_version TEXT NOT NULL,
  cusp_version TEXT NOT NULL,
  build_id TEXT NOT NULL,
  threads INTEGER NOT NULL,
  affinity TEXT NOT NULL,
  allocator TEXT NOT NULL,
  cpu_capability TEXT NOT NULL,
  kernel TEXT NOT NULL
) STRICT;

-- Blocks measured under one provenance. A sweep that goes on elsewhere starts
-- another generation, because costs are comparable only within one.
CREATE TABLE generations (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (id),
  generation INTEGER NOT NULL,
  provenance_id INTEGER REFERENCES provenances (id),
  blocks INTEGER NOT NULL DEFAULT 0,
  last_block INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (sweep_id, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocks (
  sweep_id INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  block INTEGER NOT NULL,
  length INTEGER NOT NULL,
  batch_size INTEGER NOT NULL,
  steal_share REAL NOT NULL,
  attempt INTEGER NOT NULL,
  commit_time_us INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, generation, block),
  FOREIGN KEY (sweep_id, generation) REFERENCES generations (sweep_id, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE samples (
  sweep_id INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  block INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  position INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  value REAL,
  failure_message TEXT,
  PRIMARY KEY (sweep_id, generation, block, variant, metric),
  FOREIGN KEY (sweep_id, generation, block) REFERENCES blocks (sweep_id, generation, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE comparisons (
  id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweeps (id),
  baseline INTEGER NOT NULL,
  candidate INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  batch_size INTEGER NOT NULL,
  range_min INTEGER NOT NULL,
  range_max INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  blocks_used INTEGER NOT NULL,
  note TEXT NOT NULL,
  UNIQUE (sweep_id, baseline, candidate, metric, batch_size)
) STRICT;

-- kind: 0 one of the crossings in order, 1 the first, 2 the persistent one.
CREATE TABLE crossings (
  comparison_id INTEGER NOT NULL REFERENCES comparisons (id),
  kind INTEGER NOT NULL,
  number INTEGER NOT NULL,
  length REAL NOT NULL,
  low REAL NOT NULL,
  high REAL NOT NULL,
  direction INTEGER NOT NULL,
  PRIMARY KEY (comparison_id, kind, number)
) STRICT, WITHOUT ROWID;

-- kind: 0 undecided, 1 equal.
CREATE TABLE comparison_lengths (
  comparison_id INTEGER NOT NULL REFERENCES comparisons (id),
  kind INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (comparison_id, kind, length)
) STRICT, WITHOUT ROWID;

CREATE TABLE costs (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (id),
  variant INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  batch_size INTEGER NOT NULL,
  length INTEGER NOT NULL,
  median REAL,
  low REAL,
  high REAL,
  samples INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  failure_message TEXT,
  PRIMARY KEY (sweep_id, variant, metric, batch_size, length)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  time_us INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  job_id INTEGER,
  detail TEXT NOT NULL
) STRICT;
