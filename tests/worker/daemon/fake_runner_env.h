// Where the binary fake_runner is, and how it learns its script.
#pragma once

#include <cstdlib>
#include <string>

#include "common/file.h"
#include "tests/support/temp_dir.h"

namespace cusp::worker {

// Built beside the tests.
inline std::string FakeRunnerPath() { return *ExecutableDirectory() + "/fake_runner"; }

// Gives every fake_runner started in its lifetime this script.
class ScriptInEnvironment {
 public:
  explicit ScriptInEnvironment(const std::string& json) {
    setenv("CUSP_FAKE_RUNNER_SCRIPT", folder_.Write("script.json", json).c_str(), 1);
  }
  ~ScriptInEnvironment() { unsetenv("CUSP_FAKE_RUNNER_SCRIPT"); }
  ScriptInEnvironment(const ScriptInEnvironment&) = delete;
  ScriptInEnvironment& operator=(const ScriptInEnvironment&) = delete;

 private:
  TempDir folder_;
};

}  // namespace cusp::worker
