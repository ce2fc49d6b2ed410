#include "worker/daemon/self_test_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cusp::worker {
namespace {

using ::testing::HasSubstr;

SelfTestReport SomeReport() {
  SelfTestReport report;
  report.facts.set_device_class("Some CPU");
  report.facts.set_device("cpu");
  report.facts.set_threads(2);
  report.timer = {.step_ns = 1, .empty_ns = 48};
  report.overhead_share = 0.0003;
  report.blocks = 50;
  report.seen.set_others_share(0.012);
  report.seen.set_involuntary_switches(7);
  report.lengths = {
      {.length = 64,
       .found = {.ratio = 1.002, .low = 0.996, .high = 1.009, .noise = 0.012, .differs = false}},
      {.length = 512,
       .found = {.ratio = 0.999, .low = 0.97, .high = 1.03, .noise = 0.08, .differs = false}}};
  return report;
}

TEST(SelfTestTextTest, ReportSaysWhatTheMachineCanResolve) {
  const std::string text = ToText(SomeReport());
  EXPECT_THAT(text, HasSubstr("Some CPU (cpu), 2 threads\n"));
  EXPECT_THAT(text, HasSubstr("timer: steps of 1 ns, an empty sample takes 48 ns\n"));
  EXPECT_THAT(text, HasSubstr("harness: adds 0.030 % to a sample of 1 ms, within the limit"));
  EXPECT_THAT(text, HasSubstr("other processes 1.2 % of the CPUs' time"));
  EXPECT_THAT(text, HasSubstr("      64   +0.20 % (-0.40 to +0.90 %)  noise 1.20 %"));
  EXPECT_THAT(text, HasSubstr("no difference found"));
  EXPECT_THAT(text, HasSubstr("can resolve 1 %: no, it would take more than 100 blocks (noise "
                              "8.0 %)\n"));
  EXPECT_THAT(text, HasSubstr("can resolve 5 %: yes, in about "));
}

TEST(SelfTestTextTest, DifferenceIsTold) {
  SelfTestReport report = SomeReport();
  report.lengths[1].found.differs = true;
  report.overhead_share = 0.02;
  const std::string text = ToText(report);
  EXPECT_THAT(text, HasSubstr("DIFFERS\n"));
  EXPECT_THAT(text, HasSubstr("a difference was found where there is none"));
  EXPECT_THAT(text, HasSubstr("MORE THAN the limit"));
}

TEST(SelfTestTextTest, JsonHoldsTheSame) {
  const auto json = nlohmann::json::parse(ToJson(SomeReport()));
  EXPECT_EQ(json["device_class"], "Some CPU");
  EXPECT_EQ(json["lengths"].size(), 2U);
  EXPECT_EQ(json["lengths"][0]["ratio"], 1.002);
  EXPECT_EQ(json["differs"], false);
  EXPECT_TRUE(json["resolves"][0]["blocks_to_tell"].is_null());
  EXPECT_GT(json["resolves"][1]["blocks_to_tell"], 4);
}

}  // namespace
}  // namespace cusp::worker
