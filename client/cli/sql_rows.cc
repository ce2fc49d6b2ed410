#include "client/cli/sql_rows.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cli/text_table.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kWidestCell = 60;

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

// The shortest text that gives the same number back.
std::string Number(double value) {
  std::array<char, 64> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

// Nothing for NULL.
std::optional<std::string> TextOf(const v1::SqlValue& value) {
  switch (value.kind_case()) {
    case v1::SqlValue::kInteger:
      return std::to_string(value.integer());
    case v1::SqlValue::kReal:
      return Number(value.real());
    case v1::SqlValue::kText:
      return value.text();
    case v1::SqlValue::kBlob:
      return Hex(value.blob());
    default:
      return std::nullopt;
  }
}

class TableRows final : public SqlRows {
 public:
  std::string Take(const v1::RunQueryResponse& response) override {
    titles_.insert(titles_.end(), response.columns().begin(), response.columns().end());
    rows_.insert(rows_.end(), response.rows().begin(), response.rows().end());
    return "";
  }

  std::string Finish() override {
    std::vector<TextTable::Column> columns;
    for (size_t i = 0; i < titles_.size(); ++i) {
      columns.push_back(
          {Shortened(Printable(titles_[i]), kWidestCell),
           IsNumeric(static_cast<int>(i)) ? TextTable::Align::kRight : TextTable::Align::kLeft});
    }
    TextTable table(std::move(columns));
    for (const v1::SqlRow& row : rows_) {
      std::vector<std::string> cells;
      for (const v1::SqlValue& value : row.values()) {
        cells.push_back(Shortened(Printable(TextOf(value).value_or("-")), kWidestCell));
      }
      table.AddRow(std::move(cells));
    }
    return table.ToString();
  }

 private:
  // Of those values that are there.
  bool IsNumeric(int column) const {
    bool numeric = false;
    for (const v1::SqlRow& row : rows_) {
      const auto kind = row.values(column).kind_case();
      if (kind == v1::SqlValue::kText || kind == v1::SqlValue::kBlob) {
        return false;
      }
      numeric = numeric || kind != v1::SqlValue::KIND_NOT_SET;
    }
    return numeric;
  }

  std::vector<std::string> titles_;
  std::vector<v1::SqlRow> rows_;
};

class CsvRows final : public SqlRows {
 public:
  std::string Take(const v1::RunQueryResponse& response) override {
    std::string text;
    std::string line;
    for (const std::string& column : response.columns()) {
      line += (line.empty() ? "" : ",") + Field(column);
    }
    text += response.columns_size() > 0 ? line + "\n" : "";
    for (const v1::SqlRow& row : response.rows()) {
      for (int i = 0; i < row.values_size(); ++i) {
        text += (i == 0 ? "" : ",") + Field(TextOf(row.values(i)).value_or(""));
      }
      text += "\n";
    }
    return text;
  }
  std::string Finish() override { return ""; }

 private:
  static std::string Field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
      return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
      quoted += c;
      if (c == '"') {
        quoted += '"';
      }
    }
    return quoted + "\"";
  }
};

class JsonRows final : public SqlRows {
 public:
  std::string Take(const v1::RunQueryResponse& response) override {
    std::string text;
    if (response.columns_size() > 0) {
      Json columns = Json::array();
      for (const std::string& column : response.columns()) {
        columns.push_back(column);
      }
      text += "{\"columns\": " + Dump(columns) + ", \"rows\": [";
    }
    for (const v1::SqlRow& row : response.rows()) {
      Json values = Json::array();
      for (const v1::SqlValue& value : row.values()) {
        values.push_back(ValueOf(value));
      }
      text += (is_first_ ? "\n" : ",\n") + Dump(values);
      is_first_ = false;
    }
    truncated_ = truncated_ || response.truncated();
    return text;
  }
  std::string Finish() override {
    return std::string(is_first_ ? "" : "\n") +
           "], \"truncated\": " + (truncated_ ? "true" : "false") + "}\n";
  }

 private:
  static std::string Dump(const Json& json) {
    return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
  }

  static Json ValueOf(const v1::SqlValue& value) {
    switch (value.kind_case()) {
      case v1::SqlValue::kInteger:
        return value.integer();
      case v1::SqlValue::kReal:
        return value.real();
      case v1::SqlValue::KIND_NOT_SET:
        return nullptr;
      default:
        return TextOf(value).value_or("");
    }
  }

  bool is_first_ = true;
  bool truncated_ = false;
};

}  // namespace

std::unique_ptr<SqlRows> MakeSqlRows(SqlForm form) {
  switch (form) {
    case SqlForm::kCsv:
      return std::make_unique<CsvRows>();
    case SqlForm::kJson:
      return std::make_unique<JsonRows>();
    default:
      return std::make_unique<TableRows>();
  }
}

}  // namespace cusp::client
