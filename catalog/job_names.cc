#include "catalog/job_names.h"

#include <algorithm>
#include <cstddef>

#include "catalog/quote.h"

namespace cusp::catalog {
namespace {

constexpr size_t kLongestName = 128;

}  // namespace

bool HasControl(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

std::string FaultOfName(const std::string& name) {
  if (name.empty()) {
    return "the name is missing; add name:";
  }
  if (name.size() > kLongestName) {
    return "the name " + Quoted(name) + " is longer than 128 bytes; shorten it";
  }
  if (HasControl(name)) {
    return "the name " + Quoted(name) + " holds control characters; use printable ones";
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return "the name " + Quoted(name) + " begins or ends with a space; remove it";
  }
  return "";
}

}  // namespace cusp::catalog
