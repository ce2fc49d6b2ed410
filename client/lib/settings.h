// Where `cusp` finds its coordinator: flags, environment, configuration file.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/channel.h"

namespace cusp::client {

// One source of settings, or what they add up to. Empty: not set.
struct Settings {
  ChannelOptions channel;
  std::string state;  // folder of the private coordinator
};

// Value of an environment variable; empty where it is not set.
using Environment = std::function<std::string(const std::string& name)>;

// The process's own; HOME is the user's own folder where it is not set.
Environment ProcessEnvironment();

// Reads a configuration file: a YAML map with the keys server, token_file, ca,
// cert, key and state; paths may begin with "~/". A missing file is empty.
// INVALID_ARGUMENT with file, line and the keys known for anything else.
absl::StatusOr<Settings> ReadConfigFile(const std::string& path, const Environment& environment);

// $XDG_CONFIG_HOME/cusp or ~/.config/cusp. INVALID_ARGUMENT where neither variable is
// set.
absl::StatusOr<std::string> ConfigFolder(const Environment& environment);

// Flags win over CUSP_SERVER, CUSP_TOKEN_FILE, CUSP_CA, and those over
// $XDG_CONFIG_HOME/cusp/config.yaml. The file's token and certificates are for
// the file's server: with another one they are not used. The result has either
// a server, or an absolute `state` and no server. A `state` among the flags
// wins over servers from elsewhere. INVALID_ARGUMENT where both are flags, or
// for a broken file.
absl::StatusOr<Settings> ResolveSettings(const Settings& flags, const Environment& environment);

// The same for what runs on this machine alone: no server, whatever is
// configured. INVALID_ARGUMENT where a server is among the flags.
absl::StatusOr<Settings> ResolvePrivateSettings(const Settings& flags,
                                                const Environment& environment);

// $XDG_DATA_HOME/cusp or ~/.local/share/cusp. INVALID_ARGUMENT where neither
// variable is set.
absl::StatusOr<std::string> DefaultState(const Environment& environment);

}  // namespace cusp::client
