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
                                                        .axes_json = {},
                                                        .longest_length = 1024,
                                                        .extend_positions = true});
  if (outcome.faults.empty()) {
    CUSP_CHECK(cusp::catalog::ParseConfigObject(outcome.config.json).ok());
    CUSP_CHECK(outcome.config.quantum >= 1 && outcome.config.parameters > 0);
  }
}

void ReadAsRunner(std::string_view text) {
  for (const bool profiling : {false, true}) {
    const auto config = cusp::models::Config::Parse(std::string(text), profiling, 512);
    CUSP_CHECK(config.ok() || absl::IsInvalidArgument(config.status()));
  }
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
