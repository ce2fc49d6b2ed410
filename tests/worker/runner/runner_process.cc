#include "tests/worker/runner/runner_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <utility>

#include "common/check.h"
#include "common/frame.h"
#include "tests/support/paths.h"

namespace cusp::runner {
namespace {

Subprocess Spawn() {
  auto process = Subprocess::Spawn(
      {.argv = {BinFolder() + "/cusp-runner"}, .extra_env = {}, .with_socket = true});
  CUSP_CHECK(process.ok());
  return *std::move(process);
}

}  // namespace

std::string TinyBert(int64_t positions) {
  return R"({"model_type": "bert", "vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": )" +
         std::to_string(positions) + "}";
}

RunnerProcess::RunnerProcess() : process_(Spawn()) {}

v1::Response RunnerProcess::Call(v1::Request request) {
  request.set_id(next_id_++);
  v1::Response response;
  EXPECT_TRUE(WriteFrame(process_.socket_fd(), request.SerializeAsString()).ok());
  const auto frame = ReadFrame(process_.socket_fd());
  EXPECT_TRUE(frame.ok() && response.ParseFromString(*frame)) << frame.status();
  EXPECT_EQ(response.id(), request.id());
  return response;
}

v1::StartResponse RunnerProcess::Start(const std::string& device, int64_t memory_limit_bytes,
                                       v1::StartRequest::Purpose purpose) {
  v1::Request request;
  v1::StartRequest* start = request.mutable_start();
  start->set_device(device);
  start->set_threads(1);
  start->set_memory_limit_bytes(memory_limit_bytes);
  start->set_purpose(purpose);
  const v1::Response response = Call(request);
  EXPECT_TRUE(response.has_start()) << response.DebugString();
  return response.start();
}

v1::Response RunnerProcess::Build(const v1::BuildRequest& build) {
  v1::Request request;
  *request.mutable_build() = build;
  return Call(request);
}

v1::RunResponse RunnerProcess::Run(const std::vector<v1::Step>& steps) {
  v1::Request request;
  request.mutable_run()->mutable_steps()->Assign(steps.begin(), steps.end());
  const v1::Response response = Call(request);
  EXPECT_EQ(response.run().results_size(), static_cast<int>(steps.size()))
      << response.DebugString();
  return response.run();
}

v1::ComponentsResponse RunnerProcess::Components(const v1::Step& step) {
  v1::Request request;
  *request.mutable_components()->mutable_step() = step;
  const v1::Response response = Call(request);
  EXPECT_TRUE(response.has_components()) << response.DebugString();
  return response.components();
}

v1::MemoryResponse RunnerProcess::Memory() {
  v1::Request request;
  request.mutable_memory();
  return Call(request).memory();
}

void RunnerProcess::Send(std::string_view bytes) {
  EXPECT_EQ(write(process_.socket_fd(), bytes.data(), bytes.size()),
            static_cast<ssize_t>(bytes.size()));
}

v1::BuildRequest BuildOf(int32_t variant, const std::string& config, const std::string& mode,
                         const std::string& dtype) {
  v1::BuildRequest build;
  build.set_variant(variant);
  build.set_config_json(config);
  build.set_attention("eager");
  build.set_dtype(dtype);
  build.set_mode(mode);
  build.set_seed(1);
  return build;
}

v1::Step StepOf(int32_t variant, int64_t length, int calls) {
  v1::Step step;
  step.set_variant(variant);
  step.set_length(length);
  step.set_batch_size(1);
  step.set_calls(calls);
  return step;
}

}  // namespace cusp::runner
