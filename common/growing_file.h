// A file that arrives in pieces and is known by its SHA-256.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sha256.h"
#include "common/unique_fd.h"

namespace cusp {

// Collects the pieces in a file beside the final place, so that a broken transfer goes
// on where it was, also after a crash, and renames it there when it is whole and right.
// What is in the file is believed only once the hash of all of it is. One owner at a
// time, which the file's lock ensures among processes too. Not thread-safe.
class GrowingFile {
 public:
  // Opens what an earlier transfer left at `path`, or makes an empty file (0600), and
  // hashes what is there: some seconds for each gigabyte. ABORTED where somebody else
  // has it open; otherwise as ErrnoStatus.
  static absl::StatusOr<GrowingFile> Open(const std::string& path);

  int64_t size() const { return size_; }

  // Adds to the end. After an error the file is as before, or in the worst case longer by
  // a part of the piece, which the hash then tells. As ErrnoStatus.
  absl::Status Append(std::string_view piece);

  // Drops all of it, to begin again.
  absl::Status Clear();

  // Makes it durable under `to`, whose folder is made where missing, if its hash is
  // `sha256`. DATA_LOSS where it is not: then all of it is dropped. Ends this object's use.
  absl::Status Publish(const std::string& sha256, const std::string& to);

 private:
  GrowingFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  absl::Status HashWhatIsThere();

  std::string path_;
  UniqueFd fd_;
  Sha256 hash_;
  int64_t size_ = 0;
};

}  // namespace cusp
