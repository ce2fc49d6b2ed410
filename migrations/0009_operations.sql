-- What operators need: pruned samples, imported jobs, and views for read-only SQL
-- (docs/sql.md). Views are a contract: later files add columns, and never change
-- what one means.

-- When the samples and blocks of an ended job were dropped by policy.
ALTER TABLE jobs ADD COLUMN samples_pruned_us INTEGER;
CREATE INDEX jobs_unpruned ON jobs (end_time_us)
  WHERE end_time_us IS NOT NULL AND samples_pruned_us IS NULL;

-- Of a job that came as an archive: whose it was there, and who measured. Its
-- workers are no workers of this coordinator.
ALTER TABLE jobs ADD COLUMN original_owner TEXT;
ALTER TABLE sweeps ADD COLUMN imported_worker TEXT;

-- One row that is written to see whether the database takes writes.
CREATE TABLE readiness (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  time_us INTEGER NOT NULL
) STRICT;

-- Names of the protocol's numbers, as commands print them.
CREATE TABLE enum_names (
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;

INSERT INTO enum_names (kind, number, name) VALUES
  ('mode', 1, 'inference'), ('mode', 2, 'training'), ('mode', 3, 'decode'),
  ('dtype', 1, 'float32'), ('dtype', 2, 'bfloat16'), ('dtype', 3, 'float16'),
  ('metric', 1, 'latency'), ('metric', 2, 'throughput'), ('metric', 3, 'peak_memory'),
  ('metric', 4, 'energy'), ('metric', 5, 'flops'), ('metric', 6, 'components'),
  ('metric', 7, 'first_token'), ('metric', 8, 'same_again'), ('metric', 10, 'forward'),
  ('metric', 11, 'backward'), ('metric', 12, 'optimizer'), ('metric', 13, 'reserved_memory'),
  ('metric', 14, 'device_memory'), ('metric', 15, 'host_memory'), ('metric', 16, 'latency_p90'),
  ('metric', 17, 'latency_p99'), ('metric', 18, 'best_batch'), ('metric', 19, 'largest_batch'),
  ('metric', 20, 'largest_batch_throughput'), ('metric', 21, 'idle_power'),
  ('metric', 32, 'component_embedding'), ('metric', 33, 'component_front_end'),
  ('metric', 34, 'component_projection'), ('metric', 35, 'component_mixing'),
  ('metric', 36, 'component_feed_forward'), ('metric', 37, 'component_norm'),
  ('metric', 38, 'component_other'), ('metric', 39, 'component_loss'),
  ('metric', 40, 'component_backward'), ('metric', 41, 'component_optimizer'),
  ('outcome', 1, 'ok'), ('outcome', 2, 'out_of_memory'), ('outcome', 3, 'crashed'),
  ('outcome', 4, 'timed_out'), ('outcome', 5, 'invalid'),
  ('verdict', 1, 'crosses'), ('verdict', 2, 'always'), ('verdict', 3, 'never'),
  ('verdict', 4, 'undecided'),
  ('job_state', 1, 'QUEUED'), ('job_state', 2, 'HELD'), ('job_state', 3, 'RUNNING'),
  ('job_state', 4, 'SUCCEEDED'), ('job_state', 5, 'FAILED'), ('job_state', 6, 'CANCELLED'),
  ('reason', 1, 'crashed'), ('reason', 2, 'timed_out'), ('reason', 3, 'invalid_config'),
  ('reason', 4, 'protocol'), ('reason', 5, 'out_of_memory'), ('reason', 6, 'deadline'),
  ('reason', 7, 'internal'), ('reason', 8, 'dependency');

CREATE VIEW v_jobs (job, name, state, owner, original_owner, priority, device, sweeps, sweeps_ended,
  created, created_unix, started, started_unix, ended, ended_unix, failure_reason, failure,
  samples_pruned, samples_pruned_unix) AS
SELECT j.public_id, j.display_name,
  (SELECT name FROM enum_names WHERE kind = 'job_state' AND number = j.state),
  u.name, j.original_owner, j.priority, j.device, j.sweeps_total, j.sweeps_ended,
  strftime('%Y-%m-%dT%H:%M:%SZ', j.create_time_us / 1000000, 'unixepoch'),
  j.create_time_us / 1000000,
  strftime('%Y-%m-%dT%H:%M:%SZ', j.start_time_us / 1000000, 'unixepoch'),
  j.start_time_us / 1000000,
  strftime('%Y-%m-%dT%H:%M:%SZ', j.end_time_us / 1000000, 'unixepoch'),
  j.end_time_us / 1000000,
  (SELECT name FROM enum_names WHERE kind = 'reason' AND number = j.failure_reason),
  j.failure_message,
  strftime('%Y-%m-%dT%H:%M:%SZ', j.samples_pruned_us / 1000000, 'unixepoch'),
  j.samples_pruned_us / 1000000
FROM jobs j JOIN users u ON u.id = j.owner_id;

CREATE VIEW v_workers (worker, device_class, device, host, memory_bytes, cores, cusp_version,
  registered, registered_unix, sweep) AS
SELECT w.name, w.device_class, w.device, w.host, w.memory_bytes, w.cores, w.cusp_version,
  strftime('%Y-%m-%dT%H:%M:%SZ', w.register_time_us / 1000000, 'unixepoch'),
  w.register_time_us / 1000000,
  (SELECT j.public_id || '/sweeps/' || s.number FROM attempts a
    JOIN sweeps s ON s.id = a.sweep_id JOIN jobs j ON j.id = s.job_id
    WHERE a.worker_id = w.id AND a.state = 1 LIMIT 1)
FROM workers w;

CREATE VIEW v_tipping_points (job, job_name, sweep, mode, dtype, baseline, candidate, metric,
  batch_size, range_min, range_max, verdict, tipping_point, tipping_low, tipping_high,
  first_crossing, first_low, first_high, crossings, blocks_used, note, ended, ended_unix,
  provenance, device_class, device, host, driver_version, torch_version, cusp_version, threads) AS
SELECT j.public_id, j.display_name, s.number,
  (SELECT name FROM enum_names WHERE kind = 'mode' AND number = s.mode),
  (SELECT name FROM enum_names WHERE kind = 'dtype' AND number = s.dtype),
  b.name, v.name,
  (SELECT name FROM enum_names WHERE kind = 'metric' AND number = c.metric),
  c.batch_size, c.range_min, c.range_max,
  (SELECT name FROM enum_names WHERE kind = 'verdict' AND number = c.verdict),
  t.length, t.low, t.high, f.length, f.low, f.high,
  (SELECT count(*) FROM crossings x WHERE x.comparison_id = c.id AND x.kind = 0),
  c.blocks_used, c.note,
  strftime('%Y-%m-%dT%H:%M:%SZ', s.end_time_us / 1000000, 'unixepoch'), s.end_time_us / 1000000,
  CAST(substr(p.sha256, 1, 8) AS TEXT), p.device_class, p.device, p.host, p.driver_version,
  p.torch_version, p.cusp_version, p.threads
FROM comparisons c
JOIN sweeps s ON s.id = c.sweep_id
JOIN jobs j ON j.id = s.job_id
JOIN variants b ON b.job_id = s.job_id AND b.number = c.baseline
JOIN variants v ON v.job_id = s.job_id AND v.number = c.candidate
LEFT JOIN crossings t ON t.comparison_id = c.id AND t.kind = 2 AND t.number = 0
LEFT JOIN crossings f ON f.comparison_id = c.id AND f.kind = 1 AND f.number = 0
LEFT JOIN generations g ON g.sweep_id = s.id AND g.generation = s.generation
LEFT JOIN provenances p ON p.id = g.provenance_id;

CREATE VIEW v_costs (job, job_name, sweep, mode, dtype, variant, is_baseline, metric, batch_size,
  length, median, low, high, samples, outcome, failure, ended, ended_unix, provenance,
  device_class, device, host, driver_version, torch_version, cusp_version, threads) AS
SELECT j.public_id, j.display_name, s.number,
  (SELECT name FROM enum_names WHERE kind = 'mode' AND number = s.mode),
  (SELECT name FROM enum_names WHERE kind = 'dtype' AND number = s.dtype),
  v.name, v.is_baseline,
  (SELECT name FROM enum_names WHERE kind = 'metric' AND number = c.metric),
  c.batch_size, c.length, c.median, c.low, c.high, c.samples,
  (SELECT name FROM enum_names WHERE kind = 'outcome' AND number = c.outcome),
  c.failure_message,
  strftime('%Y-%m-%dT%H:%M:%SZ', s.end_time_us / 1000000, 'unixepoch'), s.end_time_us / 1000000,
  CAST(substr(p.sha256, 1, 8) AS TEXT), p.device_class, p.device, p.host, p.driver_version,
  p.torch_version, p.cusp_version, p.threads
FROM costs c
JOIN sweeps s ON s.id = c.sweep_id
JOIN jobs j ON j.id = s.job_id
JOIN variants v ON v.job_id = s.job_id AND v.number = c.variant
LEFT JOIN generations g ON g.sweep_id = s.id AND g.generation = s.generation
LEFT JOIN provenances p ON p.id = g.provenance_id;

CREATE VIEW v_samples (job, sweep, mode, dtype, block, position, variant, metric, batch_size,
  length, value, outcome, calls, failure, steal_share, others_share, wait_share, committed,
  committed_unix, provenance, device_class, device) AS
SELECT j.public_id, s.number,
  (SELECT name FROM enum_names WHERE kind = 'mode' AND number = s.mode),
  (SELECT name FROM enum_names WHERE kind = 'dtype' AND number = s.dtype),
  m.block, m.position, v.name,
  (SELECT name FROM enum_names WHERE kind = 'metric' AND number = m.metric),
  k.batch_size, k.length, m.value,
  (SELECT name FROM enum_names WHERE kind = 'outcome' AND number = m.outcome),
  m.calls, m.failure_message, k.steal_share, k.others_share, k.wait_share,
  strftime('%Y-%m-%dT%H:%M:%SZ', k.commit_time_us / 1000000, 'unixepoch'),
  k.commit_time_us / 1000000,
  CAST(substr(p.sha256, 1, 8) AS TEXT), p.device_class, p.device
FROM samples m
JOIN blocks k ON k.sweep_id = m.sweep_id AND k.generation = m.generation AND k.block = m.block
JOIN sweeps s ON s.id = m.sweep_id AND s.generation = m.generation
JOIN jobs j ON j.id = s.job_id
JOIN variants v ON v.job_id = s.job_id AND v.number = m.variant
LEFT JOIN generations g ON g.sweep_id = s.id AND g.generation = s.generation
LEFT JOIN provenances p ON p.id = g.provenance_id;
