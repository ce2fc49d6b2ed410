// Numbers, times and states as people read them. Pure functions.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// 1234567 -> "1,234,567".
std::string FormatCount(int64_t value);

// A length (in base units) in `unit`: "1,180", or "3.264" seconds, of which four
// digits are shown.
std::string FormatLength(double length, v1::LengthUnit unit);

// Three significant digits: "1.18 s", "12.3 ms", "456 µs".
std::string FormatSeconds(double seconds);

// "12.3 MiB", "1.50 GiB", "512 B".
std::string FormatBytes(double bytes);

// A share without the sign of per cent: "12", and below ten "5.1".
std::string FormatPercent(double share);

// A cost in its metric's unit (v1::Sample::value).
std::string FormatCost(v1::Metric metric, double value);

// "peak memory" of METRIC_PEAK_MEMORY; "timed out" of "timed_out".
std::string MetricWords(v1::Metric metric);
std::string Words(std::string text);

// "45s", "2m10s", "3h05m"; rounded to what matters.
std::string FormatDuration(std::chrono::seconds duration);

// "just now", "5m ago", "3d ago"; "-" where `time` is not set.
std::string FormatAgo(const google::protobuf::Timestamp& time, int64_t now_seconds);

// "2026-11-28 20:31" in UTC; "-" where `time` is not set.
std::string FormatTime(const google::protobuf::Timestamp& time);

// "90s", "10m", "1h30m", or a number of seconds. INVALID_ARGUMENT for anything
// else, and for zero and less.
absl::StatusOr<std::chrono::milliseconds> ParseDuration(const std::string& text);

// A moment to come, in microseconds since 1970 UTC: a time after `now_us` ("2h"), or
// a moment in RFC 3339 ("2026-11-30T18:00:00Z"). INVALID_ARGUMENT, also for one that
// has passed.
absl::StatusOr<int64_t> ParseDeadline(const std::string& text, int64_t now_us);
// How long something is to last: "90d", or as ParseDuration() takes it; whole seconds,
// up to 100 years. INVALID_ARGUMENT.
absl::StatusOr<std::chrono::seconds> ParseLifetime(const std::string& text);

// A moment of the past, in seconds since 1970 UTC: the beginning of a day in UTC
// ("2026-11-01"), or a time before `now_seconds` ("30d", "12h"). INVALID_ARGUMENT.
absl::StatusOr<int64_t> ParseSince(const std::string& text, int64_t now_seconds);

}  // namespace cusp::client
