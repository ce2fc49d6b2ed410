-- Provenance in full, how each generation's measuring began, and indexes for the
-- history. Rows from before have no conditions and empty columns.

ALTER TABLE provenances ADD COLUMN number_settings TEXT NOT NULL DEFAULT '';
ALTER TABLE provenances ADD COLUMN memory_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provenances ADD COLUMN cpu_governor TEXT NOT NULL DEFAULT '';
ALTER TABLE provenances ADD COLUMN cpu_min_mhz INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provenances ADD COLUMN cpu_max_mhz INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provenances ADD COLUMN cpus INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provenances ADD COLUMN libc TEXT NOT NULL DEFAULT '';
ALTER TABLE provenances ADD COLUMN microcode TEXT NOT NULL DEFAULT '';
ALTER TABLE provenances ADD COLUMN virtual_machine INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provenances ADD COLUMN device_clock_mhz INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provenances ADD COLUMN device_memory_clock_mhz INTEGER NOT NULL DEFAULT 0;

-- Of the attempt whose blocks were the generation's first.
ALTER TABLE generations ADD COLUMN start_time_us INTEGER;
ALTER TABLE generations ADD COLUMN load_average REAL;
ALTER TABLE generations ADD COLUMN runnable_threads INTEGER;

CREATE TABLE generation_variants (
  sweep_id INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  config_sha256 TEXT NOT NULL,
  PRIMARY KEY (sweep_id, generation, variant),
  FOREIGN KEY (sweep_id, generation) REFERENCES generations (sweep_id, generation)
) STRICT, WITHOUT ROWID;

CREATE INDEX variants_by_name ON variants (name);
CREATE INDEX sweeps_by_end ON sweeps (end_time_us) WHERE end_time_us IS NOT NULL;
