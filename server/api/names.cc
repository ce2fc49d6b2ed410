#include "server/api/names.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
constexpr size_t kMaxNameBytes = 300;
constexpr size_t kMaxWorkerIdBytes = 100;
constexpr size_t kMaxUserBytes = 64;

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(slash + 1);
  }
}

template <typename T>
bool ParseNumber(std::string_view text, T& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && number > 0;
}

bool IsJobId(std::string_view id) {
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

bool IsPlain(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != std::string_view::npos;
  });
}

absl::Status BadName(std::string_view name, const std::string& form) {
  return absl::InvalidArgumentError("\"" + std::string(name.substr(0, kMaxNameBytes)) +
                                    "\" is no name of the form " + form);
}

absl::Status BadPageToken() {
  return absl::InvalidArgumentError(
      "page_token is not one that this list gave; start again without it");
}

}  // namespace

absl::StatusOr<std::string> ParseJobName(std::string_view name) {
  const auto parts = Split(name.substr(0, kMaxNameBytes));
  if (parts.size() != 2 || parts[0] != "jobs" || !IsJobId(parts[1])) {
    return BadName(name, "jobs/{id}");
  }
  return std::string(parts[1]);
}

absl::StatusOr<SweepName> ParseSweepName(std::string_view name) {
  const auto parts = Split(name.substr(0, kMaxNameBytes));
  SweepName sweep;
  if (parts.size() != 4 || parts[0] != "jobs" || !IsJobId(parts[1]) || parts[2] != "sweeps" ||
      !ParseNumber(parts[3], sweep.number)) {
    return BadName(name, "jobs/{id}/sweeps/{n}");
  }
  sweep.job = parts[1];
  return sweep;
}

absl::StatusOr<AttemptName> ParseAttemptName(std::string_view name) {
  const auto parts = Split(name.substr(0, kMaxNameBytes));
  AttemptName attempt;
  if (parts.size() != 6 || parts[0] != "jobs" || !IsJobId(parts[1]) || parts[2] != "sweeps" ||
      !ParseNumber(parts[3], attempt.sweep) || parts[4] != "attempts" ||
      !ParseNumber(parts[5], attempt.number)) {
    return BadName(name, "jobs/{id}/sweeps/{n}/attempts/{m}");
  }
  attempt.job = parts[1];
  return attempt;
}

absl::StatusOr<std::string> ParseWorkerName(std::string_view name) {
  const auto parts = Split(name.substr(0, kMaxNameBytes));
  const bool good = parts.size() == 2 && parts[0] == "workers" && !parts[1].empty() &&
                    parts[1].size() <= kMaxWorkerIdBytes && IsPlain(parts[1], ".-_");
  if (!good) {
    return BadName(name, "workers/{id}, an id being 1 to 100 letters, digits, '.', '-' and '_'");
  }
  return std::string(parts[1]);
}

absl::StatusOr<int64_t> ParseTokenName(std::string_view name) {
  const auto parts = Split(name.substr(0, kMaxNameBytes));
  int64_t id = 0;
  if (parts.size() != 2 || parts[0] != "tokens" || !ParseNumber(parts[1], id)) {
    return BadName(name, "tokens/{id}");
  }
  return id;
}

absl::Status CheckUserName(std::string_view name) {
  if (name.empty() || name.size() > kMaxUserBytes || !IsPlain(name, ".-_@")) {
    return absl::InvalidArgumentError("\"" + std::string(name.substr(0, kMaxUserBytes)) +
                                      "\" is no user's name: 1 to 64 letters, digits, '.', '-', "
                                      "'_' and '@'");
  }
  return absl::OkStatus();
}

std::string JobName(std::string_view id) { return "jobs/" + std::string(id); }

std::string SweepNameOf(std::string_view job, int number) {
  return JobName(job) + "/sweeps/" + std::to_string(number);
}

std::string AttemptNameOf(std::string_view job, int number, int64_t attempt) {
  return SweepNameOf(job, number) + "/attempts/" + std::to_string(attempt);
}

std::string WorkerName(std::string_view id) { return "workers/" + std::string(id); }

std::string TokenName(int64_t id) { return "tokens/" + std::to_string(id); }

absl::StatusOr<int> PageSize(int32_t asked) {
  if (asked < 0) {
    return absl::InvalidArgumentError("page_size is negative; give 0 for the default");
  }
  return asked == 0 ? kDefaultPageSize : std::min(asked, kMaxPageSize);
}

std::string EncodePageToken(char kind, std::string_view position) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string token;
  for (const char c : kind + std::string(position)) {
    const auto byte = static_cast<unsigned char>(c);
    token.push_back(kDigits[byte >> 4U]);
    token.push_back(kDigits[byte & 0xfU]);
  }
  return token;
}

absl::StatusOr<std::string> DecodePageToken(char kind, std::string_view token) {
  std::string text;
  bool good = token.size() % 2 == 0 && token.size() <= 2 * kMaxNameBytes;
  for (size_t i = 0; good && i < token.size(); i += 2) {
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(&token[i], &token[i] + 2, value, 16);
    good = error == std::errc() && stop == &token[i] + 2;
    text.push_back(static_cast<char>(value));
  }
  if (!good || text.empty() || text.front() != kind) {
    return BadPageToken();
  }
  return text.substr(1);
}

absl::StatusOr<int64_t> DecodeNumericPageToken(char kind, std::string_view token) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, DecodePageToken(kind, token));
  int64_t number = 0;
  if (!ParseNumber(text, number)) {
    return BadPageToken();
  }
  return number;
}

std::string EncodePairPageToken(char kind, const PagePair& position) {
  return EncodePageToken(kind,
                         std::to_string(position.first) + "." + std::to_string(position.second));
}

absl::StatusOr<PagePair> DecodePairPageToken(char kind, std::string_view token) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, DecodePageToken(kind, token));
  const std::string_view numbers = text;
  const size_t dot = numbers.find('.');
  PagePair position;
  if (dot == std::string_view::npos || !ParseNumber(numbers.substr(0, dot), position.first) ||
      !ParseNumber(numbers.substr(dot + 1), position.second)) {
    return BadPageToken();
  }
  return position;
}

absl::Status CheckRequestId(const std::string& request_id) {
  if (!IsUuid(request_id)) {
    return absl::InvalidArgumentError("request_id is no UUID; give a fresh one to each request");
  }
  return absl::OkStatus();
}

}  // namespace cusp::server
