#include "client/lib/login.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/errno_status.h"
#include "common/file.h"
#include "common/secret_file.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

std::string ConfigPath(const std::string& folder) { return folder + "/config.yaml"; }
std::string TokenPath(const std::string& folder) { return folder + "/token"; }
std::string PendingPath(const std::string& folder) { return folder + "/token.new"; }

// What the file names must be found from every folder.
absl::Status MakeAbsolute(std::string& path) {
  if (path.empty()) {
    return absl::OkStatus();
  }
  std::error_code error;
  path = std::filesystem::absolute(path, error).lexically_normal().string();
  return error ? absl::InvalidArgumentError(path + ": " + error.message()) : absl::OkStatus();
}

absl::Status Remove(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? absl::OkStatus() : ErrnoStatus(path);
}

}  // namespace

std::string ConfigText(const Settings& settings) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  const auto add = [&out](const char* key, const std::string& value) {
    if (!value.empty()) {
      out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
    }
  };
  add("server", settings.channel.server);
  add("token_file", settings.channel.token_file);
  add("ca", settings.channel.ca_file);
  add("cert", settings.channel.cert_file);
  add("key", settings.channel.key_file);
  add("state", settings.state);
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

absl::StatusOr<PendingLogin> PendingLogin::Begin(ChannelOptions channel, const std::string& token,
                                                 const Environment& environment) {
  CUSP_ASSIGN_OR_RETURN(std::string folder, ConfigFolder(environment));
  CUSP_RETURN_IF_ERROR(MakeDirectories(folder));
  for (std::string* path : {&channel.ca_file, &channel.cert_file, &channel.key_file}) {
    CUSP_RETURN_IF_ERROR(MakeAbsolute(*path));
  }
  channel.token_file.clear();
  if (!token.empty()) {
    channel.token_file = PendingPath(folder);
    CUSP_RETURN_IF_ERROR(ReplaceSecretFile(channel.token_file, token + "\n"));
  }
  return PendingLogin(std::move(folder), std::move(channel), environment);
}

PendingLogin::PendingLogin(std::string folder, ChannelOptions channel, Environment environment)
    : folder_(std::move(folder)),
      channel_(std::move(channel)),
      environment_(std::move(environment)) {}

PendingLogin::PendingLogin(PendingLogin&& other) noexcept
    : folder_(std::move(other.folder_)),
      channel_(std::exchange(other.channel_, {})),
      environment_(std::move(other.environment_)) {}

PendingLogin::~PendingLogin() {
  if (!channel_.token_file.empty()) {
    unlink(channel_.token_file.c_str());
  }
}

absl::Status PendingLogin::Keep() {
  CUSP_ASSIGN_OR_RETURN(Settings settings, ReadConfigFile(ConfigPath(folder_), environment_));
  settings.channel = channel_;
  if (channel_.token_file.empty()) {
    CUSP_RETURN_IF_ERROR(Remove(TokenPath(folder_)));
  } else {
    settings.channel.token_file = TokenPath(folder_);
    if (rename(channel_.token_file.c_str(), settings.channel.token_file.c_str()) != 0) {
      return ErrnoStatus(settings.channel.token_file);
    }
    channel_.token_file.clear();
  }
  return ReplaceSecretFile(ConfigPath(folder_), ConfigText(settings));
}

absl::StatusOr<bool> RemoveLogin(const Environment& environment) {
  CUSP_ASSIGN_OR_RETURN(const std::string folder, ConfigFolder(environment));
  CUSP_ASSIGN_OR_RETURN(Settings settings, ReadConfigFile(ConfigPath(folder), environment));
  CUSP_RETURN_IF_ERROR(Remove(TokenPath(folder)));
  if (settings.channel.server.empty()) {
    return false;
  }
  settings.channel = {};
  if (settings.state.empty()) {
    CUSP_RETURN_IF_ERROR(Remove(ConfigPath(folder)));
  } else {
    CUSP_RETURN_IF_ERROR(ReplaceSecretFile(ConfigPath(folder), ConfigText(settings)));
  }
  return true;
}

}  // namespace cusp::client
