#include "worker/models/layers/block_recurrence.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr int64_t kBlock = 4;

class BlockRecurrenceTest : public ::testing::Test {
 protected:
  BlockRecurrenceTest()
      : store_({.dtype = at::kDouble, .initializer_range = 0.5}),
        recurrence_(store_, "cell",
                    {.attention = {.hidden_size = 6, .heads = 2, .head_size = 3},
                     .block = kBlock,
                     .states = 5,
                     .layer_norm_eps = 1e-6}) {}

  // Tokens `begin` to `end` of all, which come with the keys of all before them.
  RecurrenceTokens Part(int64_t begin, int64_t end) const {
    return {.x = x_.slice(1, begin, end),
            .keys = keys_.narrow(2, 0, end),
            .values = values_.narrow(2, 0, end),
            .keep = {},
            .before = begin,
            .continues = true};
  }

  at::Tensor Read(const RecurrenceTokens& tokens) {
    StateVectors state;
    return recurrence_(tokens, state);
  }

  ParameterStore store_;
  BlockRecurrence recurrence_;
  at::Tensor x_ = RandomNormal({2, 14, 6}, 1, 1, at::kDouble);
  at::Tensor keys_ = RandomNormal({2, 2, 14, 3}, 2, 1, at::kDouble);
  at::Tensor values_ = RandomNormal({2, 2, 14, 3}, 3, 1, at::kDouble);
};

TEST_F(BlockRecurrenceTest, PiecesEqualTheWhole) {
  const at::Tensor whole = Read(Part(0, 14));
  for (const std::vector<int64_t>& ends :
       {std::vector<int64_t>{4, 8, 14}, std::vector<int64_t>{1, 2, 3, 4, 5, 11, 14}}) {
    StateVectors state;
    int64_t begin = 0;
    for (const int64_t end : ends) {
      EXPECT_LT(ScaledDifference(recurrence_(Part(begin, end), state), whole.slice(1, begin, end)),
                1e-12)
          << begin << " to " << end;
      begin = end;
    }
  }
}

TEST_F(BlockRecurrenceTest, BlockIsSeenFromTheNextOneOn) {
  const at::Tensor before = Read(Part(0, 14));
  values_.select(2, 5).add_(1);
  const at::Tensor after = Read(Part(0, 14));
  EXPECT_TRUE(after.narrow(1, 0, 8).equal(before.narrow(1, 0, 8)));
  EXPECT_GT(ScaledDifference(after.narrow(1, 8, 1), before.narrow(1, 8, 1)), 1e-6);
  EXPECT_GT(ScaledDifference(after.narrow(1, 13, 1), before.narrow(1, 13, 1)), 1e-6);
}

TEST_F(BlockRecurrenceTest, StateIsReadOnlyWhereSomethingFollows) {
  RecurrenceTokens tokens = Part(0, 8);
  StateVectors read;
  recurrence_(tokens, read);
  tokens.continues = false;
  StateVectors unread;
  recurrence_(tokens, unread);
  EXPECT_FALSE(read.vectors.equal(unread.vectors));
  StateVectors earlier;
  recurrence_(Part(0, 7), earlier);
  EXPECT_TRUE(unread.vectors.equal(earlier.vectors));
}

TEST_F(BlockRecurrenceTest, PaddingIsNotRead) {
  RecurrenceTokens tokens = Part(0, 14);
  tokens.keep = ops::Full({2, 14}, 1, at::kBool, at::kCPU);
  tokens.keep.select(0, 0).narrow(0, 2, 1).fill_(0);
  tokens.keep.select(0, 1).narrow(0, 4, 4).fill_(0);
  const at::Tensor before = Read(tokens);
  values_.masked_fill_(tokens.keep.logical_not().view({2, 1, 14, 1}), 7);
  EXPECT_TRUE(Read(tokens).equal(before));
  // A block of padding alone leaves the state as it was.
  StateVectors state;
  tokens.continues = true;
  recurrence_({.x = x_.narrow(1, 0, 8),
               .keys = keys_.narrow(2, 0, 8),
               .values = values_.narrow(2, 0, 8),
               .keep = tokens.keep.narrow(1, 0, 8),
               .before = 0,
               .continues = true},
              state);
  StateVectors first;
  recurrence_(Part(0, 4), first);
  EXPECT_TRUE(state.vectors.select(0, 1).equal(first.vectors.select(0, 1)));
}

}  // namespace
}  // namespace cusp::models
