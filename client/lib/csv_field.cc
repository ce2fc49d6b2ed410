#include "client/lib/csv_field.h"

#include <algorithm>
#include <charconv>
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

}  // namespace cusp::client
