// A model's config.json: as the catalog completes it for a job, and as the
// runner reads it.
#include <string>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "common/check.h"
#include "tests/fuzz/fuzz_target.h"
#include "worker/models/config.h"

namespace {

void Complete(const cusp::catalog::Model& model, std::string_view text) {
  const auto outcome = cusp::catalog::CompleteConfigOf({.model = &model,
                                                        .preset = nullptr,
                                                        .base_json = text,
                                                        .overrides_json = {},
                                                        .longest_length = 1024,
                                                        .extend_positions = true});
  if (outcome.faults.empty()) {
    CUSP_CHECK(cusp::catalog::ParseConfigObject(outcome.config.json).ok());
    CUSP_CHECK(outcome.config.quantum >= 1 && outcome.config.parameters > 0);
  }
}

void ReadAsRunner(std::string_view text) {
  auto config = cusp::models::ConfigReader::Parse(std::string(text));
  if (!config.ok()) {
    CUSP_CHECK(absl::IsInvalidArgument(config.status()));
    return;
  }
  config->Text("model_type", "");
  config->Integer("hidden_size", 768, 1);
  config->OptionalInteger("pad_token_id", 0, 0);
  config->Number("layer_norm_eps", 1e-12, 0, 1);
  config->Boolean("is_decoder", false);
  config->Integers("attention_window", 512, 4, 2, 1 << 20);
  config->Require("attention_mode", "longformer", "the sliding window is not dilated");
  const absl::Status status = config->Finish();
  CUSP_CHECK(status.ok() || absl::IsInvalidArgument(status));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = cusp::fuzz::TextOf(data, size);
  for (const cusp::catalog::Model& model : cusp::catalog::Models()) {
    Complete(model, text);
  }
  ReadAsRunner(text);
  return 0;
}
