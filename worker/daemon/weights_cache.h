// Weights that were fetched, on this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/growing_file.h"
#include "common/unique_fd.h"

namespace cusp::worker {

// A folder of files by their SHA-256, shared by all workers of a user. When it grows beyond
// its size, those that were used the longest ago go; a file in use stays, whatever the
// size. Kept right by locks on the files, so that any number of processes may use it.
// Stateless, so thread-safe.
class WeightsCache {
 public:
  // `max_bytes` 0: no limit.
  WeightsCache(std::string folder, int64_t max_bytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}

  // Makes the folder (0700), and removes what dead workers left in use. As
  // MakeDirectories.
  absl::Status Make() const;

  std::string PathOf(const std::string& sha256) const { return folder_ + "/" + sha256; }

  // Keeps the file, which has `size_bytes`, until the answer is destroyed; nothing where it
  // is not there. One of another size is removed.
  std::optional<UniqueFd> Pin(const std::string& sha256, int64_t size_bytes) const;

  // Where a file is to be collected; makes room for it. ABORTED where another worker
  // collects it.
  absl::StatusOr<GrowingFile> Begin(const std::string& sha256, int64_t size_bytes) const;

  // A folder in which pinned files have names, until it is destroyed.
  class View {
   public:
    View(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    View(View&&) noexcept = default;
    View& operator=(View&&) noexcept = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    ~View();

    const std::string& path() const { return path_; }

   private:
    std::string path_;
    UniqueFd lock_;
  };
  // `names` are plain names, each with the hash of its file.
  absl::StatusOr<View> MakeView(
      const std::vector<std::pair<std::string, std::string>>& names) const;

 private:
  void MakeRoom(int64_t bytes) const;

  std::string folder_;
  int64_t max_bytes_;
};

// $XDG_CACHE_HOME/cusp/weights or ~/.cache/cusp/weights; empty where neither is known.
std::string DefaultWeightsCache();

}  // namespace cusp::worker
