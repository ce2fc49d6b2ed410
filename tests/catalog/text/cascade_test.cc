#include "catalog/text/cascade.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

TEST(CascadeTest, DropsWholeCandidatesAndNeverAll) {
  EXPECT_EQ(CandidatesDropped(10, 0.3), 3);
  EXPECT_EQ(CandidatesDropped(100, 0.29), 29);
  EXPECT_EQ(CandidatesDropped(3, 0.3), 0);
  EXPECT_EQ(CandidatesDropped(1, 0.99), 0);
  EXPECT_EQ(CandidatesDropped(100, 0.99), 99);
  EXPECT_EQ(CandidatesDropped(7, 0), 0);
}

nlohmann::json ExitsOf(int64_t layers) {
  return Completed("cascade", "{\"num_hidden_layers\": " + std::to_string(layers) + "}")
      .at("exit_layers");
}

TEST(CascadeTest, ExitsFollowTheDepth) {
  EXPECT_EQ(ExitsOf(12), nlohmann::json({4, 6, 8, 10}));
  EXPECT_EQ(ExitsOf(24), nlohmann::json({8, 12, 16, 20}));
  EXPECT_EQ(ExitsOf(4), nlohmann::json({1, 2, 3}));
  EXPECT_EQ(ExitsOf(2), nlohmann::json::array({1}));
  EXPECT_EQ(ExitsOf(1), nlohmann::json::array());
}

}  // namespace
}  // namespace cusp::catalog
