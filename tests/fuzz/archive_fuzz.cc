// Archives of jobs: the bytes as they are, which a wrong hash mostly ends, and the
// records in them sealed again, so that what they say is read to its end.
#include <algorithm>
#include <cstring>
#include <string>

#include "common/check.h"
#include "common/frame.h"
#include "server/api/archive_format.h"
#include "server/api/archive_import.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using cusp::server::ArchiveReader;
using cusp::server::ArchiveWriter;

void Check(std::string_view bytes) {
  ArchiveReader reader([bytes, at = size_t{0}](char* out, size_t size) mutable {
    const size_t n = std::min(size, bytes.size() - at);
    std::memcpy(out, bytes.data() + at, n);
    at += n;
    return absl::StatusOr<size_t>(n);
  });
  const auto summary = cusp::server::CheckArchive(reader);
  if (summary.ok()) {
    CUSP_CHECK(!summary->public_id.empty() && summary->content_sha256.size() == 64);
  } else {
    CUSP_CHECK(absl::IsInvalidArgument(summary.status()) ||
               absl::IsFailedPrecondition(summary.status()));
  }
}

std::string SealedAgain(std::string_view bytes) {
  std::string sealed;
  ArchiveWriter writer([&sealed](std::string_view piece) {
    sealed += piece;
    return absl::OkStatus();
  });
  CUSP_CHECK(writer.Begin().ok());
  cusp::FrameDecoder decoder;
  decoder.Append(bytes.substr(std::min(bytes.size(), cusp::server::kArchiveMagic.size())));
  while (true) {
    const auto frame = decoder.Next();
    if (!frame.ok() || !frame->has_value()) {
      break;
    }
    cusp::v1::ArchiveRecord record;
    if (record.ParseFromString(**frame) && !record.has_header() && !record.has_end()) {
      CUSP_CHECK(writer.Add(record).ok());
    }
  }
  CUSP_CHECK(writer.End().ok());
  return sealed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = cusp::fuzz::TextOf(data, size);
  Check(bytes);
  Check(SealedAgain(bytes));
  return 0;
}
