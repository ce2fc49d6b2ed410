// Between protocol messages and the structs of queue and store: jobs, sweeps, workers.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/worker.pb.h"
#include "server/queue/records.h"

namespace cusp::server {

google::protobuf::Timestamp ToTimestamp(int64_t micros);
// Cut to what a Timestamp may hold: the years 1970 to 9999.
int64_t FromTimestamp(const google::protobuf::Timestamp& time);

// What workers tell is stored for good, so its size is bounded: the first 4 KiB,
// cut between characters of UTF-8 (protobuf refuses a whole message for half of one).
std::string Bounded(const std::string& text);

// Without progress and waiting reason, which only memory knows.
v1::Job ToProto(const Job& job);
v1::Sweep ToProto(const Sweep& sweep, const std::string& job);
v1::Provenance ToProto(const Provenance& provenance);
v1::Worker ToProto(const Worker& worker);

// From outside, checked: INVALID_ARGUMENT names the place. Texts are cut at 4 KiB.
Failure FromProto(const v1::Failure& failure);
absl::StatusOr<Provenance> FromProto(const v1::Provenance& provenance);

// What is stored of a speed: its serialized form, up to 4 KiB.
absl::StatusOr<std::string> FromProto(const v1::DeviceSpeed& speed);

}  // namespace cusp::server
