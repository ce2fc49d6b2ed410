// The one table of models.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/models/model.h"

namespace cusp::models {

// Every model_type that BuildModel knows, in the table's order.
std::vector<std::string> ModelTypes();

}  // namespace cusp::models
