#include "client/cli/wait_options.h"

#include <gtest/gtest.h>

namespace cusp::client {
namespace {

TEST(WaitOptionsTest, ReadsTimeoutAndStrict) {
  CLI::App app;
  WaitOptions options;
  AddWaitOptions(app, options);
  app.parse("--timeout 10m --strict");
  EXPECT_EQ(options.timeout, std::chrono::minutes(10));
  EXPECT_TRUE(options.strict);
}

}  // namespace
}  // namespace cusp::client
