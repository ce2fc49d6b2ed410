#include "client/lib/yaml_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cusp::client {
namespace {

// Bytes of the character at `at` by RFC 3629, or 0 where there is none.
size_t Utf8Bytes(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const uint32_t lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return 0;
    }
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  const uint32_t least = bytes == 2 ? 0x80U : bytes == 3 ? 0x800U : 0x10000U;
  const bool good = lead >= 0xC2 && lead <= 0xF4 && code >= least && code <= 0x10FFFFU &&
                    !(code >= 0xD800U && code <= 0xDFFFU);
  return good ? bytes : 0;
}

std::string Hex(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("0x") + digits[byte >> 4U] + digits[byte & 0xFU];
}

// Walks a text by characters.
class Walk {
 public:
  Walk(std::string_view text, bool is_json) : text_(text), is_json_(is_json) {}

  std::optional<YamlFault> Run(std::string& clean) {
    while (at_ < text_.size()) {
      const size_t bytes = Utf8Bytes(text_, at_);
      if (bytes == 0) {
        return YamlFault{mark_, "the file is no UTF-8 text; save it as UTF-8"};
      }
      const char c = text_[at_];
      if (auto fault = CheckCharacter(c)) {
        return fault;
      }
      if (c == '\t' && is_json_) {
        clean += ' ';
      } else {
        clean += text_.substr(at_, bytes);
      }
      Advance(c, bytes);
    }
    return std::nullopt;
  }

 private:
  std::optional<YamlFault> CheckCharacter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F) {
      return YamlFault{mark_, "a control character (" + Hex(c) + "); is this a job file?"};
    }
    if (c == '\t' && indenting_ && !is_json_ && !BlankFromHere()) {
      return YamlFault{mark_,
                       "a tab in the indentation, which YAML forbids; use spaces instead of tabs"};
    }
    return std::nullopt;
  }

  bool BlankFromHere() const {
    const size_t next = text_.find_first_not_of(" \t\r", at_);
    return next == std::string_view::npos || text_[next] == '\n' || text_[next] == '#';
  }

  void Advance(char c, size_t bytes) {
    at_ += bytes;
    if (c == '\n') {
      ++mark_.line;
      mark_.column = 1;
      indenting_ = true;
    } else {
      mark_.column += static_cast<int>(bytes);
      indenting_ = indenting_ && (c == ' ' || c == '\t');
    }
  }

  std::string_view text_;
  bool is_json_;
  size_t at_ = 0;
  YamlMark mark_;
  bool indenting_ = true;
};

}  // namespace

std::optional<YamlFault> CleanYamlText(std::string_view text, std::string& clean) {
  constexpr std::string_view bom = "\xEF\xBB\xBF";
  if (text.starts_with(bom)) {
    text.remove_prefix(bom.size());
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && text[first] == '{';
  clean.clear();
  clean.reserve(text.size());
  return Walk(text, is_json).Run(clean);
}

}  // namespace cusp::client
