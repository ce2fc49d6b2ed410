// Where the bytes of artifacts lie.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace cusp::server {

// DATA/artifacts/ab/SHA256 of those that are whole, and DATA/artifacts/incoming/SHA256-USER
// of each user's uploads. Knows nothing of rows. Stateless, so thread-safe.
class ArtifactFolder {
 public:
  explicit ArtifactFolder(const std::string& data_folder) : path_(data_folder + "/artifacts") {}

  // Makes the folders, 0700.
  absl::Status Make() const;

  // Of a checked hash.
  std::string PathOf(const std::string& sha256) const;
  std::string IncomingPathOf(const std::string& sha256, int64_t user_id) const;

  // Opens one that is whole. NOT_FOUND.
  absl::StatusOr<UniqueFd> Open(const std::string& sha256) const;

  // How much of an upload is there; 0 where nothing is.
  int64_t IncomingBytes(const std::string& sha256, int64_t user_id) const;

  // Hashes of all files that are whole.
  std::vector<std::string> List() const;

  void Remove(const std::string& sha256) const;

  // Removes uploads that nobody writes and that nobody went on with since.
  void RemoveIncoming(int64_t older_than_us) const;

 private:
  std::string path_;
};

}  // namespace cusp::server
