// The index of weights in several files.
#include "catalog/weights_index.h"
#include "common/check.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto index = cusp::catalog::ParseWeightsIndex(cusp::fuzz::TextOf(data, size));
  if (!index.ok()) {
    CUSP_CHECK(absl::IsInvalidArgument(index.status()));
    return 0;
  }
  CUSP_CHECK(!index->empty());
  for (const auto& [file, tensors] : *index) {
    // Beside the index, whatever its name.
    CUSP_CHECK(cusp::catalog::PathBeside("folder/index.json", file) == "folder/" + file);
    CUSP_CHECK(file != "." && file != ".." && !tensors.empty());
  }
  return 0;
}
