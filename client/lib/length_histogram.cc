#include "client/lib/length_histogram.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "catalog/lengths.h"
#include "client/lib/csv_field.h"
#include "client/lib/csv_reader.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr double kMostCount = 1e15;
constexpr std::string_view kWanted = "write one length per line, or length,count";

class Parser {
 public:
  Parser(std::string_view text, const std::string& file, v1::LengthUnit unit)
      : reader_(text), file_(file), unit_(unit) {}

  absl::StatusOr<std::vector<analysis::LengthCount>> Run() {
    std::vector<std::string_view> fields;
    for (bool first = true;; first = false) {
      const absl::StatusOr<bool> more = reader_.Next(fields);
      if (!more.ok()) {
        return Fault(std::string(more.status().message()));
      }
      if (!*more) {
        break;
      }
      if (!first || !IsHeader(fields)) {
        CUSP_RETURN_IF_ERROR(Read(fields));
      }
    }
    std::vector<analysis::LengthCount> lengths;
    for (const auto& [length, count] : counts_) {
      lengths.push_back({length, count});
    }
    if (lengths.empty()) {
      return Fault("no length with a count above zero; " + std::string(kWanted));
    }
    return lengths;
  }

 private:
  absl::Status Fault(const std::string& message) const {
    return absl::InvalidArgumentError(file_ + ":" + std::to_string(reader_.line()) + ": " +
                                      message);
  }

  static bool IsHeader(const std::vector<std::string_view>& fields) {
    return LowerCase(fields[0]) == "length";
  }

  absl::Status Read(const std::vector<std::string_view>& fields) {
    if (fields.size() > 2) {
      return Fault("the line has " + std::to_string(fields.size()) + " fields; " +
                   std::string(kWanted));
    }
    CUSP_ASSIGN_OR_RETURN(const double length, Length(fields[0]));
    double count = 1;
    if (fields.size() == 2) {
      const std::optional<double> number = CsvNumber(fields[1]);
      if (!number || !(*number >= 0 && *number <= kMostCount)) {
        return Fault("the count " + ShownField(fields[1]) + " is not a number from 0 to 1e15");
      }
      count = *number;
    }
    if (count > 0) {
      counts_[length] += count;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<double> Length(std::string_view text) const {
    const std::optional<double> number = CsvNumber(text);
    if (!number) {
      return Fault("the length " + ShownField(text) + " is not a number; " + std::string(kWanted));
    }
    const int64_t base = catalog::BaseUnits(unit_);
    const double most = catalog::InUnit(static_cast<double>(catalog::LongestLength(unit_)), unit_);
    if (!(*number > 0 && *number <= most)) {
      return Fault("the length " + ShownField(text) + " is not above 0 and at most " +
                   catalog::LengthText(catalog::LongestLength(unit_), unit_));
    }
    if (base == 1 && *number != std::floor(*number)) {
      return Fault("the length " + ShownField(text) + " is not a whole number");
    }
    return static_cast<double>(catalog::FromUnit(*number, unit_));
  }

  CsvReader reader_;
  const std::string& file_;
  const v1::LengthUnit unit_;
  std::map<double, double> counts_;
};

}  // namespace

absl::StatusOr<std::vector<analysis::LengthCount>> ParseLengthHistogram(std::string_view text,
                                                                        const std::string& file,
                                                                        v1::LengthUnit unit) {
  return Parser(text, file, unit).Run();
}

}  // namespace cusp::client
