// Short ways to values of a complete configuration.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace cusp::catalog {

// The integer at `key`, which is there and is one.
inline int64_t Int(const nlohmann::json& config, const char* key) {
  return config.at(key).get<int64_t>();
}

inline double Real(const nlohmann::json& config, const char* key) {
  return config.at(key).get<double>();
}

inline bool Flag(const nlohmann::json& config, const char* key) {
  return config.at(key).get<bool>();
}

// The smallest multiple of `quantum` that is at least `length`.
inline int64_t RoundUp(int64_t length, int64_t quantum) {
  return (length + quantum - 1) / quantum * quantum;
}

}  // namespace cusp::catalog
