// Log lines that programs can read: "event key=value …" as text or as JSON.
#pragma once

#include <spdlog/formatter.h>

#include <memory>
#include <string>
#include <string_view>

namespace cusp {

// A value as it stands behind "key=": as it is, or in quotation marks, with \ before
// those and before \, where it has spaces, quotation marks or '='; control characters
// are written as \xNN, so that one line stays one line.
std::string LogValue(std::string_view text);

// The line as one JSON object: `message` has the words before the first pair, and each
// "key=value" is a member of its own, a text. Bytes that are no UTF-8 are replaced.
std::string LogLineToJson(std::string_view time, std::string_view level, std::string_view line);

// For `--log-format`: "text" is a line of time (UTC), level and words; "json" an object
// each. nullptr for another name.
std::unique_ptr<spdlog::formatter> MakeLogFormatter(std::string_view format);

}  // namespace cusp
