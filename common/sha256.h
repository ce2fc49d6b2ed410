// SHA-256, for the identity of files and messages.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace cusp {

// A digest of bytes that come in pieces. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void Update(std::string_view bytes);

  // Lower-case hex of all so far; more may follow.
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Lower-case hex of the digest.
std::string Sha256Hex(std::string_view bytes);

// The same of a file's content, read in pieces. NOT_FOUND or UNAVAILABLE with
// the path named.
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);

}  // namespace cusp
