#include "worker/models/layers/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace cusp::models {
namespace {

using ::testing::ElementsAre;

class Recorder : public ComponentListener {
 public:
  void Enter(Component component) override { heard.push_back(component); }
  std::vector<Component> heard;
};

TEST(ComponentsTest, OnlyTheInnermostScopeHears) {
  Recorder outer;
  Recorder inner;
  Enter(Component::kNorm);
  {
    const ComponentScope scope(&outer);
    Enter(Component::kMixing);
    {
      const ComponentScope nested(&inner);
      Enter(Component::kFeedForward);
    }
    Enter(Component::kOther);
  }
  Enter(Component::kNorm);
  EXPECT_THAT(outer.heard, ElementsAre(Component::kMixing, Component::kOther));
  EXPECT_THAT(inner.heard, ElementsAre(Component::kFeedForward));
}

}  // namespace
}  // namespace cusp::models
