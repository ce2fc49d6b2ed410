-- What disturbed a block beside stolen time, and the A/A check of a sweep.

ALTER TABLE blocks ADD COLUMN others_share REAL NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN wait_share REAL NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN involuntary_switches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN major_faults INTEGER NOT NULL DEFAULT 0;

CREATE TABLE self_checks (
  sweep_id INTEGER NOT NULL PRIMARY KEY REFERENCES sweeps (id),
  variant INTEGER NOT NULL,
  length INTEGER NOT NULL,
  batch_size INTEGER NOT NULL,
  blocks INTEGER NOT NULL,
  median_ratio REAL NOT NULL,
  low REAL NOT NULL,
  high REAL NOT NULL,
  differs INTEGER NOT NULL
) STRICT;
