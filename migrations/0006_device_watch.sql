-- What was seen of an accelerator beside a block, and at a sweep's start.
ALTER TABLE blocks ADD COLUMN allocator_retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN device_clock_mhz INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN clock_limits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN device_others INTEGER NOT NULL DEFAULT 0;
ALTER TABLE generations ADD COLUMN device_processes INTEGER;
