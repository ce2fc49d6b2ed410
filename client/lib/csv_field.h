// One field of a CSV file: as a number, and for messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace cusp::client {

// ASCII letters alone are changed.
std::string LowerCase(std::string_view text);

// In backquotes, and cut to a bearable length: a field of a broken file may be of any size
// and content.
std::string ShownField(std::string_view text);

// The decimal number that is all of `text`, a leading plus allowed; infinity where it is
// beyond a double's range. Nothing where it is none.
std::optional<double> CsvNumber(std::string_view text);

// A cost: a positive number, or infinity for `oom`, out of memory. INVALID_ARGUMENT says
// what else it is, and what to write.
absl::StatusOr<double> CsvCost(std::string_view text);

}  // namespace cusp::client
