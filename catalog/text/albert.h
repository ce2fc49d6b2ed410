// Which of ALBERT's layers share their parameters.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace cusp::catalog {

// The group whose layers the `layer`-th step runs.
int64_t AlbertGroup(const nlohmann::json& config, int64_t layer);

}  // namespace cusp::catalog
