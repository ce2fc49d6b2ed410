// A stream of frames, in pieces: the first byte says how long each is.
#include <algorithm>
#include <string>

#include "common/check.h"
#include "common/frame.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t piece = size_t{data[0]} + 1;
  const std::string_view stream = cusp::fuzz::TextOf(data + 1, size - 1);
  cusp::FrameDecoder decoder;
  std::string again;
  for (size_t at = 0; at < stream.size(); at += piece) {
    decoder.Append(stream.substr(at, piece));
    for (;;) {
      const auto frame = decoder.Next();
      if (!frame.ok()) {
        CUSP_CHECK(absl::IsInvalidArgument(frame.status()));
        return 0;
      }
      if (!frame->has_value()) {
        break;
      }
      again += cusp::EncodeFrame(**frame);
    }
  }
  CUSP_CHECK(stream.starts_with(again));
  return 0;
}
