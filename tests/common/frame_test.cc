#include "common/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/random.h"
#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Two connected stream sockets.
class SocketPair {
 public:
  SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds_.data()), 0); }
  ~SocketPair() {
    Close(0);
    Close(1);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  int end(size_t i) const { return fds_[i]; }
  void Close(size_t i) {
    if (fds_[i] >= 0) {
      close(fds_[i]);
      fds_[i] = -1;
    }
  }
  // Puts raw bytes in at the first end.
  void Put(std::string_view bytes) const {
    ASSERT_EQ(send(fds_[0], bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

 private:
  std::array<int, 2> fds_ = {-1, -1};
};

// Every frame that `decoder` has, up to an error.
std::vector<std::string> Drain(FrameDecoder& decoder) {
  std::vector<std::string> frames;
  while (true) {
    auto next = decoder.Next();
    if (!next.ok() || !next->has_value()) {
      return frames;
    }
    frames.push_back(**next);
  }
}

TEST(EncodeFrameTest, LengthIsLittleEndian) {
  EXPECT_EQ(EncodeFrame("abc"), std::string("\x03\0\0\0abc", 7));
  EXPECT_EQ(EncodeFrame(std::string(258, 'x')).substr(0, 4), std::string("\x02\x01\0\0", 4));
  EXPECT_EQ(EncodeFrame(""), std::string(4, '\0'));
}

TEST(FrameDecoderTest, WaitsForWholeFrames) {
  FrameDecoder decoder;
  const std::string stream = EncodeFrame("abc") + EncodeFrame("") + EncodeFrame("defg");
  std::vector<std::string> frames;
  for (const char byte : stream) {
    decoder.Append(std::string_view(&byte, 1));
    for (std::string& frame : Drain(decoder)) {
      frames.push_back(std::move(frame));
    }
  }
  EXPECT_THAT(frames, ElementsAreArray({"abc", "", "defg"}));
  EXPECT_THAT(decoder.Next(), IsOkAndHolds(std::optional<std::string>()));
}

TEST(FrameDecoderTest, RandomPiecesGiveTheSameFrames) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> sent(random.Below(40));
    std::string stream;
    for (std::string& payload : sent) {
      payload.resize(random.Below(300));
      for (char& byte : payload) {
        byte = static_cast<char>(random.Below(256));
      }
      stream += EncodeFrame(payload);
    }
    FrameDecoder decoder;
    std::vector<std::string> frames;
    for (size_t at = 0; at < stream.size();) {
      const size_t size = 1 + random.Below(500);
      decoder.Append(std::string_view(stream).substr(at, size));
      at += size;
      for (std::string& frame : Drain(decoder)) {
        frames.push_back(std::move(frame));
      }
    }
    ASSERT_THAT(frames, ElementsAreArray(sent));
  }
}

TEST(FrameDecoderTest, GarbageEndsInAnErrorOrSilence) {
  Random random(8);
  for (int round = 0; round < 2000; ++round) {
    FrameDecoder decoder;
    std::string bytes(random.Below(64), '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random.Below(256));
    }
    decoder.Append(bytes);
    for (const std::string& frame : Drain(decoder)) {
      ASSERT_LE(frame.size(), bytes.size());
    }
  }
}

TEST(FrameDecoderTest, RefusesALengthOverTheLimitForGood) {
  FrameDecoder decoder;
  decoder.Append("\xff\xff\xff\xff");
  EXPECT_THAT(decoder.Next(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4294967295")));
  decoder.Append(EncodeFrame("abc"));
  EXPECT_THAT(decoder.Next(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FrameDecoderTest, TakesAFrameOfTheLargestSize) {
  FrameDecoder decoder;
  decoder.Append(EncodeFrame(std::string(kMaxFrameBytes, 'x')));
  const auto frame = decoder.Next();
  ASSERT_TRUE(frame.ok() && frame->has_value());  // a matcher would print it all
  EXPECT_EQ((*frame)->size(), kMaxFrameBytes);
}

TEST(FrameStreamTest, WhatIsWrittenIsRead) {
  SocketPair pair;
  // More than a socket's buffer holds, so that both sides take several calls.
  const std::string large(3U << 20U, 'y');
  std::thread writer([&] {
    EXPECT_THAT(WriteFrame(pair.end(0), "abc"), IsOk());
    EXPECT_THAT(WriteFrame(pair.end(0), ""), IsOk());
    EXPECT_THAT(WriteFrame(pair.end(0), large), IsOk());
  });
  EXPECT_THAT(ReadFrame(pair.end(1)), IsOkAndHolds("abc"));
  EXPECT_THAT(ReadFrame(pair.end(1)), IsOkAndHolds(""));
  EXPECT_THAT(ReadFrame(pair.end(1)), IsOkAndHolds(large));
  writer.join();
}

TEST(FrameStreamTest, WorksOnAPipe) {
  std::array<int, 2> fds = {-1, -1};
  ASSERT_EQ(pipe(fds.data()), 0);
  EXPECT_THAT(WriteFrame(fds[1], "abc"), IsOk());
  EXPECT_THAT(ReadFrame(fds[0]), IsOkAndHolds("abc"));
  close(fds[0]);
  close(fds[1]);
}

TEST(FrameStreamTest, EndBetweenFramesIsClean) {
  SocketPair pair;
  pair.Put(EncodeFrame("abc"));
  pair.Close(0);
  EXPECT_THAT(ReadFrame(pair.end(1)), IsOkAndHolds("abc"));
  EXPECT_THAT(ReadFrame(pair.end(1)), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(FrameStreamTest, EndInsideAFrameIsDataLoss) {
  for (const size_t size : {1U, 3U, 4U, 6U}) {
    SocketPair pair;
    pair.Put(EncodeFrame("abc").substr(0, size));
    pair.Close(0);
    EXPECT_THAT(ReadFrame(pair.end(1)), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
}

TEST(FrameStreamTest, RefusesToReadOrWriteOverTheLimit) {
  SocketPair pair;
  pair.Put(std::string("\x01\x00\x00\x04", 4));
  EXPECT_THAT(ReadFrame(pair.end(1)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(WriteFrame(pair.end(0), std::string(kMaxFrameBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FrameStreamTest, WritingToADeadPeerIsAnErrorNotASignal) {
  SocketPair pair;
  pair.Close(1);
  EXPECT_THAT(WriteFrame(pair.end(0), "abc"), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(FrameStreamTest, BadDescriptorIsAnError) {
  EXPECT_THAT(WriteFrame(-1, "abc"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ReadFrame(-1), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace cusp
