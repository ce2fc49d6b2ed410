// Jobs and workers as the JSON that scripts read.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cusp/v1/job.pb.h"
#include "cusp/v1/worker.pb.h"

namespace cusp::client {

// "queued", "running", …: the states as JSON and tables have them.
std::string ToText(v1::Job::State state);
std::string ToText(v1::Sweep::State state);
std::string ToText(v1::Worker::State state);
std::string ToText(v1::Failure::Reason reason);

// "QUEUED": what JSON says, for programs to compare.
std::string StateName(v1::Job::State state);

// RFC 3339, or null where not set.
nlohmann::ordered_json TimeToJson(const google::protobuf::Timestamp& time);

// id, name, state, owner, priority, times, sweeps_ended and sweeps_total, and
// where set held, after_ok, deadline, failure, waiting_reason, estimated_start_time,
// samples_prune_time, original_owner, sweeps and spec.
nlohmann::ordered_json JobToJson(const v1::Job& job);

// With the field names and enum values of the protocol.
nlohmann::ordered_json SpecToJson(const v1::JobSpec& spec);

nlohmann::ordered_json WorkerToJson(const v1::Worker& worker);

// Indented text with a newline at the end. Bytes that are no UTF-8 are
// replaced.
std::string ToText(const nlohmann::ordered_json& json);

}  // namespace cusp::client
