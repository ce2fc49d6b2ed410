#include "catalog/config_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;

const Model& Bert() { return *FindModel("bert"); }

TEST(ConfigKeysTest, MisspeltKeyNamesTheNearest) {
  EXPECT_THAT(FaultOfKey(Bert(), "hiden_size", 8), HasSubstr("did you mean 'hidden_size'?"));
}

TEST(ConfigKeysTest, KeyOfAnotherModelIsRefused) {
  EXPECT_THAT(FaultOfKey(Bert(), "num_landmarks", 8),
              HasSubstr("unknown configuration key 'num_landmarks' of bert"));
  EXPECT_EQ(FindKey(Bert(), "num_landmarks"), nullptr);
  EXPECT_NE(FindKey(*FindModel("nystromformer"), "num_landmarks"), nullptr);
}

TEST(ConfigKeysTest, KeysOfPublishedFilesThatChangeNothingPass) {
  for (const char* name : {"architectures", "use_cache", "num_labels", "torch_dtype"}) {
    EXPECT_THAT(FaultOfKey(Bert(), name, Json::array({1})), IsEmpty()) << name;
    EXPECT_EQ(FindKey(Bert(), name), nullptr);
  }
  EXPECT_THAT(FaultOfKey(Bert(), "position_embedding_type", "absolute"), IsEmpty());
}

TEST(ConfigKeysTest, KeyThatWouldChangeTheComputationIsRefused) {
  EXPECT_THAT(FaultOfKey(Bert(), "position_embedding_type", "relative_key"),
              HasSubstr("only \"absolute\""));
}

TEST(ConfigKeysTest, ValuesHaveTypeAndRange) {
  EXPECT_THAT(FaultOfKey(Bert(), "hidden_size", 64), IsEmpty());
  EXPECT_THAT(FaultOfKey(Bert(), "hidden_size", 0), HasSubstr("use 1 to 1000000"));
  EXPECT_THAT(FaultOfKey(Bert(), "hidden_size", "64"), HasSubstr("write an integer"));
  EXPECT_THAT(FaultOfKey(Bert(), "hidden_act", "glu"), HasSubstr("use one of: gelu"));
}

}  // namespace
}  // namespace cusp::catalog
