// Records of comma-separated values, as RFC 4180 has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace cusp::client {

// Walks over a whole text held by the caller: quoted fields, CRLF or LF, a byte
// order mark, blank lines skipped, spaces around unquoted fields dropped. Value
// semantics are not needed; not thread-safe.
class CsvReader {
 public:
  // `text` must outlive the reader.
  explicit CsvReader(std::string_view text);

  // Fills `fields` with the next record; false at the end. The views live until
  // the next call. INVALID_ARGUMENT, without the file's name, for a quote that
  // is never closed or text after a closing one.
  absl::StatusOr<bool> Next(std::vector<std::string_view>& fields);

  // Line on which the record last returned begins, from 1.
  int64_t line() const { return line_; }

 private:
  absl::StatusOr<std::string_view> Quoted();
  std::string_view Plain();
  // Passes the end of a line; false where there is none.
  bool SkipLineEnd();

  std::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
  std::deque<std::string> unquoted_;  // fields that hold doubled quotes
};

}  // namespace cusp::client
