// What `cusp login` keeps: a configuration file, and the token beside it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/settings.h"
#include "common/channel.h"

namespace cusp::client {

// Text of a configuration file that ReadConfigFile() reads as `settings`.
std::string ConfigText(const Settings& settings);

// A token that lies in the configuration folder, mode 0600, until it is known to be
// good. Destroyed before it was kept, it is gone.
class PendingLogin {
 public:
  // Writes `token`, which may be empty where the server takes none. `channel` is what to
  // connect with; paths in it become absolute. INVALID_ARGUMENT, or a file's errors.
  static absl::StatusOr<PendingLogin> Begin(ChannelOptions channel, const std::string& token,
                                            const Environment& environment);

  PendingLogin(PendingLogin&& other) noexcept;
  PendingLogin& operator=(PendingLogin&&) = delete;
  PendingLogin(const PendingLogin&) = delete;
  PendingLogin& operator=(const PendingLogin&) = delete;
  ~PendingLogin();

  // To try it with.
  const ChannelOptions& channel() const { return channel_; }

  // Replaces the token and the server of the configuration file; `state` in it stays.
  absl::Status Keep();

 private:
  PendingLogin(std::string folder, ChannelOptions channel, Environment environment);

  std::string folder_;
  ChannelOptions channel_;  // its token_file is the pending one, or empty
  Environment environment_;
};

// Removes the token that login wrote, and the server with all that belongs to it from
// the configuration file. False where there was none.
absl::StatusOr<bool> RemoveLogin(const Environment& environment);

}  // namespace cusp::client
