#include "client/lib/named_files.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "catalog/quote.h"
#include "catalog/weights_index.h"
#include "common/file.h"

namespace cusp::client {
namespace {

using catalog::Quoted;

constexpr size_t kMaxConfigBytes = size_t{64} << 10U;

// The path of the regular file that `node` names, absolute.
MaybeFault TakeFile(const YamlNode& node, const std::string& folder, std::string& out) {
  std::string text;
  if (auto fault = TakeText(node, node.key, text)) {
    return fault;
  }
  const std::string shown = node.key + " " + Quoted(text);
  if (text.empty() || text.find('\0') != std::string::npos) {
    return YamlFault{node.mark, shown + " is no path; write one"};
  }
  std::error_code error;
  // Symbolic links are followed; what is no file, like a device, has no end.
  const std::filesystem::path path =
      std::filesystem::absolute(std::filesystem::path(folder) / text, error).lexically_normal();
  const bool is_file = !error && std::filesystem::is_regular_file(path, error);
  if (!is_file) {
    std::error_code ignored;
    return YamlFault{node.mark, shown + (std::filesystem::exists(path, ignored)
                                             ? " is no file; name one"
                                             : " does not exist; relative paths count from the "
                                               "job file's folder")};
  }
  out = path.string();
  return std::nullopt;
}

}  // namespace

MaybeFault TakeConfigFile(const YamlNode& node, const std::string& folder,
                          v1::VariantSpec& variant) {
  const size_t first = node.text.find_first_not_of(" \t\r\n");
  const bool is_content = first != std::string::npos && node.text[first] == '{';
  const std::string shown = "config_file" + (is_content ? "" : " " + Quoted(node.text));
  absl::StatusOr<std::string> content = node.text;
  if (!is_content) {
    std::string path;
    if (auto fault = TakeFile(node, folder, path)) {
      return fault;
    }
    content = ReadFile(path, kMaxConfigBytes);
  } else if (node.text.size() > kMaxConfigBytes) {
    content = absl::InvalidArgumentError("too long");
  }
  if (!content.ok()) {
    return YamlFault{node.mark, shown + (absl::IsInvalidArgument(content.status())
                                             ? " is longer than 64 KiB; is it a config.json?"
                                             : " cannot be read; check its permissions")};
  }
  // The message must be valid UTF-8; JSON is.
  if (!nlohmann::json::accept(*content)) {
    return YamlFault{node.mark, shown + " is no valid JSON; check it with a JSON tool"};
  }
  variant.set_config_file_json(*std::move(content));
  return std::nullopt;
}

MaybeFault TakeWeightsFile(const YamlNode& node, const std::string& folder,
                           v1::VariantSpec& variant) {
  std::string path;
  if (auto fault = TakeFile(node, folder, path)) {
    return fault;
  }
  auto hash = catalog::Sha256HexOfWeights(path);
  if (!hash.ok()) {
    return YamlFault{node.mark, "weights_file " + Quoted(node.text) +
                                    " cannot be read: " + std::string(hash.status().message())};
  }
  variant.set_weights_path(path);
  variant.set_weights_sha256(*std::move(hash));
  return std::nullopt;
}

}  // namespace cusp::client
