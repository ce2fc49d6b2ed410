// Invariants of our own code. Bad input is never one of them: it gets a Status.
#pragma once

#include <string_view>

namespace cusp::internal {

// Prints the place and the broken condition to stderr, and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, std::string_view what);

}  // namespace cusp::internal

#define CUSP_CHECK(condition)                                        \
  do {                                                               \
    if (!(condition)) {                                              \
      ::cusp::internal::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                                \
  } while (false)
