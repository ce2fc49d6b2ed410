// Lengths of a job as people and scripts read them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "catalog/tokens.h"
#include "cusp/v1/job.pb.h"

namespace cusp::client {

// The unit of lengths, and the tokens that inputs become. Of files of other tools
// neither is known: lengths stand as they are.
struct JobLengths {
  JobLengths() = default;
  explicit JobLengths(const v1::Job& job);

  // What a script reads for a length in base units: a whole number, or of seconds any.
  nlohmann::ordered_json ToJson(int64_t length) const;

  v1::LengthUnit unit = v1::LENGTH_UNIT_UNSPECIFIED;
  catalog::TokenCounter tokens;
};

}  // namespace cusp::client
