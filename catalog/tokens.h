// Tokens that inputs of a job become.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "catalog/model.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

// Frames of speech, patches of images; of text, lengths are tokens already. Immutable
// once made.
class TokenCounter {
 public:
  // Knows nothing.
  TokenCounter() = default;
  // Nothing can be told of a job that this version does not understand.
  explicit TokenCounter(const v1::JobSpec& spec);

  // Tokens of an input of `length` (in base units) for the variant of that name;
  // nullopt where lengths are tokens, or it can't be told.
  std::optional<int64_t> At(const std::string& variant, int64_t length) const;

 private:
  struct Variant {
    const Model* model;
    nlohmann::json config;
  };
  std::map<std::string, Variant> variants_;
};

}  // namespace cusp::catalog
