// Matching a file's tensors to a model's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/models/safetensors_header.h"

namespace cusp::models {

// How a file's names map to the model's.
struct WeightNames {
  std::map<std::string, std::string> file_name_of;  // model's name -> file's name
  std::vector<std::string> notes;                   // what was skipped
};

// Understands a checkpoint of the bare model (`embeddings.…`), of a model with
// a head (`bert.embeddings.…` beside `cls.…`, at most three such parts), and the
// older LayerNorm.gamma and .beta. Skips poolers, heads, and stored position indices, with a note.
// INVALID_ARGUMENT names what is missing or surplus.
absl::StatusOr<WeightNames> MatchWeightNames(const std::map<std::string, SafetensorsEntry>& file,
                                             const std::vector<std::string>& model);

}  // namespace cusp::models
