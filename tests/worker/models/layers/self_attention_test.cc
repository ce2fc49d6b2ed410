#include "worker/models/layers/self_attention.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

namespace cusp::models {
namespace {

class EncoderOnly : public SelfAttention {
 public:
  at::Tensor Forward(const at::Tensor& x, const SequenceMask& /*mask*/) override { return x; }
};

TEST(SelfAttentionTest, WhatDoesNotDecodeHasNoState) {
  EncoderOnly attention;
  EXPECT_EQ(attention.NewState(), nullptr);
  LayerState state;
  EXPECT_THROW(attention.Extend({}, state), c10::Error);
}

}  // namespace
}  // namespace cusp::models
