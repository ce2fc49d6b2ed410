#include "client/lib/cost_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "client/lib/csv_field.h"
#include "client/lib/csv_reader.h"
#include "client/lib/text_numbers.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

enum Column : size_t {
  kVariant,
  kLength,
  kValue,
  kMetric,
  kMode,
  kDtype,
  kBlock,
  kBatch,
  kQuantum,
  kSlack,
  kSeed,
  kExact,
  kResolution,
  kLeftOut,
  kUnit,
  kCount
};

constexpr std::array<std::string_view, kCount> kNames = {
    "variant",       "length", "value",      "metric",          "mode",
    "dtype",         "block",  "batch_size", "padding_quantum", "padding_slack",
    "analysis_seed", "exact",  "resolution", "left_out",        "length_unit"};
constexpr std::string_view kExpected = "the first line must be: variant,length,value";

class Parser {
 public:
  Parser(std::string_view text, const std::string& file)
      : reader_(text),
        file_(file),
        variants_(text),
        blocks_(text),
        metrics_(text),
        modes_(text),
        dtypes_(text),
        batches_(text) {}

  absl::StatusOr<CostTable> Run() {
    CUSP_ASSIGN_OR_RETURN(bool more, NextRecord());
    if (!more) {
      return absl::InvalidArgumentError(file_ + ":1: the file is empty; " + std::string(kExpected));
    }
    CUSP_RETURN_IF_ERROR(ReadHeader());
    while (true) {
      CUSP_ASSIGN_OR_RETURN(more, NextRecord());
      if (!more) {
        break;
      }
      CUSP_RETURN_IF_ERROR(ReadRow());
    }
    if (table_.rows.empty() && left_out_) {
      return Fault("every row is marked in `left_out`; nothing is left to analyse");
    }
    if (table_.rows.empty()) {
      return Fault("the file has a header and no rows; add one for each variant and length");
    }
    table_.variants = variants_.Texts();
    return std::move(table_);
  }

 private:
  absl::Status Fault(const std::string& message) const {
    return absl::InvalidArgumentError(file_ + ":" + std::to_string(reader_.line()) + ": " +
                                      message);
  }
  absl::Status Fault(Column column, const std::string& message) const {
    return Fault("column `" + std::string(kNames[column]) + "`: " + message);
  }

  absl::StatusOr<bool> NextRecord() {
    absl::StatusOr<bool> more = reader_.Next(fields_);
    return more.ok() ? more : Fault(std::string(more.status().message()));
  }

  absl::Status ReadHeader() {
    width_ = fields_.size();
    for (size_t i = 0; i < fields_.size(); ++i) {
      const std::string name = LowerCase(fields_[i]);
      const auto known = std::find(kNames.begin(), kNames.end(), name);
      if (known == kNames.end()) {
        continue;
      }
      std::optional<size_t>& place = place_[static_cast<size_t>(known - kNames.begin())];
      if (place) {
        return Fault("column `" + name + "` appears twice; keep one");
      }
      place = i;
    }
    for (const Column column : {kVariant, kLength, kValue}) {
      if (place_[column]) {
        continue;
      }
      std::string message = "no column `" + std::string(kNames[column]) + "`; " +
                            std::string(kExpected) + ", with further columns as you like";
      if (width_ == 1 && fields_[0].find_first_of(";\t") != std::string_view::npos) {
        message += "; fields are separated by commas";
      }
      return Fault(message);
    }
    table_.has_blocks = place_[kBlock].has_value();
    return absl::OkStatus();
  }

  std::string_view At(Column column) const {
    return place_[column] ? fields_[*place_[column]] : std::string_view();
  }

  absl::Status ReadRow() {
    if (fields_.size() != width_) {
      return Fault("the line has " + std::to_string(fields_.size()) + " fields, the header " +
                   std::to_string(width_));
    }
    if (!At(kLeftOut).empty()) {
      left_out_ = true;
      return absl::OkStatus();
    }
    CostRow row;
    row.line = reader_.line();
    if (At(kVariant).empty()) {
      return Fault(kVariant, "empty; name the variant");
    }
    row.variant = variants_.Id(At(kVariant));
    CUSP_RETURN_IF_ERROR(ReadUnit());
    CUSP_ASSIGN_OR_RETURN(row.length, Length(kLength, 1));
    const absl::StatusOr<double> value = CsvCost(At(kValue));
    if (!value.ok()) {
      return Fault(kValue, std::string(value.status().message()));
    }
    row.value = *value;
    if (table_.has_blocks) {
      if (At(kBlock).empty()) {
        return Fault(kBlock, "empty; every row needs its block, or the column must go");
      }
      row.block = blocks_.Id(At(kBlock));
    }
    row.group = Group();
    CUSP_RETURN_IF_ERROR(ReadGroupFacts(table_.groups[row.group]));
    CUSP_RETURN_IF_ERROR(ReadPadding(row));
    table_.rows.push_back(row);
    return absl::OkStatus();
  }

  absl::Status ReadUnit() {
    const v1::LengthUnit unit = catalog::LengthUnitFromText(LowerCase(At(kUnit)));
    if (unit_line_ != 0 && unit != table_.unit) {
      return Fault(kUnit, ShownField(At(kUnit)) + ", but line " + std::to_string(unit_line_) +
                              " has another unit; give all lengths in one");
    }
    unit_line_ = unit_line_ == 0 ? reader_.line() : unit_line_;
    table_.unit = unit;
    return absl::OkStatus();
  }

  absl::Status ReadPadding(const CostRow& row) {
    if (At(kQuantum).empty() && At(kSlack).empty()) {
      return absl::OkStatus();
    }
    CostPadding& padding = table_.paddings[{row.group, row.variant}];
    CUSP_RETURN_IF_ERROR(ReadOnce(kQuantum, 1, padding.quantum, padding.quantum_line));
    return ReadOnce(kSlack, 0, padding.slack, padding.slack_line);
  }

  // A length that all rows of a variant in a group agree on, first said on `line` (0: not yet).
  absl::Status ReadOnce(Column column, int64_t least, int64_t& value, int64_t& line) const {
    const std::string_view text = At(column);
    if (text.empty()) {
      return absl::OkStatus();
    }
    CUSP_ASSIGN_OR_RETURN(const int64_t length, Length(column, least));
    if (line != 0 && value != length) {
      return Fault(column, ShownField(text) + ", but line " + std::to_string(line) + " says " +
                               catalog::LengthText(value, table_.unit) +
                               " of the same variant; give it one padding");
    }
    line = line == 0 ? reader_.line() : line;
    value = length;
    return absl::OkStatus();
  }

  absl::Status ReadGroupFacts(CostGroup& group) const {
    if (const std::string_view text = At(kSeed); !group.seed && !text.empty()) {
      uint64_t seed = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
      if (error != std::errc() || end != text.data() + text.size()) {
        return Fault(kSeed, ShownField(text) + " is not a whole number from 0 to 2^64 - 1");
      }
      group.seed = seed;
    }
    if (const std::string_view text = At(kExact); !group.exact && !text.empty()) {
      // Other words are another tool's column of that name.
      const std::string lower = LowerCase(text);
      group.exact = lower == "yes" || lower == "no" ? std::optional(lower == "yes") : std::nullopt;
    }
    if (const std::string_view text = At(kResolution); group.resolution == 0 && !text.empty()) {
      // What is no number is another tool's column of that name.
      const double resolution = CsvNumber(text).value_or(0);
      group.resolution = resolution > 0 && std::isfinite(resolution) ? resolution : 0;
    }
    return absl::OkStatus();
  }

  // In base units, at least `least`.
  absl::StatusOr<int64_t> Length(Column column, int64_t least) const {
    const std::string_view text = At(column);
    const std::optional<double> number = CsvNumber(text);
    if (!number) {
      return Fault(column, ShownField(text) + " is not a number");
    }
    constexpr double kMost = 9007199254740992;  // beyond it doubles skip integers
    const int64_t base = catalog::BaseUnits(table_.unit);
    const double length = *number * static_cast<double>(base);
    if (base == 1 && !(length >= static_cast<double>(least) && length <= kMost &&
                       length == std::floor(length))) {
      return Fault(column, ShownField(text) + " is not a whole number from " +
                               std::to_string(least) + " on");
    }
    if (!(length >= static_cast<double>(least) - 0.5 && length <= kMost)) {
      return Fault(column, ShownField(text) + " is not a number of seconds from " +
                               catalog::LengthText(least, table_.unit) + " on");
    }
    return std::llround(length);
  }

  // Text of a column that may be missing or left empty.
  std::string_view Label(Column column, std::string_view otherwise) const {
    const std::string_view text = At(column);
    return text.empty() ? otherwise : text;
  }

  uint32_t Group() {
    const std::string_view metric = Label(kMetric, "latency");
    const std::string_view mode = Label(kMode, "inference");
    const std::string_view dtype = Label(kDtype, "float32");
    const std::string_view batch = Label(kBatch, "");
    const std::array<uint32_t, 4> key = {metrics_.Id(metric), modes_.Id(mode), dtypes_.Id(dtype),
                                         batches_.Id(batch)};
    if (key == last_key_ && !table_.groups.empty()) {
      return last_group_;
    }
    last_key_ = key;
    const auto [found, added] =
        groups_.try_emplace(key, static_cast<uint32_t>(table_.groups.size()));
    if (added) {
      table_.groups.push_back(
          {std::string(metric), std::string(mode), std::string(dtype), std::string(batch)});
    }
    last_group_ = found->second;
    return last_group_;
  }

  CsvReader reader_;
  const std::string& file_;
  std::vector<std::string_view> fields_;
  size_t width_ = 0;
  std::array<std::optional<size_t>, kCount> place_;
  TextNumbers variants_;
  TextNumbers blocks_;
  TextNumbers metrics_;
  TextNumbers modes_;
  TextNumbers dtypes_;
  TextNumbers batches_;
  std::map<std::array<uint32_t, 4>, uint32_t> groups_;
  std::array<uint32_t, 4> last_key_{};
  uint32_t last_group_ = 0;
  int64_t unit_line_ = 0;
  bool left_out_ = false;  // some row was
  CostTable table_;
};

}  // namespace

absl::StatusOr<CostTable> ParseCostCsv(std::string_view text, const std::string& file) {
  return Parser(text, file).Run();
}

}  // namespace cusp::client
