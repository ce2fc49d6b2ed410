// A self-test's report for people, and for programs.
#pragma once

#include <string>

#include "worker/daemon/self_test.h"

namespace cusp::worker {

// Some lines, each ended.
std::string ToText(const SelfTestReport& report);

// One object, ended by a line feed. `blocks_to_tell` is null where more than a sweep's
// limit would be needed.
std::string ToJson(const SelfTestReport& report);

}  // namespace cusp::worker
