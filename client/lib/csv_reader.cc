#include "client/lib/csv_reader.h"

namespace cusp::client {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

CsvReader::CsvReader(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    at_ = kByteOrderMark.size();
  }
}

bool CsvReader::SkipLineEnd() {
  size_t end = at_;
  if (end < text_.size() && text_[end] == '\r') {
    ++end;
  }
  if (end < text_.size() && text_[end] == '\n') {
    ++end;
  }
  if (end == at_) {
    return false;
  }
  at_ = end;
  ++next_line_;
  return true;
}

std::string_view CsvReader::Plain() {
  size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
    ++at_;
  }
  size_t end = at_;
  while (begin < end && IsBlank(text_[begin])) {
    ++begin;
  }
  while (end > begin && IsBlank(text_[end - 1])) {
    --end;
  }
  return text_.substr(begin, end - begin);
}

absl::StatusOr<std::string_view> CsvReader::Quoted() {
  const size_t begin = ++at_;
  bool doubled = false;
  while (at_ < text_.size()) {
    if (text_[at_] == '\n') {
      ++next_line_;
    }
    if (text_[at_] == '"') {
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') {
        break;
      }
      doubled = true;
      ++at_;
    }
    ++at_;
  }
  if (at_ >= text_.size()) {
    return absl::InvalidArgumentError("a quote is opened and never closed");
  }
  const std::string_view inside = text_.substr(begin, at_ - begin);
  ++at_;
  while (at_ < text_.size() && IsBlank(text_[at_])) {
    ++at_;
  }
  if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
    return absl::InvalidArgumentError(
        "text after a closing quote; inside a quoted field write \"\" for a quote");
  }
  if (!doubled) {
    return inside;
  }
  std::string& copy = unquoted_.emplace_back();
  for (size_t i = 0; i < inside.size(); ++i) {
    copy += inside[i];
    i += inside[i] == '"' ? 1U : 0U;
  }
  return std::string_view(copy);
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string_view>& fields) {
  fields.clear();
  unquoted_.clear();
  while (SkipLineEnd()) {
  }
  line_ = next_line_;
  if (at_ >= text_.size()) {
    return false;
  }
  while (true) {
    while (at_ < text_.size() && IsBlank(text_[at_])) {
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] == '"') {
      absl::StatusOr<std::string_view> field = Quoted();
      if (!field.ok()) {
        return field.status();
      }
      fields.push_back(*field);
    } else {
      fields.push_back(Plain());
    }
    if (at_ >= text_.size() || text_[at_] != ',') {
      SkipLineEnd();
      return true;
    }
    ++at_;
  }
}

}  // namespace cusp::client
