// Columns of text, aligned for a fixed-width font.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cusp::client {

// Columns that a UTF-8 text takes, counting each code point as one.
size_t DisplayWidth(std::string_view text);

// The first `width` columns of a text, with "…" at the end where it is longer.
std::string Shortened(std::string_view text, size_t width);

// Text without control characters, so that names from elsewhere can't steer
// the terminal.
std::string Printable(std::string_view text);

// Collects rows, then prints them with each column as wide as its widest cell.
// Value type.
class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  void AddRow(std::vector<std::string> cells);

  bool empty() const { return rows_.empty(); }

  // Title line and rows, each ended by a newline, indented by `indent` spaces.
  std::string ToString(size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cusp::client
