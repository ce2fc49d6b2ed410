#include "client/lib/csv_field.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>

namespace cusp::client {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string ShownField(std::string_view text) {
  constexpr size_t kMost = 40;
  std::string shown = "`";
  for (const char c : text.substr(0, kMost)) {
    shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  return shown + (text.size() > kMost ? "…`" : "`");
}

std::optional<double> CsvNumber(std::string_view text) {
  double value = 0;
  const char* begin = text.data() + (text.substr(0, 1) == "+" ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty() || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    return std::numeric_limits<double>::infinity();
  }
  return value;
}

absl::StatusOr<double> CsvCost(std::string_view text) {
  if (text.size() == 3 && LowerCase(text) == "oom") {
    return std::numeric_limits<double>::infinity();
  }
  if (text.empty()) {
    return absl::InvalidArgumentError("empty; leave the row out, or write oom for out of memory");
  }
  const std::optional<double> value = CsvNumber(text);
  if (!value) {
    return absl::InvalidArgumentError(ShownField(text) +
                                      " is not a number; write a positive number or oom");
  }
  if (!std::isfinite(*value)) {
    return absl::InvalidArgumentError(
        ShownField(text) +
        " is not a finite number; leave the row out, or write oom for out of memory");
  }
  if (*value <= 0) {
    return absl::InvalidArgumentError(ShownField(text) + " is not positive; a cost is above zero");
  }
  return *value;
}

}  // namespace cusp::client
