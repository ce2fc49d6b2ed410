// The container of an archive: magic, frames of records, and a hash of it all at the
// end (proto/cusp/v1/archive.proto).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sha256.h"
#include "cusp/v1/archive.pb.h"

namespace cusp::server {

// As in PNG: a byte that is no text, the name, and ends of lines of both kinds, so that a
// transfer that changes bytes shows at once.
inline constexpr std::string_view kArchiveMagic =
    "\x89"
    "CSP\r\n\x1a\n";
inline constexpr int kArchiveFormat = 1;
// A worker's message has at most 4 MiB, and a record no more than one and some.
inline constexpr uint32_t kMaxArchiveRecordBytes = 8U << 20U;

// Writes an archive to `sink`, piece by piece. Not thread-safe.
class ArchiveWriter {
 public:
  using Sink = std::function<absl::Status(std::string_view)>;

  explicit ArchiveWriter(Sink sink) : sink_(std::move(sink)) {}

  // Magic and header first, then each record. Errors are the sink's.
  absl::Status Begin();
  absl::Status Add(const v1::ArchiveRecord& record);
  // The record that ends it.
  absl::Status End();

  // SHA-256 of the records but header and end: equal for equal jobs.
  std::string ContentSha256() const { return content_.Hex(); }

 private:
  absl::Status Write(std::string_view bytes);

  const Sink sink_;
  Sha256 all_;
  Sha256 content_;
  int64_t records_ = 0;
};

// Reads one. Not thread-safe.
class ArchiveReader {
 public:
  // Fills up to `size` bytes; fewer only at the end.
  using Source = std::function<absl::StatusOr<size_t>(char* out, size_t size)>;

  explicit ArchiveReader(Source source) : source_(std::move(source)) {}

  // The next record but header and end; nothing once the whole is read, and number of
  // records, hash and end are as they say. INVALID_ARGUMENT with the record's number and
  // place for anything else, FAILED_PRECONDITION for a newer format.
  absl::StatusOr<std::optional<v1::ArchiveRecord>> Next();

  // As of the writer, once all is read.
  std::string ContentSha256() const { return content_.Hex(); }

  // "record 3 (byte 170): " of the newest.
  std::string Place() const;

 private:
  absl::Status Begin();
  absl::StatusOr<v1::ArchiveRecord> ReadRecord();
  absl::Status ReadExactly(char* out, size_t size);
  absl::Status CheckEnd(const v1::ArchiveEnd& end, const std::string& sha256);
  absl::Status Bad(const std::string& what) const;

  const Source source_;
  Sha256 all_;
  Sha256 content_;
  std::string before_;  // hash of all before the newest record's frame
  int64_t records_ = 0;
  uint64_t position_ = 0;
  uint64_t record_start_ = 0;
  bool has_begun_ = false;
};

}  // namespace cusp::server
