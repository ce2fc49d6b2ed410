// DistilBERT's configuration, which says in words of its own what BERT's says.
#pragma once

#include <nlohmann/json.hpp>

namespace cusp::catalog {

// The values of a complete configuration under BERT's keys.
nlohmann::json EncoderKeysOfDistilbert(const nlohmann::json& config);

}  // namespace cusp::catalog
