// Strict reading of a model's config.json.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::models {

// Reads keys one by one and remembers the first mistake, so that a caller may
// read everything and ask once. A key that no one has read, and that is not
// known to be harmless, is a mistake: it might change what is computed. Every
// error is INVALID_ARGUMENT and names the key. Not thread-safe.
class ConfigReader {
 public:
  static constexpr int64_t kMaxSize = 1 << 30;

  // INVALID_ARGUMENT for what is not one JSON object, or holds a key twice.
  static absl::StatusOr<ConfigReader> Parse(const std::string& text);

  // The value, or `fallback` where the key is absent. After a mistake the
  // fallback too. An integer may be written 12 or 12.0.
  int64_t Integer(const std::string& key, int64_t fallback, int64_t low, int64_t high = kMaxSize);
  // null counts as none.
  std::optional<int64_t> OptionalInteger(const std::string& key, std::optional<int64_t> fallback,
                                         int64_t low, int64_t high = kMaxSize);
  double Number(const std::string& key, double fallback, double low, double high);
  bool Boolean(const std::string& key, bool fallback);
  std::string Text(const std::string& key, const std::string& fallback);
  // One integer for all, or a list of exactly `count`.
  std::vector<int64_t> Integers(const std::string& key, int64_t fallback, int64_t count,
                                int64_t low, int64_t high = kMaxSize);

  bool Has(const std::string& key) const { return values_.contains(key); }
  // Counts the key as read and refuses any other value: for what is not implemented.
  void Require(const std::string& key, const nlohmann::json& only, const std::string& why);
  // Records a mistake found by the caller.
  void Fail(const std::string& key, const std::string& what);

  // The first mistake; else an unknown key, with the nearest known one.
  absl::Status Finish() const;

 private:
  explicit ConfigReader(nlohmann::json values) : values_(std::move(values)) {}

  // The value, marked as read; null where absent or after a mistake.
  const nlohmann::json* Find(const std::string& key);
  std::optional<int64_t> CheckedInteger(const std::string& key, const nlohmann::json& value,
                                        int64_t low, int64_t high);

  nlohmann::json values_;
  std::set<std::string> read_;
  absl::Status status_;
};

}  // namespace cusp::models
