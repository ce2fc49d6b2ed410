#include "client/cli/secret_prompt.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace cusp::client {
namespace {

constexpr size_t kMaxSecretBytes = 4096;

// Shows nothing of what is typed on a terminal while it lives.
class EchoOff {
 public:
  EchoOff() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (is_terminal_) {
      termios quiet = before_;
      // Without its signals too: Ctrl-C then ends the line, not this process with the
      // terminal left as it is.
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
  }
  ~EchoOff() {
    if (is_terminal_) {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
      std::fputc('\n', stderr);
    }
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  const bool is_terminal_;
};

// Byte by byte, so that nothing behind the line is taken.
std::string ReadLine() {
  std::string line;
  char c = 0;
  while (line.size() < kMaxSecretBytes && read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
    line.push_back(c);
  }
  return line;
}

}  // namespace

absl::StatusOr<std::string> ReadSecretLine(const std::string& prompt) {
  std::string line;
  {
    const EchoOff quiet;
    if (isatty(STDIN_FILENO) != 0) {
      std::fputs(prompt.c_str(), stderr);
    }
    line = ReadLine();
  }
  const size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) {
    return absl::InvalidArgumentError("there is no token on standard input");
  }
  line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
  if (std::any_of(line.begin(), line.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return absl::InvalidArgumentError(
        "what was given is no token: it has other than plain "
        "characters");
  }
  return line;
}

}  // namespace cusp::client
