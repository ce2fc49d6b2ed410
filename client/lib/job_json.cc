#include "client/lib/job_json.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "client/lib/client.h"
#include "client/lib/forecast_json.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

// "STATE_QUEUED" with prefix "STATE_" -> "QUEUED", as programs compare it.
std::string EnumName(std::string_view name, std::string_view prefix) {
  name.remove_prefix(std::min(name.size(), prefix.size()));
  return std::string(name);
}

// The same as people read it: "queued".
std::string EnumText(std::string_view name, std::string_view prefix) {
  return absl::AsciiStrToLower(EnumName(name, prefix));
}

// One of v1::Job, v1::Sweep and v1::Worker.
template <typename Message>
std::string NameOfState(const Message& message) {
  return EnumName(Message::State_Name(message.state()), "STATE_");
}

Json FailureToJson(const v1::Failure& failure) {
  return {{"reason", ToText(failure.reason())}, {"message", failure.message()}};
}

// Lengths as the job file has them, not as the samples of the message.
Json SecondsToJson(const v1::LengthSpec& lengths) {
  const auto seconds = [&](int64_t length) {
    return catalog::InUnit(static_cast<double>(length), lengths.unit());
  };
  Json json = {{"min", seconds(lengths.min())},
               {"max", seconds(lengths.max())},
               {"unit", v1::LengthUnit_Name(lengths.unit())}};
  if (lengths.quantum() > 0) {
    json["quantum"] = seconds(lengths.quantum());
  }
  for (const int64_t length : lengths.list()) {
    json["list"].push_back(seconds(length));
  }
  return json;
}

Json SweepToJson(const v1::Sweep& sweep) {
  Json json = {{"name", sweep.name()},
               {"mode", catalog::ToText(sweep.mode())},
               {"dtype", catalog::ToText(sweep.dtype())},
               {"state", NameOfState(sweep)},
               {"attempt", sweep.attempt()},
               {"worker", sweep.worker()},
               {"blocks_committed", sweep.blocks_committed()}};
  if (sweep.has_progress()) {
    json["blocks_done"] = sweep.progress().blocks_done();
    json["blocks_expected"] = sweep.progress().blocks_expected();
  }
  if (sweep.has_provenance()) {
    json["device"] = sweep.provenance().device_class();
  }
  if (sweep.has_failure()) {
    json["failure"] = FailureToJson(sweep.failure());
  }
  return json;
}

}  // namespace

std::string StateName(v1::Job::State state) {
  return EnumName(v1::Job::State_Name(state), "STATE_");
}

std::string ToText(v1::Job::State state) { return EnumText(v1::Job::State_Name(state), "STATE_"); }

std::string ToText(v1::Sweep::State state) {
  return EnumText(v1::Sweep::State_Name(state), "STATE_");
}

std::string ToText(v1::Worker::State state) {
  return EnumText(v1::Worker::State_Name(state), "STATE_");
}

std::string ToText(v1::Failure::Reason reason) {
  return EnumText(v1::Failure::Reason_Name(reason), "REASON_");
}

Json TimeToJson(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) {
    return nullptr;
  }
  return google::protobuf::util::TimeUtil::ToString(time);
}

Json SpecToJson(const v1::JobSpec& spec) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(spec, &text, options).ok()) {
    return nullptr;
  }
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return nullptr;
  }
  if (spec.lengths().unit() == v1::LENGTH_UNIT_SECONDS) {
    json["lengths"] = SecondsToJson(spec.lengths());
  }
  return json;
}

Json JobToJson(const v1::Job& job) {
  Json json = {{"id", JobId(job.name())},
               {"name", job.display_name()},
               {"state", NameOfState(job)},
               {"owner", job.owner()},
               {"priority", job.priority()},
               {"create_time", TimeToJson(job.create_time())},
               {"start_time", TimeToJson(job.start_time())},
               {"end_time", TimeToJson(job.end_time())},
               {"sweeps_ended", job.sweeps_ended()},
               {"sweeps_total", job.sweeps_total()}};
  if (job.has_failure()) {
    json["failure"] = FailureToJson(job.failure());
  }
  if (job.held()) {
    json["held"] = true;
  }
  for (const std::string& name : job.after_ok()) {
    json["after_ok"].push_back(JobId(name));
  }
  if (job.has_deadline()) {
    json["deadline"] = TimeToJson(job.deadline());
  }
  if (!job.waiting_reason().empty()) {
    json["waiting_reason"] = job.waiting_reason();
    json["estimated_start_time"] = TimeToJson(job.estimated_start_time());
  }
  if (job.has_samples_prune_time()) {
    json["samples_prune_time"] = TimeToJson(job.samples_prune_time());
  }
  if (!job.original_owner().empty()) {
    json["original_owner"] = job.original_owner();
  }
  if (job.sweeps_size() > 0) {
    json["sweeps"] = Json::array();
    for (const v1::Sweep& sweep : job.sweeps()) {
      json["sweeps"].push_back(SweepToJson(sweep));
    }
  }
  if (job.has_spec()) {
    json["spec"] = SpecToJson(job.spec());
  }
  return json;
}

Json WorkerToJson(const v1::Worker& worker) {
  return {{"name", worker.name()},
          {"state", NameOfState(worker)},
          {"device_class", worker.device_class()},
          {"device", worker.device()},
          {"host", worker.host()},
          {"memory_bytes", worker.memory_bytes()},
          {"cores", worker.cores()},
          {"cusp_version", worker.cusp_version()},
          {"current_sweep", worker.current_sweep()},
          {"draining", worker.draining()},
          {"not_ready", worker.not_ready()},
          {"drain_reason", worker.drain_reason()},
          {"last_sync_time", TimeToJson(worker.last_sync_time())},
          {"speed", SpeedToJson(worker.speed())}};
}

std::string ToText(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cusp::client
