// From an archive's records to what is stored, checked as if a worker had sent it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/api/archive_format.h"
#include "server/store/archives.h"
#include "server/store/blocks.h"
#include "server/store/writer.h"

namespace cusp::server {

// Takes the parts of an archive in order. An error ends the reading.
class ArchiveVisitor {
 public:
  virtual ~ArchiveVisitor() = default;
  virtual absl::Status OnJob(const ArchivedJob& job) = 0;
  virtual absl::Status OnSweep(const ArchivedSweep& sweep) = 0;
  // Of the sweep before it.
  virtual absl::Status OnBlock(const Block& block, const BlockOrigin& origin) = 0;
};

// Reads the whole and hands on what is good: an ended job whose spec can be read and has
// variants of distinct names, its sweeps as the spec asks for them, each with as many
// blocks as it says, in ascending order, of variants that the job has. INVALID_ARGUMENT
// with record, place and fault.
absl::Status ReadArchive(ArchiveReader& reader, ArchiveVisitor& visitor);

// What an archive holds, found by reading it to its end.
struct ArchiveSummary {
  std::string public_id;
  std::string content_sha256;
};
absl::StatusOr<ArchiveSummary> CheckArchive(ArchiveReader& reader);

// Stores the archive's job for `owner` and answers its id. As ReadArchive;
// ALREADY_EXISTS.
absl::StatusOr<int64_t> StoreArchive(Transaction& tx, ArchiveReader& reader,
                                     const std::string& owner);

}  // namespace cusp::server
