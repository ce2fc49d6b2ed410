-- What a device does at most: serialized v1.DeviceSpeed. Of a sweep that of the worker
-- that ended it; empty where it is not known.
ALTER TABLE workers ADD COLUMN speed BLOB NOT NULL DEFAULT x'';
ALTER TABLE sweeps ADD COLUMN device_speed BLOB NOT NULL DEFAULT x'';
