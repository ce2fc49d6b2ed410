#include "server/queue/artifact_rules.h"

#include <algorithm>
#include <string>

namespace cusp::server {
namespace {

constexpr size_t kHashDigits = 64;

std::string InMiB(int64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20U) + " MiB"; }

}  // namespace

absl::Status CheckSha256(std::string_view text) {
  const bool is_hash =
      text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  return is_hash ? absl::OkStatus()
                 : absl::InvalidArgumentError("sha256 is not 64 lower-case hex digits");
}

absl::Status CheckUpload(int64_t size_bytes, const ArtifactQuota& quota) {
  if (size_bytes < 1 || size_bytes > kMaxArtifactBytes) {
    return absl::InvalidArgumentError("size_bytes is " + std::to_string(size_bytes) +
                                      "; an artifact has 1 byte to 4 TiB");
  }
  // Each by itself, since a claimed size may be as large as it likes.
  const int64_t left = quota.max - std::min(quota.max, quota.used + quota.promised);
  if (quota.max > 0 && size_bytes > left) {
    return absl::ResourceExhaustedError(
        "the artifact of " + InMiB(size_bytes) + " is more than the " + InMiB(left) +
        " that are left of your " + InMiB(quota.max) +
        "; what no job needs is removed after 30 days, and an administrator can give you more");
  }
  return absl::OkStatus();
}

absl::Status CheckPiece(int64_t offset, int64_t bytes, int64_t committed, int64_t size_bytes) {
  if (bytes > kMaxPieceBytes) {
    return absl::InvalidArgumentError("the piece has " + std::to_string(bytes) +
                                      " bytes; send at most 1 MiB at once");
  }
  if (offset != committed) {
    return absl::AbortedError("the piece begins at " + std::to_string(offset) +
                              ", but the next one is at " + std::to_string(committed) +
                              "; go on from what StatArtifact names");
  }
  if (bytes > size_bytes - committed) {
    return absl::InvalidArgumentError("the pieces are longer than size_bytes, " +
                                      std::to_string(size_bytes) + "; name the file's size");
  }
  return absl::OkStatus();
}

}  // namespace cusp::server
