#include "worker/daemon/output_tail.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace cusp::worker {
namespace {

void Write(const OutputTail& tail, const std::string& text) {
  ASSERT_EQ(write(tail.write_fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(OutputTailTest, KeepsWhatWasWritten) {
  auto tail = OutputTail::Create();
  ASSERT_THAT(tail, IsOk());
  tail->Drain();
  EXPECT_EQ(tail->text(), "");
  Write(*tail, "one\n");
  Write(*tail, "two\n");
  tail->Drain();
  EXPECT_EQ(tail->text(), "one\ntwo\n");
}

TEST(OutputTailTest, LongOutputIsCutAtALine) {
  auto tail = OutputTail::Create();
  ASSERT_THAT(tail, IsOk());
  for (int i = 0; i < 2000; ++i) {
    Write(*tail, "line " + std::to_string(i) + "\n");
    tail->Drain();
  }
  EXPECT_LE(tail->text().size(), 4096U);
  EXPECT_EQ(tail->text().rfind("line ", 0), 0U);
  EXPECT_NE(tail->text().find("line 1999\n"), std::string::npos);
}

TEST(OutputTailTest, BytesThatNoMessageCarriesAreReplaced) {
  auto tail = OutputTail::Create();
  ASSERT_THAT(tail, IsOk());
  Write(*tail, "bad \xff\xc3 and \x1b[31mred\n");
  tail->Drain();
  EXPECT_EQ(tail->text(), "bad ?? and ?[31mred\n");
}

TEST(OutputTailTest, EndOfOutputClosesTheReader) {
  auto tail = OutputTail::Create();
  ASSERT_THAT(tail, IsOk());
  Write(*tail, "last");
  tail->CloseWriteEnd();
  tail->Drain();
  EXPECT_EQ(tail->text(), "last");
  EXPECT_EQ(tail->read_fd(), -1);
}

}  // namespace
}  // namespace cusp::worker
