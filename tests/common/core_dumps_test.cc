#include "common/core_dumps.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

namespace cusp {
namespace {

TEST(CoreDumpsTest, NeitherProcessNorChildrenLeaveOne) {
  // In a process of its own, since nothing brings the limit back.
  EXPECT_EXIT(
      {
        ForbidCoreDumps();
        rlimit limit{};
        limit.rlim_cur = 1;
        getrlimit(RLIMIT_CORE, &limit);
        const bool forbidden =
            limit.rlim_cur == 0 && limit.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0;
        std::_Exit(forbidden ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace cusp
