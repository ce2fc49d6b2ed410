#include "catalog/quote.h"

#include <cstddef>

namespace cusp::catalog {
namespace {

constexpr size_t kLongest = 60;

// Bytes of the UTF-8 character at `at`, or 0 where there is no well-formed one.
size_t CharacterBytes(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  size_t bytes = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    bytes = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    bytes = 3;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    bytes = 4;
  }
  if (bytes == 0 || at + bytes > text.size()) {
    return 0;
  }
  for (size_t i = 1; i < bytes; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  // U+0080 to U+009F are control characters.
  return bytes == 2 && lead == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0 ? 0 : bytes;
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "'";
  size_t at = 0;
  while (at < text.size() && at < kLongest) {
    const char c = text[at];
    if (c >= 0x20 && c < 0x7F) {
      out += c;
      ++at;
    } else if (const size_t bytes = CharacterBytes(text, at); bytes > 0) {
      out += text.substr(at, bytes);
      at += bytes;
    } else {
      out += '?';
      ++at;
    }
  }
  out += at < text.size() ? "…'" : "'";
  return out;
}

}  // namespace cusp::catalog
