-- What the queue's rules ask of a user. 0 of a cap: none.
ALTER TABLE users ADD COLUMN share_weight REAL NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN max_queued INTEGER NOT NULL DEFAULT 200000;
ALTER TABLE users ADD COLUMN max_running INTEGER NOT NULL DEFAULT 0;
