// A variant's complete config.json, from what a job says and what its family
// takes where the job is silent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/catalog.h"

namespace cusp::catalog {

// What a job says of one variant's configuration.
struct ConfigRequest {
  const Model* model = nullptr;
  const Preset* preset = nullptr;   // nullptr: the family's own shape
  std::string_view base_json;       // a whole config.json, or empty
  std::string_view overrides_json;  // single keys, or empty
  std::string_view axes_json;       // the job's axes, or empty
  int64_t longest_length = 1;       // in the modality's unit
  bool extend_positions = false;    // lengths beyond the base's positions are meant
  bool decode = false;              // it is to decode: causal, with the decoder that it may have
  // Costs over lengths are wanted; else one forward pass as the reference does it.
  bool profiling = true;
};

// The complete configuration, and what follows from it.
struct CompleteConfig {
  std::string json;
  int64_t quantum = 1;
  int64_t slack = 0;  // beyond a multiple of quantum, without another step
  LengthLimits limits;
  double parameters = 0;
  bool extended = false;  // positions were added to those the job names
};

// Where a fault lies.
enum class ConfigPart { kBase, kOverrides, kAxes };

struct PlacedFault {
  ConfigPart part = ConfigPart::kOverrides;
  ConfigFault fault;
};

// Either `faults` is empty, or `config` is meaningless.
struct ConfigOutcome {
  std::vector<PlacedFault> faults;
  CompleteConfig config;
};

// Checks every key and completes the configuration. Time and memory are linear
// in the texts; never crashes, whatever they hold.
ConfigOutcome CompleteConfigOf(const ConfigRequest& request);

// The JSON object in `text`; an empty text is an empty object. INVALID_ARGUMENT
// for anything else, for duplicate keys, and for nesting deeper than 16.
absl::StatusOr<nlohmann::json> ParseConfigObject(std::string_view text);

}  // namespace cusp::catalog
