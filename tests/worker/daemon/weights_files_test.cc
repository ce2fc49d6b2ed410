#include "worker/daemon/weights_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace cusp::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WeightsFilesTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(dir_.Join(name)) << content;
    return dir_.Join(name);
  }

  TempDir dir_;
  v1::JobSpec spec_;
};

TEST_F(WeightsFilesTest, FilesOfAllVariantsThatAreThere) {
  spec_.add_baselines()->set_weights_path(Write("a.safetensors", "a"));
  spec_.add_baselines();  // has none
  spec_.add_candidates()->set_weights_path(Write("b.safetensors", "b"));
  spec_.add_candidates()->set_weights_path(dir_.Join("absent.safetensors"));
  spec_.add_candidates()->set_weights_path(dir_.path());
  EXPECT_THAT(WeightsFilesOf(spec_),
              ElementsAre(dir_.Join("a.safetensors"), dir_.Join("b.safetensors")));
}

TEST_F(WeightsFilesTest, IndexBringsItsShards) {
  spec_.add_candidates()->set_weights_path(
      Write("model.safetensors.index.json",
            R"({"weight_map": {"x": "model-1.safetensors", "y": "model-2.safetensors"}})"));
  EXPECT_THAT(WeightsFilesOf(spec_),
              ElementsAre(dir_.Join("model.safetensors.index.json"),
                          dir_.Join("model-1.safetensors"), dir_.Join("model-2.safetensors")));
}

TEST_F(WeightsFilesTest, BadIndexIsShownAloneForTheRunnerToRefuse) {
  spec_.add_candidates()->set_weights_path(Write("model.safetensors.index.json", "{"));
  EXPECT_THAT(WeightsFilesOf(spec_), ElementsAre(dir_.Join("model.safetensors.index.json")));
  spec_.clear_candidates();
  EXPECT_THAT(WeightsFilesOf(spec_), IsEmpty());
}

}  // namespace
}  // namespace cusp::worker
