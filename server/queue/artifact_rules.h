// What may be uploaded, and how long it stays. Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace cusp::server {

// Of one message.
inline constexpr int64_t kMaxPieceBytes = int64_t{1} << 20U;

// Of one artifact. Far beyond any model; it keeps sums of sizes small enough to add.
inline constexpr int64_t kMaxArtifactBytes = int64_t{1} << 42U;

// Most parts of one artifact; published models have up to some hundred files.
inline constexpr int kMaxArtifactParts = 1000;

// An artifact that no job has needed and nobody has asked for this long is removed, and
// the beginning of one that nobody went on with.
inline constexpr std::chrono::hours kArtifactAge{30 * 24};
inline constexpr std::chrono::hours kUploadAge{24};

// INVALID_ARGUMENT unless `text` is a SHA-256 in lower-case hex.
absl::Status CheckSha256(std::string_view text);

// What a user has and may have, in bytes.
struct ArtifactQuota {
  int64_t used = 0;      // of artifacts that are there
  int64_t promised = 0;  // of the user's other uploads that run
  int64_t max = 0;       // 0: no cap
};

// INVALID_ARGUMENT for a size below 1 or above kMaxArtifactBytes, RESOURCE_EXHAUSTED over the
// quota.
absl::Status CheckUpload(int64_t size_bytes, const ArtifactQuota& quota);

// Whether `bytes` at `offset` are the next piece of an artifact of `size_bytes` of which
// `committed` are there. INVALID_ARGUMENT (too large, beyond the size), ABORTED (not the
// next: another stream of the same upload, perhaps one that its sender has given up and
// whose last pieces were on their way, went on meanwhile).
absl::Status CheckPiece(int64_t offset, int64_t bytes, int64_t committed, int64_t size_bytes);

}  // namespace cusp::server
