#include "common/ids.h"

#include <sys/random.h>

#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>

#include "common/check.h"

namespace cusp {
namespace {

template <size_t N>
std::array<uint8_t, N> RandomBytes() {
  static_assert(N <= 256, "getrandom fills up to 256 bytes without interruption");
  std::array<uint8_t, N> bytes{};
  CUSP_CHECK(getrandom(bytes.data(), N, 0) == static_cast<ssize_t>(N));
  return bytes;
}

bool IsUuidDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::string NewUuid() {
  auto bytes = RandomBytes<16>();
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (const uint8_t byte : bytes) {
    if (IsUuidDash(text.size())) {
      text += '-';
    }
    text += kHex[byte >> 4U];
    text += kHex[byte & 0x0fU];
  }
  return text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const bool ok =
        IsUuidDash(i) ? text[i] == '-' : std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    if (!ok) {
      return false;
    }
  }
  return true;
}

std::string NewShortId() {
  // 32 characters, the first 22 of them letters.
  constexpr std::string_view kAlphabet = "abcdefghjkmnpqrstvwxyz0123456789";
  static_assert(kAlphabet.size() == 32);
  std::string id;
  for (const uint8_t byte : RandomBytes<10>()) {
    id += id.empty() ? kAlphabet[byte % 22U] : kAlphabet[byte & 31U];
  }
  return id;
}

}  // namespace cusp
