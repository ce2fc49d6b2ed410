#include "server/auth/open_calls.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(OpenCallsTest, EachUserAndKindHasItsOwnCap) {
  const OpenCalls calls({.calls = 1, .watches = 1, .worker_calls = 1});
  const auto first = calls.Take("ann", CallKind::kCall, 1, nullptr);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(calls.Take("ann", CallKind::kCall, 2, nullptr),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("\"ann\" has 1")));
  EXPECT_THAT(calls.Take("ann", CallKind::kWatch, 1, nullptr), IsOk());
  EXPECT_THAT(calls.Take("ann", CallKind::kWorkerCall, 1, nullptr), IsOk());
  EXPECT_THAT(calls.Take("ben", CallKind::kCall, 3, nullptr), IsOk());
}

TEST(OpenCallsTest, PlaceIsFreeOnceTheLastCopyIsGone) {
  const OpenCalls calls({.calls = 1, .watches = 1, .worker_calls = 1});
  CallSlot first = *calls.Take("ann", CallKind::kCall, 1, nullptr);
  CallSlot copy = first;
  first.reset();
  EXPECT_THAT(calls.Take("ann", CallKind::kCall, 1, nullptr),
              StatusIs(absl::StatusCode::kResourceExhausted));
  copy.reset();
  EXPECT_THAT(calls.Take("ann", CallKind::kCall, 1, nullptr), IsOk());
}

TEST(OpenCallsTest, CutEndsTheCallsOfOneTokenThatLive) {
  const OpenCalls calls;
  int cut_first = 0;
  int cut_other = 0;
  // Gives its slot up as it is cut, as a call that ends at once does.
  std::optional<CallSlot> first;
  first = *calls.Take("ann", CallKind::kWatch, 1, [&] {
    ++cut_first;
    first.reset();
  });
  const CallSlot second = *calls.Take("ann", CallKind::kWatch, 1, [&] { ++cut_first; });
  const CallSlot other = *calls.Take("ann", CallKind::kWatch, 2, [&] { ++cut_other; });
  calls.Cut(1);
  EXPECT_EQ(cut_first, 2);
  EXPECT_EQ(cut_other, 0);
  calls.Cut(1);
  EXPECT_EQ(cut_first, 3) << "the first is gone, the second still there";
}

}  // namespace
}  // namespace cusp::server
