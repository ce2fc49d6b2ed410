// The builders that the table of models refers to, one for each row of
// catalog/models.def.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/model.h"

namespace cusp::models {

// INVALID_ARGUMENT for options that the model has no answer to; the
// configuration itself is good.
#define CUSP_MODEL(type, Name)                                             \
  absl::StatusOr<std::unique_ptr<Model>> Build##Name(const Config& config, \
                                                     const BuildOptions& build);
#include "catalog/models.def"
#undef CUSP_MODEL

}  // namespace cusp::models
