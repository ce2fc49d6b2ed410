#include "client/lib/text_numbers.h"

#include <functional>

namespace cusp::client {

uint32_t TextNumbers::Id(std::string_view text) {
  if (!texts_.empty() && texts_[last_] == text) {
    return last_;
  }
  const auto found = ids_.find(absl::string_view(text.data(), text.size()));
  if (found != ids_.end()) {
    last_ = found->second;
    return last_;
  }
  // An unquoted field lives only as long as its record.
  const std::less<const char*> before;
  if (before(text.data(), file_.data()) || !before(text.data(), file_.data() + file_.size())) {
    text = copies_.emplace_back(text);
  }
  last_ = static_cast<uint32_t>(texts_.size());
  ids_.emplace(absl::string_view(text.data(), text.size()), last_);
  texts_.push_back(text);
  return last_;
}

}  // namespace cusp::client
