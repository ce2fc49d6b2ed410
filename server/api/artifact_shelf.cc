#include "server/api/artifact_shelf.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "server/queue/artifact_rules.h"
#include "server/store/artifacts.h"

namespace cusp::server {
namespace {

constexpr std::chrono::hours kRemovalInterval{1};
// In one transaction, which others wait for.
constexpr int kRemovedAtOnce = 100;

int64_t Ago(int64_t now_us, std::chrono::hours age) {
  return now_us - std::chrono::microseconds(age).count();
}

}  // namespace

ArtifactShelf::ArtifactShelf(Store& store, const Clock& clock)
    : store_(store), clock_(clock), folder_(store.folder()), next_removal_(clock.Now()) {}

absl::Status ArtifactShelf::Start() {
  CUSP_RETURN_IF_ERROR(folder_.Make());
  CUSP_RETURN_IF_ERROR(ForgetMissing());
  Post([this] { RemoveOrphans(); });
  return absl::OkStatus();
}

void ArtifactShelf::Tick() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (clock_.Now() < next_removal_) {
      return;
    }
    next_removal_ = clock_.Now() + kRemovalInterval;
  }
  Post([this] { RemoveUnused(); });
}

absl::Status ArtifactShelf::ForgetMissing() {
  CUSP_ASSIGN_OR_RETURN(std::vector<std::string> missing,
                        store_.Read<std::vector<std::string>>(ListArtifacts));
  std::erase_if(missing, [this](const std::string& sha256) {
    return !absl::IsNotFound(folder_.Open(sha256).status());
  });
  if (missing.empty()) {
    return absl::OkStatus();
  }
  std::vector<std::string> forgotten;
  CUSP_RETURN_IF_ERROR(store_.WriteAndWait([&](Transaction& tx) -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(forgotten, ForgetArtifacts(tx, missing));
    return absl::OkStatus();
  }));
  for (const std::string& sha256 : forgotten) {
    spdlog::warn("artifact forgotten sha256={} reason=\"its file or a part's is gone\"", sha256);
  }
  return absl::OkStatus();
}

void ArtifactShelf::RemoveOrphans() {
  for (const std::string& sha256 : folder_.List()) {
    const auto size =
        store_.Read<std::optional<int64_t>>([&](Database& db) { return ArtifactSize(db, sha256); });
    if (size.ok() && !size->has_value()) {
      folder_.Remove(sha256);
    }
  }
}

void ArtifactShelf::RemoveUnused() {
  const int64_t now_us = clock_.WallMicros();
  folder_.RemoveIncoming(Ago(now_us, kUploadAge));
  std::vector<std::string> removed;
  do {
    const absl::Status status = store_.WriteAndWait([&](Transaction& tx) -> absl::Status {
      CUSP_ASSIGN_OR_RETURN(removed,
                            RemoveUnusedArtifacts(tx, Ago(now_us, kArtifactAge), kRemovedAtOnce));
      return absl::OkStatus();
    });
    if (!status.ok()) {
      spdlog::warn("unused artifacts stay: {}", std::string(status.message()));
      return;
    }
    // Rows first: a file without a row is found at the next start, a row without its file
    // would be a promise that nobody can keep.
    for (const std::string& sha256 : removed) {
      folder_.Remove(sha256);
      spdlog::info("artifact removed sha256={}", sha256);
    }
  } while (!removed.empty());
}

}  // namespace cusp::server
