// The header of a safetensors file, without reading any tensor.
//
// Layout: 8 bytes of little-endian length, that many bytes of JSON
// {"name": {"dtype", "shape", "data_offsets": [begin, end]}, …}, then the data
// without gaps.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::models {

enum class SafetensorsType { kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU8, kBool };

struct SafetensorsEntry {
  SafetensorsType type = SafetensorsType::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // from the start of the file
  uint64_t size = 0;   // in bytes
};

struct SafetensorsHeader {
  std::map<std::string, SafetensorsEntry> tensors;
};

// A longer header is refused, as in the reference implementation.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// Bytes of one element.
uint64_t SizeOf(SafetensorsType type);
const char* NameOf(SafetensorsType type);

// The header's length from the first 8 bytes of a file of `file_size`.
// INVALID_ARGUMENT where it does not fit into the file or exceeds the limit.
absl::StatusOr<uint64_t> ParseSafetensorsLength(std::string_view first_bytes, uint64_t file_size);

// Everything about the JSON is checked: names occur once, types are known, the
// shape's product is the byte range, ranges cover the data without overlap or
// gap and end with the file. INVALID_ARGUMENT names the tensor.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view json, uint64_t file_size);

// The opposite: length and JSON for tensors in this order, padded to 8 bytes.
struct SafetensorsLayout {
  std::string name;
  SafetensorsType type = SafetensorsType::kF32;
  std::vector<int64_t> shape;
};
std::string FormatSafetensorsHeader(const std::vector<SafetensorsLayout>& tensors);

}  // namespace cusp::models
