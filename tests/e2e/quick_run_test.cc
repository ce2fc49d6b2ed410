// One job through the real path, LibTorch included: `cusp run` on tiny models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/e2e/stack.h"

namespace cusp::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr char kJob[] = R"(
name: tiny models
preset: tiny
baselines:
  - bert
  - {name: bert-sdpa, model: bert, attention: sdpa}
candidates:
  - {name: longformer, model: longformer, config: {attention_window: 32}}
  - {name: nystromformer, model: nystromformer, config: {num_landmarks: 16}}
  - {name: linformer, model: linformer, config: {linformer_k: 16}}
modes: [inference, training]
metrics: [latency, peak_memory]
dtypes: [float32, bfloat16]
lengths: {list: [32, 64]}
threads: 1
budget: 60s
)";

TEST(QuickRunTest, EveryModelModeAndNumberTypeEndsWithCosts) {
  const Stack stack;
  // With a coordinator of its own, so without the stack's.
  const auto run = stack.Call(
      {"cusp", "run", stack.Write("job.yaml", kJob), "--state", stack.Path("state"), "--json"},
      std::chrono::seconds(400));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto json = run.Json();
  const auto comparisons = json.at("comparisons");
  // 2 baselines x 3 candidates x 2 modes x 2 number types x 2 metrics.
  EXPECT_EQ(comparisons.size(), 48U);
  for (const auto& comparison : comparisons) {
    EXPECT_EQ(comparison.at("range"), nlohmann::json({32, 64})) << comparison.dump(1);
  }

  const auto recommend =
      stack.Call({"cusp", "recommend", json.at("job").get<std::string>(), "--histogram",
                  stack.Write("lengths.csv", "length,count\n32,3\n64,1\n"), "--state",
                  stack.Path("state"), "--json"});
  ASSERT_EQ(recommend.exit_code, 0) << recommend.err;
  // Latency in 2 modes x 2 number types; memory does not add up.
  const auto groups = recommend.Json().at("recommendations");
  ASSERT_EQ(groups.size(), 4U);
  for (const auto& group : groups) {
    EXPECT_EQ(group.at("costs").size(), 5U) << group.dump(1);
    EXPECT_GT(group.at("by_choice").at("expected").get<double>(), 0);
  }
}

}  // namespace
}  // namespace cusp::e2e
