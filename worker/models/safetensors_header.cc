#include "worker/models/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/strict_json.h"

namespace cusp::models {
namespace {

struct TypeRow {
  const char* name;
  SafetensorsType type;
  uint64_t size;
};

constexpr TypeRow kTypes[] = {
    {"F64", SafetensorsType::kF64, 8}, {"F32", SafetensorsType::kF32, 4},
    {"F16", SafetensorsType::kF16, 2}, {"BF16", SafetensorsType::kBf16, 2},
    {"I64", SafetensorsType::kI64, 8}, {"I32", SafetensorsType::kI32, 4},
    {"I16", SafetensorsType::kI16, 2}, {"I8", SafetensorsType::kI8, 1},
    {"U8", SafetensorsType::kU8, 1},   {"BOOL", SafetensorsType::kBool, 1},
};

constexpr uint64_t kLengthBytes = 8;
constexpr int kDeepest = 3;  // a size, in its shape, in its entry, in the header

const TypeRow& RowOf(SafetensorsType type) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const TypeRow& row) { return row.type == type; });
}

absl::Status Bad(const std::string& tensor, const std::string& what) {
  constexpr size_t kShown = 100;
  return absl::InvalidArgumentError(
      absl::StrCat("tensor '", tensor.substr(0, kShown), "': ", what));
}

// Shape entries and offsets: whole, not negative, within int64.
std::optional<int64_t> AsSize(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return static_cast<int64_t>(number);
    }
  }
  return std::nullopt;
}

// a * b, or nothing when it does not fit.
std::optional<uint64_t> Multiply(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional<uint64_t>(product);
}

absl::StatusOr<SafetensorsEntry> ParseEntry(const std::string& name, const nlohmann::json& json) {
  if (!json.is_object()) {
    return Bad(name, "expected an object");
  }
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!json.contains(key)) {
      return Bad(name, absl::StrCat("has no ", key));
    }
  }
  if (json.size() != 3) {
    return Bad(name, "has keys besides dtype, shape and data_offsets");
  }
  SafetensorsEntry entry;
  const nlohmann::json& dtype = json["dtype"];
  const auto* row = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) {
    return dtype.is_string() && dtype.get_ref<const std::string&>() == r.name;
  });
  if (row == std::end(kTypes)) {
    return Bad(name, "dtype is not one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL");
  }
  entry.type = row->type;
  constexpr size_t kMaxDimensions = 32;
  if (!json["shape"].is_array() || json["shape"].size() > kMaxDimensions) {
    return Bad(name, "shape is not a list of at most 32 sizes");
  }
  std::optional<uint64_t> bytes = row->size;
  for (const nlohmann::json& item : json["shape"]) {
    const std::optional<int64_t> size = AsSize(item);
    if (!size.has_value()) {
      return Bad(name, "shape holds something other than sizes");
    }
    entry.shape.push_back(*size);
    bytes = bytes.has_value() ? Multiply(*bytes, static_cast<uint64_t>(*size)) : bytes;
  }
  const nlohmann::json& offsets = json["data_offsets"];
  const bool pair = offsets.is_array() && offsets.size() == 2;
  const std::optional<int64_t> begin = pair ? AsSize(offsets[0]) : std::nullopt;
  const std::optional<int64_t> end = pair ? AsSize(offsets[1]) : std::nullopt;
  if (!begin.has_value() || !end.has_value() || *begin > *end) {
    return Bad(name, "data_offsets is not [begin, end] with begin <= end");
  }
  entry.begin = static_cast<uint64_t>(*begin);
  entry.size = static_cast<uint64_t>(*end - *begin);
  if (!bytes.has_value() || *bytes != entry.size) {
    return Bad(name, "data_offsets differ from what dtype and shape take");
  }
  return entry;
}

// Byte ranges, in order, must follow one another and end with the data.
absl::Status CheckRanges(const SafetensorsHeader& header, uint64_t data_size) {
  std::vector<std::pair<std::string, SafetensorsEntry>> ordered(header.tensors.begin(),
                                                                header.tensors.end());
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.begin, a.second.size) < std::pair(b.second.begin, b.second.size);
  });
  uint64_t position = 0;
  for (const auto& [name, entry] : ordered) {
    if (entry.begin > data_size || entry.size > data_size - entry.begin) {
      return Bad(name, absl::StrCat("data_offsets reach beyond the file's ", data_size,
                                    " bytes of data; is the file truncated?"));
    }
    if (entry.begin != position) {
      return Bad(name, entry.begin < position ? "data overlaps another tensor's"
                                              : "data begins after a gap");
    }
    position = entry.begin + entry.size;
  }
  if (position != data_size) {
    return absl::InvalidArgumentError(
        absl::StrCat(data_size - position, " bytes follow the last tensor"));
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t SizeOf(SafetensorsType type) { return RowOf(type).size; }

const char* NameOf(SafetensorsType type) { return RowOf(type).name; }

absl::StatusOr<uint64_t> ParseSafetensorsLength(std::string_view first_bytes, uint64_t file_size) {
  if (first_bytes.size() < kLengthBytes || file_size < kLengthBytes) {
    return absl::InvalidArgumentError("too short for a safetensors file");
  }
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i > 0; --i) {
    length = (length << 8U) | static_cast<unsigned char>(first_bytes[i - 1]);
  }
  if (length > file_size - kLengthBytes || length > kMaxSafetensorsHeader) {
    return absl::InvalidArgumentError(absl::StrCat("the header claims ", length,
                                                   " bytes in a file of ", file_size,
                                                   "; not a safetensors file, or truncated"));
  }
  return length;
}

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view json,
                                                         uint64_t file_size) {
  if (file_size < kLengthBytes || json.size() > file_size - kLengthBytes) {
    return absl::InvalidArgumentError("the header is longer than the file");
  }
  const StrictJson parsed = ParseStrictJson(json, kDeepest);
  if (parsed.fault == JsonFault::kDuplicateKey) {
    return Bad(parsed.duplicate, "occurs twice");
  }
  if (parsed.fault != JsonFault::kNone) {
    return absl::InvalidArgumentError(parsed.fault == JsonFault::kSyntax
                                          ? "header: not JSON"
                                          : "header: nests deeper than the format does");
  }
  if (!parsed.value.is_object()) {
    return absl::InvalidArgumentError("header: expected a JSON object");
  }
  SafetensorsHeader header;
  for (const auto& [name, value] : parsed.value.items()) {
    if (name == "__metadata__") {
      continue;
    }
    CUSP_ASSIGN_OR_RETURN(header.tensors[name], ParseEntry(name, value));
  }
  const uint64_t data_begin = kLengthBytes + json.size();
  CUSP_RETURN_IF_ERROR(CheckRanges(header, file_size - data_begin));
  for (auto& [name, entry] : header.tensors) {
    entry.begin += data_begin;
  }
  return header;
}

std::string FormatSafetensorsHeader(const std::vector<SafetensorsLayout>& tensors) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  uint64_t position = 0;
  for (const SafetensorsLayout& tensor : tensors) {
    uint64_t end = SizeOf(tensor.type);
    for (const int64_t size : tensor.shape) {
      end *= static_cast<uint64_t>(size);
    }
    end += position;
    json[tensor.name] = {
        {"dtype", NameOf(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = json.dump();
  // Data then begins at a multiple of 8 bytes.
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  std::string result;
  for (uint64_t i = 0; i < kLengthBytes; ++i) {
    result.push_back(static_cast<char>((text.size() >> (8 * i)) & 0xffU));
  }
  return result + text;
}

}  // namespace cusp::models
