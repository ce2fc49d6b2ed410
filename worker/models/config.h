// A model's complete configuration, with nothing left to check or look up.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/config.h"
#include "catalog/model.h"

namespace cusp::models {

// Which keys there are, their types, ranges and defaults stand in the catalog
// alone; what is read here is there and good. Immutable.
class Config {
 public:
  // Completes and checks the text of a config.json. A silent configuration
  // holds positions for `longest_length`. INVALID_ARGUMENT names the key and the
  // remedy.
  static absl::StatusOr<Config> Parse(const std::string& text, bool profiling,
                                      int64_t longest_length);

  const catalog::Model& model() const { return *model_; }

  // Values by key, of the type that the catalog gives it; numbers of heads and rows as
  // pruning leaves them.
  int64_t Int(const char* key) const;
  // Of an "… or null" key.
  std::optional<int64_t> OptionalInt(const char* key) const;
  double Real(const char* key) const;
  bool Flag(const char* key) const;
  // The same of an axis, which need not be there.
  bool Axis(const char* key) const { return values_.value(key, false); }
  std::string Text(const char* key) const;
  // Of a list, or of "integer or list" that the catalog's rules made a list.
  std::vector<int64_t> Ints(const char* key) const;
  std::vector<double> Reals(const char* key) const;
  std::vector<std::string> Texts(const char* key) const;

  // The same with further values, for models that share another's code under keys
  // of their own.
  Config With(const nlohmann::json& more) const;

  const nlohmann::json& values() const { return values_; }
  // What follows from it.
  int64_t quantum() const { return complete_.quantum; }
  const catalog::LengthLimits& limits() const { return complete_.limits; }
  double parameters() const { return complete_.parameters; }

 private:
  Config(const catalog::Model* model, catalog::CompleteConfig complete);

  const catalog::Model* model_;
  catalog::CompleteConfig complete_;
  nlohmann::json values_;
};

}  // namespace cusp::models
