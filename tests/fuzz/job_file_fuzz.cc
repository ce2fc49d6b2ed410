// Job files. Files that they name are looked for in a folder that does not
// exist, so that answers depend on the input alone.
#include <string>

#include "catalog/job_check.h"
#include "client/lib/job_file.h"
#include "common/check.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto spec =
      cusp::client::ParseJobFile(cusp::fuzz::TextOf(data, size), "job.yaml", "/nonexistent");
  if (spec.ok()) {
    CUSP_CHECK(cusp::catalog::CheckJob(*spec).empty());
    return 0;
  }
  const std::string message(spec.status().message());
  CUSP_CHECK(absl::IsInvalidArgument(spec.status()));
  CUSP_CHECK(message.starts_with("job.yaml:") && message.find('\n') == std::string::npos);
  return 0;
}
