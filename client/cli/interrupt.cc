#include "client/cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "common/check.h"

namespace cusp::client {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t noted = 0;
bool installed = false;
std::array<struct sigaction, kSignals.size()> previous;

void Note(int signal_number) {
  if (noted != 0) {
    _exit(128 + signal_number);
  }
  noted = signal_number;
}

}  // namespace

Interrupt::Interrupt() {
  CUSP_CHECK(!installed);
  installed = true;
  noted = 0;
  struct sigaction action {};
  action.sa_handler = Note;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &action, &previous[i]);
    // `nohup cusp run …` stays immune.
    if (kSignals[i] == SIGHUP && previous[i].sa_handler == SIG_IGN) {
      sigaction(SIGHUP, &previous[i], nullptr);
    }
  }
}

Interrupt::~Interrupt() {
  for (size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &previous[i], nullptr);
  }
  installed = false;
}

int Interrupt::signal() const { return noted; }

}  // namespace cusp::client
