// A coordinator in this process behind a real socket, and weights in a folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "catalog/weights_index.h"
#include "client/lib/client.h"
#include "client/lib/weights_upload.h"
#include "common/channel.h"
#include "common/clock.h"
#include "cusp/v1/spec.pb.h"
#include "server/api/coordinator.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {

class WeightsTest : public ::testing::Test {
 protected:
  WeightsTest() { Start(); }

  void Start() {
    server::CoordinatorOptions options;
    options.data_folder = dir_.Join("data");
    options.listen = address_;
    auto coordinator = server::Coordinator::Start(options, clock_);
    ASSERT_THAT(coordinator, IsOk());
    coordinator_ = *std::move(coordinator);
  }
  void Stop() { coordinator_.reset(); }

  std::shared_ptr<grpc::Channel> Connect() const {
    ChannelOptions options;
    options.server = address_;
    return *OpenChannel(options);
  }

  client::Client NewClient() {
    return client::Client(Connect(), {.server = address_, .revive = nullptr, .sleep = nullptr});
  }

  // A job whose baseline has the weights at `path`, as a job file would name them.
  static v1::JobSpec SpecWith(const std::string& path) {
    v1::JobSpec spec;
    spec.add_baselines()->set_model("bert");
    spec.mutable_baselines(0)->set_weights_path(path);
    spec.mutable_baselines(0)->set_weights_sha256(*catalog::Sha256HexOfWeights(path));
    spec.add_candidates()->set_model("longformer");
    return spec;
  }

  // An index and two shards; the path of the index.
  std::string WriteShards() const {
    dir_.Write("model-1.safetensors", "first shard");
    dir_.Write("model-2.safetensors", std::string(3'000'000, '2'));
    return dir_.Write(
        "model.safetensors.index.json",
        R"({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})");
  }

  static absl::Status Upload(client::Client&& client, const v1::JobSpec& spec) {
    return client::UploadWeights(
        client, spec, [](const std::string&, int64_t, int64_t) { return absl::OkStatus(); });
  }

  TempDir dir_;
  const std::string address_ = "unix:" + dir_.Join("s");
  SystemClock clock_;
  std::unique_ptr<server::Coordinator> coordinator_;
};

}  // namespace cusp
