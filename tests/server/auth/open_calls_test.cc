#include "server/auth/open_calls.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(OpenCallsTest, EachUserAndKindHasItsOwnCap) {
  const OpenCalls calls({.calls = 1, .watches = 1, .worker_calls = 1});
  const auto first = calls.Take("ann", CallKind::kCall);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(calls.Take("ann", CallKind::kCall),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("\"ann\" has 1")));
  EXPECT_THAT(calls.Take("ann", CallKind::kWatch), IsOk());
  EXPECT_THAT(calls.Take("ann", CallKind::kWorkerCall), IsOk());
  EXPECT_THAT(calls.Take("ben", CallKind::kCall), IsOk());
}

TEST(OpenCallsTest, PlaceIsFreeOnceTheLastCopyIsGone) {
  const OpenCalls calls({.calls = 1, .watches = 1, .worker_calls = 1});
  CallSlot first = *calls.Take("ann", CallKind::kCall);
  CallSlot copy = first;
  first.reset();
  EXPECT_THAT(calls.Take("ann", CallKind::kCall), StatusIs(absl::StatusCode::kResourceExhausted));
  copy.reset();
  EXPECT_THAT(calls.Take("ann", CallKind::kCall), IsOk());
}

TEST(OpenCallsTest, CutEndsTheCallsOfOneTokenThatLive) {
  const OpenCalls calls;
  int cut_first = 0;
  int cut_other = 0;
  // Gives its slot up as it is cut, as a call that ends at once does.
  std::optional<CallSlot> first;
  first = *calls.Take("ann", CallKind::kWatch, CuttableCall{1, std::nullopt, [&] {
                                                              ++cut_first;
                                                              first.reset();
                                                            }});
  const CallSlot second =
      *calls.Take("ann", CallKind::kWatch, CuttableCall{1, std::nullopt, [&] { ++cut_first; }});
  const CallSlot other =
      *calls.Take("ann", CallKind::kWatch, CuttableCall{2, std::nullopt, [&] { ++cut_other; }});
  calls.Cut(1);
  EXPECT_EQ(cut_first, 2);
  EXPECT_EQ(cut_other, 0);
  calls.Cut(1);
  EXPECT_EQ(cut_first, 3) << "the first is gone, the second still there";
}

TEST(OpenCallsTest, ExpiredTokensCallsAreCutAndNoOthers) {
  const OpenCalls calls;
  int early = 0;
  int late = 0;
  int never = 0;
  CallSlot first = *calls.Take("ann", CallKind::kWatch, CuttableCall{1, 1000, [&] { ++early; }});
  const CallSlot second =
      *calls.Take("ann", CallKind::kWatch, CuttableCall{2, 2000, [&] { ++late; }});
  const CallSlot third =
      *calls.Take("ann", CallKind::kWatch, CuttableCall{3, std::nullopt, [&] { ++never; }});
  calls.CutExpired(999);
  EXPECT_EQ(early, 0);
  calls.CutExpired(1000);
  EXPECT_EQ(early, 1);
  first.reset();
  calls.CutExpired(1999);
  EXPECT_EQ(late, 0);
  calls.CutExpired(5000);
  EXPECT_EQ(late, 1);
  EXPECT_EQ(early, 1) << "it is gone";
  EXPECT_EQ(never, 0);
}

}  // namespace
}  // namespace cusp::server
