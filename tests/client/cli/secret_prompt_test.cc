#include "client/cli/secret_prompt.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

// Standard input is `fd` for its lifetime; owns it.
class Input {
 public:
  explicit Input(int fd) : before_(dup(STDIN_FILENO)) {
    dup2(fd, STDIN_FILENO);
    close(fd);
  }
  ~Input() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

 private:
  const int before_;
};

absl::StatusOr<std::string> ReadOf(const std::string& text) {
  const TempDir dir;
  const Input input(open(dir.Write("in", text).c_str(), O_RDONLY | O_CLOEXEC));
  return ReadSecretLine("Token: ");
}

TEST(SecretPromptTest, TakesOneLineWithoutItsSpace) {
  EXPECT_THAT(ReadOf(" abc \r\nmore\n"), IsOkAndHolds("abc"));
  EXPECT_THAT(ReadOf("abc"), IsOkAndHolds("abc"));
}

TEST(SecretPromptTest, NothingAndWhatIsNoTextAreRefused) {
  for (const char* text : {"", "\n", "  \nabc\n", "a b\n", "a\x03\n", "\xff\n"}) {
    EXPECT_THAT(ReadOf(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(SecretPromptTest, TerminalShowsThePromptAndNotTheSecret) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
    GTEST_SKIP() << "needs a pseudo-terminal";
  }
  const int line = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(line, 0);
  termios before{};
  ASSERT_EQ(tcgetattr(line, &before), 0);
  ASSERT_NE(before.c_lflag & ECHO, 0U);
  const int kept = dup(line);
  {
    const Input input(line);
    // Typed only once it is silent: what came before is thrown away.
    ASSERT_EQ(fcntl(terminal, F_SETFL, O_NONBLOCK), 0);
    testing::internal::CaptureStderr();
    std::thread typist([kept, terminal] {
      termios now{};
      while (tcgetattr(kept, &now) == 0 && (now.c_lflag & ECHO) != 0) {
        std::this_thread::yield();
      }
      [[maybe_unused]] const ssize_t n = write(terminal, "abc\n", 4);
    });
    EXPECT_THAT(ReadSecretLine("Token: "), IsOkAndHolds("abc"));
    typist.join();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "Token: \n");
  }
  char shown[16] = {};
  EXPECT_LE(read(terminal, shown, sizeof(shown)), 0) << shown;
  termios after{};
  ASSERT_EQ(tcgetattr(kept, &after), 0);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  close(kept);
  close(terminal);
}

}  // namespace
}  // namespace cusp::client
