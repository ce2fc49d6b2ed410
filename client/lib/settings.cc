#include "client/lib/settings.h"

#include <pwd.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr size_t kMaxConfigBytes = 64U << 10U;
constexpr char kKnownKeys[] = "server, token_file, ca, cert, key, state";

// $NAME/cusp, or ~/FALLBACK/cusp; empty where there is no home either.
std::string BaseFolder(const Environment& environment, const std::string& name,
                       const std::string& fallback) {
  // The specification of these variables has relative ones ignored.
  if (const std::string base = environment(name); !base.empty() && base.front() == '/') {
    return base + "/cusp";
  }
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/" + fallback + "/cusp";
}

std::string ExpandHome(const std::string& path, const Environment& environment) {
  return path.rfind("~/", 0) == 0 ? environment("HOME") + path.substr(1) : path;
}

absl::Status FaultAt(const std::string& path, const YAML::Mark& mark, const std::string& what) {
  std::string place = path;
  if (!mark.is_null()) {
    place += ":" + std::to_string(mark.line + 1);
  }
  return absl::InvalidArgumentError(place + ": " + what);
}

std::string* FieldOf(Settings& settings, const std::string& key) {
  ChannelOptions& channel = settings.channel;
  if (key == "server") return &channel.server;
  if (key == "token_file") return &channel.token_file;
  if (key == "ca") return &channel.ca_file;
  if (key == "cert") return &channel.cert_file;
  if (key == "key") return &channel.key_file;
  if (key == "state") return &settings.state;
  return nullptr;
}

absl::StatusOr<Settings> ParseConfig(const std::string& path, const std::string& content,
                                     const Environment& environment) {
  Settings settings;
  try {
    const YAML::Node root = YAML::Load(content);
    if (root.IsNull()) {
      return settings;
    }
    if (!root.IsMap()) {
      return FaultAt(path, root.Mark(), std::string("write `key: value` lines: ") + kKnownKeys);
    }
    for (const auto& entry : root) {
      if (!entry.first.IsScalar() || !entry.second.IsScalar()) {
        return FaultAt(path, entry.first.Mark(), "a key and its value are plain text");
      }
      const std::string& key = entry.first.Scalar();
      std::string* field = FieldOf(settings, key);
      if (field == nullptr) {
        return FaultAt(path, entry.first.Mark(),
                       "unknown key `" + key + "`; known are " + kKnownKeys);
      }
      if (!field->empty()) {
        return FaultAt(path, entry.first.Mark(), "key `" + key + "` is there twice");
      }
      *field = ExpandHome(entry.second.Scalar(), environment);
    }
  } catch (const YAML::Exception& error) {
    return FaultAt(path, error.mark, error.msg);
  }
  return settings;
}

void FillEmpty(std::string& field, const std::string& value) {
  if (field.empty()) {
    field = value;
  }
}

void FillEmpty(ChannelOptions& channel, const ChannelOptions& from) {
  FillEmpty(channel.server, from.server);
  FillEmpty(channel.token_file, from.token_file);
  FillEmpty(channel.ca_file, from.ca_file);
  FillEmpty(channel.cert_file, from.cert_file);
  FillEmpty(channel.key_file, from.key_file);
}

absl::StatusOr<Settings> ReadDefaultConfigFile(const Environment& environment) {
  const std::string folder = BaseFolder(environment, "XDG_CONFIG_HOME", ".config");
  return folder.empty() ? Settings{} : ReadConfigFile(folder + "/config.yaml", environment);
}

absl::StatusOr<Settings> PrivateSettings(const Settings& flags, const Settings& file,
                                         const Environment& environment) {
  Settings settings;
  settings.state = flags.state.empty() ? file.state : flags.state;
  if (settings.state.empty()) {
    CUSP_ASSIGN_OR_RETURN(settings.state, DefaultState(environment));
  }
  // Children and sockets must not depend on the current folder.
  std::error_code error;
  const std::filesystem::path state =
      std::filesystem::absolute(settings.state, error).lexically_normal();
  settings.state = (state.has_filename() ? state : state.parent_path()).string();
  return settings;
}

// What a service's or container's environment may lack, the user's entry knows.
std::string HomeOfUser() {
  const passwd* entry = getpwuid(geteuid());
  return entry == nullptr || entry->pw_dir == nullptr ? "" : entry->pw_dir;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr && name == "HOME") {
      return HomeOfUser();
    }
    return std::string(value == nullptr ? "" : value);
  };
}

absl::StatusOr<Settings> ReadConfigFile(const std::string& path, const Environment& environment) {
  const absl::StatusOr<std::string> content = ReadFile(path, kMaxConfigBytes);
  if (absl::IsNotFound(content.status())) {
    return Settings{};
  }
  CUSP_RETURN_IF_ERROR(content.status());
  return ParseConfig(path, *content, environment);
}

absl::StatusOr<std::string> ConfigFolder(const Environment& environment) {
  std::string folder = BaseFolder(environment, "XDG_CONFIG_HOME", ".config");
  if (folder.empty()) {
    return absl::InvalidArgumentError(
        "neither HOME nor XDG_CONFIG_HOME is set, so there is no place for config.yaml");
  }
  return folder;
}

absl::StatusOr<std::string> DefaultState(const Environment& environment) {
  std::string folder = BaseFolder(environment, "XDG_DATA_HOME", ".local/share");
  if (folder.empty()) {
    return absl::InvalidArgumentError("neither HOME nor XDG_DATA_HOME is set: give --state DIR");
  }
  return folder;
}

absl::StatusOr<Settings> ResolveSettings(const Settings& flags, const Environment& environment) {
  if (!flags.channel.server.empty() && !flags.state.empty()) {
    return absl::InvalidArgumentError(
        "--server names a coordinator and --state a private one: give one of them");
  }
  Settings settings = flags;
  Settings from_environment;
  from_environment.channel.server = environment("CUSP_SERVER");
  from_environment.channel.token_file = environment("CUSP_TOKEN_FILE");
  from_environment.channel.ca_file = environment("CUSP_CA");
  FillEmpty(settings.channel, from_environment.channel);
  CUSP_ASSIGN_OR_RETURN(const Settings file, ReadDefaultConfigFile(environment));
  // A token must not travel to a server it was not made for.
  if (settings.channel.server.empty() || file.channel.server.empty() ||
      settings.channel.server == file.channel.server) {
    FillEmpty(settings.channel, file.channel);
  }
  if (!flags.state.empty() || settings.channel.server.empty()) {
    return PrivateSettings(flags, file, environment);
  }
  return settings;
}

absl::StatusOr<Settings> ResolvePrivateSettings(const Settings& flags,
                                                const Environment& environment) {
  if (!flags.channel.server.empty()) {
    return absl::InvalidArgumentError(
        "this command measures on this machine, with a coordinator of its own: leave --server "
        "out, or use `cusp submit`");
  }
  CUSP_ASSIGN_OR_RETURN(const Settings file, ReadDefaultConfigFile(environment));
  return PrivateSettings(flags, file, environment);
}

}  // namespace cusp::client
