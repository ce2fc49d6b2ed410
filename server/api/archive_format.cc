#include "server/api/archive_format.h"

#include <array>
#include <utility>

#include "common/frame.h"
#include "common/status_macros.h"
#include "common/version.h"

namespace cusp::server {
namespace {

constexpr size_t kFrameHeaderBytes = 4;

bool IsContent(const v1::ArchiveRecord& record) {
  return record.kind_case() != v1::ArchiveRecord::kHeader &&
         record.kind_case() != v1::ArchiveRecord::kEnd;
}

uint32_t LengthOf(const std::array<char, kFrameHeaderBytes>& header) {
  uint32_t length = 0;
  for (size_t i = 0; i < header.size(); ++i) {
    length |= static_cast<uint32_t>(static_cast<unsigned char>(header[i])) << (8U * i);
  }
  return length;
}

}  // namespace

absl::Status ArchiveWriter::Write(std::string_view bytes) {
  all_.Update(bytes);
  return sink_(bytes);
}

absl::Status ArchiveWriter::Begin() {
  CUSP_RETURN_IF_ERROR(Write(kArchiveMagic));
  v1::ArchiveRecord record;
  record.mutable_header()->set_format(kArchiveFormat);
  record.mutable_header()->set_cusp_version(kVersion);
  return Add(record);
}

absl::Status ArchiveWriter::Add(const v1::ArchiveRecord& record) {
  const std::string bytes = record.SerializeAsString();
  if (bytes.size() > kMaxArchiveRecordBytes) {
    return absl::InternalError("a record of the archive has " + std::to_string(bytes.size()) +
                               " bytes");
  }
  const std::string frame = EncodeFrame(bytes);
  if (IsContent(record)) {
    content_.Update(frame);
  }
  ++records_;
  return Write(frame);
}

absl::Status ArchiveWriter::End() {
  v1::ArchiveRecord record;
  record.mutable_end()->set_records(records_);
  record.mutable_end()->set_sha256(all_.Hex());
  return Write(EncodeFrame(record.SerializeAsString()));
}

std::string ArchiveReader::Place() const {
  return "record " + std::to_string(records_) + " (byte " + std::to_string(record_start_) + "): ";
}

absl::Status ArchiveReader::Bad(const std::string& what) const {
  return absl::InvalidArgumentError(Place() + what);
}

absl::Status ArchiveReader::ReadExactly(char* out, size_t size) {
  CUSP_ASSIGN_OR_RETURN(const size_t got, source_(out, size));
  if (got < size) {
    return Bad("the file ends here, in the middle; it was cut off: export the job again");
  }
  all_.Update({out, size});
  position_ += size;
  return absl::OkStatus();
}

absl::Status ArchiveReader::Begin() {
  has_begun_ = true;
  std::string magic(kArchiveMagic.size(), '\0');
  CUSP_RETURN_IF_ERROR(ReadExactly(magic.data(), magic.size()));
  if (magic != kArchiveMagic) {
    return absl::InvalidArgumentError(
        "this is no archive of a job, or a transfer as text has changed it; `cusp export` makes "
        "one");
  }
  CUSP_ASSIGN_OR_RETURN(const v1::ArchiveRecord record, ReadRecord());
  if (!record.has_header()) {
    return Bad("the header is missing");
  }
  if (record.header().format() > kArchiveFormat) {
    return absl::FailedPreconditionError(
        "the archive has format " + std::to_string(record.header().format()) +
        ", written by Cusp " + record.header().cusp_version().substr(0, 32) + ", and this is " +
        std::string(kVersion) + ", which reads up to format " + std::to_string(kArchiveFormat) +
        "; update the coordinator");
  }
  return record.header().format() == kArchiveFormat
             ? absl::OkStatus()
             : Bad("there is no format " + std::to_string(record.header().format()));
}

absl::StatusOr<v1::ArchiveRecord> ArchiveReader::ReadRecord() {
  ++records_;
  record_start_ = position_;
  before_ = all_.Hex();
  std::array<char, kFrameHeaderBytes> header{};
  CUSP_RETURN_IF_ERROR(ReadExactly(header.data(), header.size()));
  const uint32_t length = LengthOf(header);
  if (length > kMaxArchiveRecordBytes) {
    return Bad("says that it has " + std::to_string(length) + " bytes; at most " +
               std::to_string(kMaxArchiveRecordBytes) + " are possible");
  }
  std::string bytes(length, '\0');
  CUSP_RETURN_IF_ERROR(ReadExactly(bytes.data(), bytes.size()));
  v1::ArchiveRecord record;
  if (!record.ParseFromString(bytes) || record.kind_case() == v1::ArchiveRecord::KIND_NOT_SET) {
    return Bad("is no record of an archive");
  }
  if (IsContent(record)) {
    content_.Update({header.data(), header.size()});
    content_.Update(bytes);
  }
  return record;
}

absl::Status ArchiveReader::CheckEnd(const v1::ArchiveEnd& end, const std::string& sha256) {
  if (end.records() != records_ - 1) {
    return Bad("says that there are " + std::to_string(end.records()) + " records before it");
  }
  if (end.sha256() != sha256) {
    return Bad("the SHA-256 of what was read is another; the file was changed: export again");
  }
  char more = 0;
  CUSP_ASSIGN_OR_RETURN(const size_t got, source_(&more, 1));
  return got == 0 ? absl::OkStatus() : Bad("there are bytes behind the end");
}

absl::StatusOr<std::optional<v1::ArchiveRecord>> ArchiveReader::Next() {
  if (!has_begun_) {
    CUSP_RETURN_IF_ERROR(Begin());
  }
  CUSP_ASSIGN_OR_RETURN(v1::ArchiveRecord record, ReadRecord());
  if (record.has_header()) {
    return Bad("is a second header");
  }
  if (record.has_end()) {
    CUSP_RETURN_IF_ERROR(CheckEnd(record.end(), before_));
    return std::nullopt;
  }
  return record;
}

}  // namespace cusp::server
