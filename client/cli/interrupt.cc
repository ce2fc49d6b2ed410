#include "client/cli/interrupt.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/check.h"

namespace cusp::client {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t noted = 0;
volatile int64_t noted_at_millis = 0;  // only the handler touches it
bool installed = false;
std::array<struct sigaction, kSignals.size()> previous;

// Safe in a signal handler.
int64_t NowMillis() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

void Note(int signal_number) {
  const int64_t now = NowMillis();
  if (noted == 0) {
    noted_at_millis = now;
    noted = signal_number;
  } else if (now - noted_at_millis >= Interrupt::kEchoMillis) {
    _exit(128 + signal_number);
  }
}

}  // namespace

Interrupt::Interrupt() {
  CUSP_CHECK(!installed);
  installed = true;
  noted = 0;
  struct sigaction action {};
  action.sa_handler = Note;
  sigemptyset(&action.sa_mask);
  for (const int signal_number : kSignals) {
    sigaddset(&action.sa_mask, signal_number);
  }
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
