// Between protocol messages and the structs of queue and store.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/worker.pb.h"
#include "server/queue/records.h"
#include "server/store/blocks.h"
#include "server/store/results.h"

namespace cusp::server {

google::protobuf::Timestamp ToTimestamp(int64_t micros);

// Without progress and waiting reason, which only memory knows.
v1::Job ToProto(const Job& job);
v1::Sweep ToProto(const Sweep& sweep, const std::string& job);
v1::Provenance ToProto(const Provenance& provenance);
v1::Block ToProto(const Block& block);
v1::Worker ToProto(const Worker& worker);
void AppendResult(const SweepResult& result, const Sweep& sweep,
                  google::protobuf::RepeatedPtrField<v1::Comparison>* comparisons,
                  google::protobuf::RepeatedPtrField<v1::Cost>* costs);

// From outside, checked: INVALID_ARGUMENT names the place. Texts are cut at 4 KiB.
Failure FromProto(const v1::Failure& failure);
absl::StatusOr<Provenance> FromProto(const v1::Provenance& provenance);
absl::StatusOr<Block> FromProto(const v1::Block& block);
absl::StatusOr<SweepResult> FromProto(const v1::SweepResult& result);

}  // namespace cusp::server
