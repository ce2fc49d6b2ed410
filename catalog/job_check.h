// Whether a job makes sense, and what its variants are in full. Used by the
// client (which adds file and line), by the coordinator (which trusts nobody)
// and by the worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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

// The largest spec.
inline constexpr size_t kMaxSpecBytes = size_t{256} << 10U;

// Every fault, at most 100; empty for a good job. Fields that may be left out
// count as their defaults. Never crashes, allocates in proportion to the spec,
// and reads no file.
std::vector<Problem> CheckJob(const v1::JobSpec& spec);

// A variant with nothing left to look up.
struct ResolvedVariant {
  std::string name;
  std::string config_json;  // complete config.json
  std::string attention;    // "eager", "sdpa", …
  int64_t quantum = 1;      // inputs are padded to multiples of it; 1: no padding
  int64_t slack = 0;        // an input may go so far beyond a multiple unpadded
  int64_t min_length = 1;   // valid lengths, in base units
  int64_t max_length = 0;
};

// Baselines first, then candidates. INVALID_ARGUMENT with the first problem of
// a bad job.
absl::StatusOr<std::vector<ResolvedVariant>> ResolveVariants(const v1::JobSpec& spec);

// Fills fields that a job file may leave out with their defaults, in place.
// Twice is the same as once. Never fails; what is wrong stays so for CheckJob.
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

// Every text that the functions above take, measured by this version or not.
std::vector<std::string_view> ModeTexts();
std::vector<std::string_view> MetricTexts();
std::vector<std::string_view> DTypeTexts();
std::vector<std::string_view> AttentionTexts();
std::vector<std::string_view> LengthUnitTexts();

}  // namespace cusp::catalog
