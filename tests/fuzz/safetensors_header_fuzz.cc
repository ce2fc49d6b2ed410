// The first 8 bytes of a weights file, its JSON, and data behind it.
#include "common/check.h"
#include "tests/fuzz/fuzz_target.h"
#include "worker/models/safetensors_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace models = cusp::models;
  const std::string_view file = cusp::fuzz::TextOf(data, size);
  const auto length = models::ParseSafetensorsLength(file.substr(0, 8), file.size());
  if (!length.ok()) {
    CUSP_CHECK(absl::IsInvalidArgument(length.status()));
    return 0;
  }
  CUSP_CHECK(*length <= file.size() - 8);
  const auto header = models::ParseSafetensorsHeader(file.substr(8, *length), file.size());
  if (!header.ok()) {
    CUSP_CHECK(absl::IsInvalidArgument(header.status()));
    return 0;
  }
  uint64_t total = 8 + *length;
  for (const auto& [name, entry] : header->tensors) {
    CUSP_CHECK(entry.begin >= 8 + *length && entry.begin + entry.size <= file.size());
    total += entry.size;
  }
  CUSP_CHECK(total == file.size());
  return 0;
}
