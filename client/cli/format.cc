#include "client/cli/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/metrics.h"

namespace cusp::client {
namespace {

// Three significant digits without an exponent.
std::string ThreeDigits(double value) {
  const double magnitude = std::fabs(value);
  const int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

struct Scale {
  double unit;
  const char* name;
};

// The largest unit in which the value is at least 1, as far as three digits
// tell: 999.9 µs is 1 ms.
template <size_t N>
std::string Scaled(double value, const std::array<Scale, N>& scales) {
  for (const Scale& scale : scales) {
    if (value >= 0.9995 * scale.unit) {
      return ThreeDigits(value / scale.unit) + " " + scale.name;
    }
  }
  return ThreeDigits(value / scales.back().unit) + " " + scales.back().name;
}

// 30 of "30d".
std::optional<int64_t> WholeDays(const std::string& text) {
  constexpr size_t kMostDigits = 5;
  const std::string number = text.substr(0, text.size() - (text.empty() ? 0 : 1));
  const bool digits = !number.empty() && number.size() <= kMostDigits &&
                      number.find_first_not_of("0123456789") == std::string::npos;
  return digits && text.back() == 'd' ? std::optional<int64_t>(std::stoll(number)) : std::nullopt;
}

}  // namespace

std::string FormatCount(int64_t value) {
  const std::string digits = std::to_string(value < 0 ? -value : value);
  std::string text = value < 0 ? "-" : "";
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      text += ',';
    }
    text += digits[i];
  }
  return text;
}

std::string FormatLength(double length, v1::LengthUnit unit) {
  if (catalog::BaseUnits(unit) == 1) {
    return FormatCount(std::llround(length));
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.4g", catalog::InUnit(length, unit));
  return text.data();
}

std::string FormatSeconds(double seconds) {
  static constexpr std::array<Scale, 4> kScales = {
      {{1.0, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}};
  return Scaled(seconds, kScales);
}

std::string FormatBytes(double bytes) {
  static constexpr std::array<Scale, 4> kScales = {
      {{0x1p40, "TiB"}, {0x1p30, "GiB"}, {0x1p20, "MiB"}, {0x1p10, "KiB"}}};
  if (bytes < 1023.5) {
    return FormatCount(std::llround(bytes)) + " B";
  }
  return Scaled(bytes, kScales);
}

std::string FormatPercent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), std::fabs(share) < 0.0995 ? "%.1f" : "%.0f", 100 * share);
  return text.data();
}

std::string FormatCost(v1::Metric metric, double value) {
  static constexpr std::array<Scale, 5> kOperations = {
      {{1e15, "PFLOP"}, {1e12, "TFLOP"}, {1e9, "GFLOP"}, {1e6, "MFLOP"}, {1, "FLOP"}}};
  switch (catalog::QuantityOf(metric)) {
    case catalog::Quantity::kBytes:
      return FormatBytes(value);
    case catalog::Quantity::kInputsPerSecond:
      return ThreeDigits(value) + "/s";
    case catalog::Quantity::kJoules:
      return ThreeDigits(value) + " J";
    case catalog::Quantity::kWatts:
      return ThreeDigits(value) + " W";
    case catalog::Quantity::kOperations:
      return Scaled(value, kOperations);
    case catalog::Quantity::kInputs:
      return FormatCount(std::llround(value));
    case catalog::Quantity::kSeconds:
      break;
  }
  return FormatSeconds(value);
}

std::string MetricWords(v1::Metric metric) { return Words(catalog::ToText(metric)); }

std::string Words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string FormatDuration(std::chrono::seconds duration) {
  const int64_t seconds = std::max<int64_t>(duration.count(), 0);
  std::array<char, 64> text{};
  if (seconds < 60) {
    std::snprintf(text.data(), text.size(), "%llds", static_cast<long long>(seconds));
  } else if (seconds < 3600) {
    std::snprintf(text.data(), text.size(), "%lldm%02llds", static_cast<long long>(seconds / 60),
                  static_cast<long long>(seconds % 60));
  } else {
    std::snprintf(text.data(), text.size(), "%lldh%02lldm", static_cast<long long>(seconds / 3600),
                  static_cast<long long>(seconds / 60 % 60));
  }
  return text.data();
}

std::string FormatAgo(const google::protobuf::Timestamp& time, int64_t now_seconds) {
  if (time.seconds() == 0) {
    return "-";
  }
  const int64_t age = std::max<int64_t>(now_seconds - time.seconds(), 0);
  if (age < 5) {
    return "just now";
  }
  if (age < 60) {
    return std::to_string(age) + "s ago";
  }
  if (age < 3600) {
    return std::to_string(age / 60) + "m ago";
  }
  if (age < 48 * 3600) {
    return std::to_string(age / 3600) + "h ago";
  }
  return std::to_string(age / 86400) + "d ago";
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) {
    return "-";
  }
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

absl::StatusOr<std::chrono::milliseconds> ParseDuration(const std::string& text) {
  absl::Duration duration;
  const bool number = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
  if (!absl::ParseDuration(number ? text + "s" : text, &duration) ||
      duration < absl::Milliseconds(1) || duration > absl::Hours(24 * 365)) {
    return absl::InvalidArgumentError("`" + text +
                                      "` is no duration: write 90s, 10m or 1h30m, up to a year");
  }
  return absl::ToChronoMilliseconds(duration);
}

absl::StatusOr<int64_t> ParseDeadline(const std::string& text, int64_t now_us) {
  absl::Time time;
  std::string ignored;
  int64_t deadline_us = 0;
  // Up to the year 9999; "infinite-past" is a time to ParseTime() too.
  const absl::Time last = absl::FromUnixSeconds(253'402'300'799);
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &ignored) && time > absl::UnixEpoch() &&
      time <= last) {
    deadline_us = absl::ToUnixMicros(time);
  } else if (const auto duration = ParseDuration(text); duration.ok()) {
    deadline_us = now_us + std::chrono::microseconds(*duration).count();
  } else {
    return absl::InvalidArgumentError(
        "`" + text + "` is no deadline: write 2h, 90m, or a time such as 2026-11-30T18:00:00Z");
  }
  if (deadline_us <= now_us) {
    return absl::InvalidArgumentError("the deadline `" + text + "` has passed already");
  }
  return deadline_us;
}

absl::StatusOr<std::chrono::seconds> ParseLifetime(const std::string& text) {
  constexpr int64_t kMostDays = 100 * 365;
  if (const auto days = WholeDays(text); days.has_value() && *days > 0 && *days <= kMostDays) {
    return std::chrono::hours(24) * *days;
  }
  const auto duration = ParseDuration(text);
  if (!duration.ok() || *duration < std::chrono::seconds(1)) {
    return absl::InvalidArgumentError("`" + text +
                                      "` is no time until something ends: write 90d, 12h or 30m, "
                                      "up to 100 years");
  }
  return std::chrono::duration_cast<std::chrono::seconds>(*duration);
}

absl::StatusOr<int64_t> ParseSince(const std::string& text, int64_t now_seconds) {
  absl::CivilDay day;
  if (absl::ParseCivilTime(text, &day)) {
    return absl::ToUnixSeconds(absl::FromCivil(day, absl::UTCTimeZone()));
  }
  if (const auto days = WholeDays(text); days.has_value()) {
    return now_seconds - *days * 24 * 3600;
  }
  const auto duration = ParseDuration(text);
  if (!duration.ok()) {
    return absl::InvalidArgumentError("`" + text +
                                      "` is neither a date nor a time ago: write 2026-11-01, 30d "
                                      "or 12h");
  }
  return now_seconds - std::chrono::duration_cast<std::chrono::seconds>(*duration).count();
}

}  // namespace cusp::client
