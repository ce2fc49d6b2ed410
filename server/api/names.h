// Resource names, page tokens and request ids, as they come from outside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/attempts.h"

namespace cusp::server {

// All parsers: INVALID_ARGUMENT with the form expected.

// The id in "jobs/{id}", or the beginning of one.
absl::StatusOr<std::string> ParseJobName(std::string_view name);

// "jobs/{id}/sweeps/{n}".
struct SweepName {
  std::string job;
  int number = 0;
};
absl::StatusOr<SweepName> ParseSweepName(std::string_view name);

// "jobs/{id}/sweeps/{n}/attempts/{m}".
absl::StatusOr<AttemptName> ParseAttemptName(std::string_view name);

// The id in "workers/{id}": 1 to 100 letters, digits and ".-_".
absl::StatusOr<std::string> ParseWorkerName(std::string_view name);

// The number in "tokens/{id}".
absl::StatusOr<int64_t> ParseTokenName(std::string_view name);

// A user's name: 1 to 64 letters, digits and ".-_@".
absl::Status CheckUserName(std::string_view name);

std::string JobName(std::string_view id);
std::string SweepNameOf(std::string_view job, int number);
std::string AttemptNameOf(std::string_view job, int number, int64_t attempt);
std::string WorkerName(std::string_view id);
std::string TokenName(int64_t id);

// 0 gives 100, more than 1,000 gives 1,000; negative is INVALID_ARGUMENT.
absl::StatusOr<int> PageSize(int32_t asked);

// Opaque tokens for "go on after this". `kind` keeps lists apart.
std::string EncodePageToken(char kind, std::string_view position);
// The position, or INVALID_ARGUMENT for a token of another list or none.
absl::StatusOr<std::string> DecodePageToken(char kind, std::string_view token);
// The same for positions that are numbers.
absl::StatusOr<int64_t> DecodeNumericPageToken(char kind, std::string_view token);

// The same for positions that are two numbers, both from 1.
struct PagePair {
  int64_t first = 0;
  int64_t second = 0;
};
std::string EncodePairPageToken(char kind, const PagePair& position);
absl::StatusOr<PagePair> DecodePairPageToken(char kind, std::string_view token);

absl::Status CheckRequestId(const std::string& request_id);

}  // namespace cusp::server
