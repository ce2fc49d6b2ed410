// What each file of this folder defines: one function that must answer every
// input, checked with CUSP_CHECK, for libFuzzer (preset fuzz) and for
// mutation_test.cc alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Always 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace cusp::fuzz {

inline std::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace cusp::fuzz
