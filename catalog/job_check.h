// Whether a job makes sense, and what its variants are in full. Used by the
// client (which adds file and line), by the coordinator (which trusts nobody)
// and by the worker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

// A fault of a job. `path` is where in the job file, e.g.
// "candidates[1].config.num_landmarks"; `message` names value and remedy.
struct Problem {
  std::string path;
  std::string message;
};

// Every fault; empty for a good job. Never crashes, allocates in proportion to
// the spec, and reads no file.
std::vector<Problem> CheckJob(const v1::JobSpec& spec);

// A variant with nothing left to look up.
struct ResolvedVariant {
  std::string name;
  std::string config_json;  // complete config.json
  std::string attention;    // "eager", "sdpa", …
  int64_t quantum = 1;      // inputs are padded to multiples of it; 1: no padding
  int64_t min_length = 1;   // valid lengths in the job's unit
  int64_t max_length = 0;
};

// Baselines first, then candidates. INVALID_ARGUMENT with the first problem of
// a bad job.
absl::StatusOr<std::vector<ResolvedVariant>> ResolveVariants(const v1::JobSpec& spec);

// Fills fields that a job file may leave out with their defaults, in place.
void ApplyDefaults(v1::JobSpec& spec);

// Text of the enums as job files and JSON write them ("peak_memory"), and back;
// UNSPECIFIED where the text is unknown.
std::string ToText(v1::Mode mode);
std::string ToText(v1::Metric metric);
std::string ToText(v1::DType dtype);
std::string ToText(v1::Attention attention);
std::string ToText(v1::LengthUnit unit);
v1::Mode ModeFromText(const std::string& text);
v1::Metric MetricFromText(const std::string& text);
v1::DType DTypeFromText(const std::string& text);
v1::Attention AttentionFromText(const std::string& text);
v1::LengthUnit LengthUnitFromText(const std::string& text);

}  // namespace cusp::catalog
