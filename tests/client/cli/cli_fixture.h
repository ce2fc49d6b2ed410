// Runs `cusp` in this process against a fake coordinator.
#pragma once

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/invocation.h"
#include "tests/client/example_job.h"
#include "tests/client/lib/fake_services.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {

// What one call did.
struct CuspResult {
  int code = 0;
  std::string out;
  std::string err;
};

// Parses and runs, as main does. Not for commands that start other programs.
inline CuspResult CallCusp(std::vector<std::string> arguments) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  CuspResult result;
  Invocation invocation;
  CLI::App app;
  AddCommands(app, invocation);
  std::vector<const char*> argv = {"cusp"};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  result.code = RunCommandLine(app, invocation, static_cast<int>(argv.size()), argv.data());
  std::fflush(nullptr);
  result.out = testing::internal::GetCapturedStdout();
  result.err = testing::internal::GetCapturedStderr();
  return result;
}

// A coordinator that knows ExampleJob() and ExampleResult(), and an empty home
// for the time of the test.
class CliTest : public testing::Test {
 protected:
  CliTest() {
    setenv("HOME", temp_.path().c_str(), 1);
    setenv("CUSP_SERVER", address().c_str(), 1);
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "CUSP_TOKEN_FILE", "CUSP_CA"}) {
      unsetenv(name);
    }
    coordinator_.jobs.get = [this](const v1::GetJobRequest& request, v1::GetJobResponse& response) {
      if (job_.name().rfind(request.name(), 0) != 0) {
        return grpc::Status(grpc::StatusCode::NOT_FOUND, "no job " + request.name());
      }
      *response.mutable_job() = job_;
      return grpc::Status::OK;
    };
    coordinator_.jobs.watch = [this](auto&, auto& writer) {
      v1::WatchJobResponse response;
      *response.mutable_job() = job_;
      writer.Write(response);
      return grpc::Status::OK;
    };
    coordinator_.results.get = [this](const auto&, auto& response) {
      *response.mutable_result() = result_;
      return grpc::Status::OK;
    };
  }

  std::string address() const { return "unix:" + temp_.Join("s"); }

  TempDir temp_;
  FakeCoordinator coordinator_{address()};
  v1::Job job_ = ExampleJob();
  v1::JobResult result_ = ExampleResult();
};

}  // namespace cusp::client
