#include "worker/runner/input_cache.h"

#include <gtest/gtest.h>

#include "tests/worker/runner/fake_model.h"

namespace cusp::runner {
namespace {

InputCache::Key Key(int32_t variant, int64_t length) {
  return {.variant = variant, .length = length, .batch_size = 2};
}

TEST(InputCacheTest, MakesInputsOnce) {
  const FakeModel model;
  InputCache cache(4);
  const models::Inputs* inputs = cache.Get(Key(1, 10), model, 7).value();
  EXPECT_EQ(inputs->at("x").sizes(), at::IntArrayRef({2, 10}));
  EXPECT_EQ(cache.Get(Key(1, 10), model, 7).value(), inputs);
  EXPECT_EQ(model.inputs_made(), 1);
}

TEST(InputCacheTest, ForgetsTheLeastRecentlyUsed) {
  const FakeModel model;
  InputCache cache(2);
  ASSERT_TRUE(cache.Get(Key(1, 10), model, 7).ok());
  ASSERT_TRUE(cache.Get(Key(1, 20), model, 7).ok());
  ASSERT_TRUE(cache.Get(Key(1, 10), model, 7).ok());
  ASSERT_TRUE(cache.Get(Key(1, 30), model, 7).ok());
  EXPECT_EQ(cache.size(), 2U);
  ASSERT_TRUE(cache.Get(Key(1, 10), model, 7).ok());
  EXPECT_EQ(model.inputs_made(), 3);
  ASSERT_TRUE(cache.Get(Key(1, 20), model, 7).ok());
  EXPECT_EQ(model.inputs_made(), 4);
}

TEST(InputCacheTest, DropsOneVariant) {
  const FakeModel model;
  InputCache cache(4);
  ASSERT_TRUE(cache.Get(Key(1, 10), model, 7).ok());
  ASSERT_TRUE(cache.Get(Key(2, 10), model, 7).ok());
  cache.Drop(1);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(InputCacheTest, KeepsNothingForAnImpossibleLength) {
  const FakeModel model;
  InputCache cache(4);
  EXPECT_EQ(cache.Get(Key(1, 101), model, 7).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace cusp::runner
