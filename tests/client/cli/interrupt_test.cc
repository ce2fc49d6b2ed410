#include "client/cli/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace cusp::client {
namespace {

TEST(InterruptTest, NotesTheSignalAndItsExitCode) {
  const Interrupt interrupt;
  EXPECT_EQ(interrupt.signal(), 0);
  raise(SIGINT);
  EXPECT_EQ(interrupt.signal(), SIGINT);
  EXPECT_EQ(interrupt.ExitCode(), 130);
}

TEST(InterruptTest, EachStartsAnew) {
  {
    const Interrupt interrupt;
    raise(SIGTERM);
    EXPECT_EQ(interrupt.ExitCode(), 143);
  }
  const Interrupt interrupt;
  EXPECT_EQ(interrupt.signal(), 0);
}

TEST(InterruptDeathTest, SecondSignalEndsTheProcess) {
  const auto interrupt_twice = [] {
    const Interrupt interrupt;
    raise(SIGINT);
    raise(SIGINT);
  };
  EXPECT_EXIT(interrupt_twice(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace cusp::client
