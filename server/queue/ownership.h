// Who may change what.
#pragma once

#include <string>
#include <string_view>

namespace cusp::server {

// Whoever asks for a change.
struct Actor {
  std::string user;
  bool is_admin = false;
};

// A job belongs to its owner; an administrator may change everybody's.
constexpr bool MayChange(std::string_view actor, std::string_view owner, bool is_admin) {
  return is_admin || actor == owner;
}

}  // namespace cusp::server
