// A model that computes nothing, for measuring what the harness itself costs.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "worker/models/model.h"

namespace cusp::runner {

// True for {"model_type": "cusp_noop", …}, which no catalog lists.
bool IsNoopConfig(const std::string& config_json);

// A model whose Forward waits `busy_ns` (0 without the key) by the clock and
// returns one number. INVALID_ARGUMENT names a wrong or unknown key. The clock
// outlives the model.
absl::StatusOr<std::unique_ptr<models::Model>> BuildNoopModel(const std::string& config_json,
                                                              const models::BuildOptions& options,
                                                              const Clock& clock);

}  // namespace cusp::runner
