#include "client/cli/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

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

TEST(InterruptTest, EchoOfASignalIsNoSecondOne) {
  const Interrupt interrupt;
  raise(SIGTERM);
  raise(SIGTERM);
  EXPECT_EQ(interrupt.signal(), SIGTERM);
}

TEST(InterruptDeathTest, SecondSignalEndsTheProcess) {
  const auto interrupt_twice = [] {
    const Interrupt interrupt;
    const auto start = std::chrono::steady_clock::now();
    raise(SIGINT);
    // Once a moment has passed it counts, and the process is gone.
    while (std::chrono::steady_clock::now() - start < std::chrono::seconds(10)) {
      raise(SIGINT);
    }
  };
  EXPECT_EXIT(interrupt_twice(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace cusp::client
