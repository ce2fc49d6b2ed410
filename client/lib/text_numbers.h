// Texts of a file as small numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace cusp::client {

// Numbers texts in order of first appearance. Files of a million rows may have half a
// million blocks, so texts that lie in the file are not copied. Not thread-safe.
class TextNumbers {
 public:
  // `file` must outlive this.
  explicit TextNumbers(std::string_view file) : file_(file) {}

  // `text` may lie in the file or, for as long as this call, anywhere else.
  uint32_t Id(std::string_view text);

  std::vector<std::string> Texts() const { return {texts_.begin(), texts_.end()}; }

 private:
  std::string_view file_;
  std::deque<std::string> copies_;
  std::vector<std::string_view> texts_;
  absl::flat_hash_map<absl::string_view, uint32_t> ids_;
  uint32_t last_ = 0;
};

}  // namespace cusp::client
