#include "worker/models/attention_choice.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace cusp::models {

absl::StatusOr<AttentionBackend> ChooseBackend(const AttentionShape& shape,
                                               const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, AttentionBackendByName(build.attention));
  CUSP_RETURN_IF_ERROR(CheckAttentionBackend(backend, shape.heads, shape.head_size, build.dtype,
                                             build.device, build.training));
  return backend;
}

absl::Status RequireEager(const BuildOptions& build, const std::string& model_type) {
  if (build.attention == "eager") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("attention: '", build.attention,
                                                 "' does not exist for ", model_type,
                                                 ", which no fused kernel computes; only eager"));
}

}  // namespace cusp::models
