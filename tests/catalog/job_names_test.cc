#include "catalog/job_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

TEST(JobNamesTest, NamesArePrintableAndShort) {
  EXPECT_EQ(FaultOfName("Nyström, 32 landmarks"), "");
  EXPECT_EQ(FaultOfName(std::string(128, 'x')), "");
  EXPECT_THAT(FaultOfName(""), HasSubstr("missing"));
  EXPECT_THAT(FaultOfName(" x"), HasSubstr("space"));
  EXPECT_THAT(FaultOfName("x "), HasSubstr("space"));
  EXPECT_THAT(FaultOfName("a\tb"), HasSubstr("control"));
  EXPECT_THAT(FaultOfName(std::string(129, 'x')), HasSubstr("longer than 128"));
}

TEST(JobNamesTest, BytesAboveAsciiAreNoControlCharacters) {
  EXPECT_FALSE(HasControl("ö…"));
  EXPECT_TRUE(HasControl("\x1b[31m"));
  EXPECT_TRUE(HasControl("\x7f"));
}

}  // namespace
}  // namespace cusp::catalog
