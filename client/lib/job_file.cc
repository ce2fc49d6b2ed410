#include "client/lib/job_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <tuple>

#include "absl/status/status.h"
#include "catalog/job_check.h"
#include "catalog/job_names.h"
#include "catalog/quote.h"
#include "client/lib/job_fields.h"
#include "client/lib/yaml_tree.h"
#include "common/file.h"

namespace cusp::client {
namespace {

absl::Status At(const std::string& path, const YamlFault& fault) {
  return absl::InvalidArgumentError(path + ":" + std::to_string(fault.mark.line) + ":" +
                                    std::to_string(fault.mark.column) + ": " + fault.message);
}

// Why the file could not be read, in the words of job files.
absl::Status NotRead(const std::string& path, const absl::Status& status) {
  std::error_code error;
  std::string why = "cannot be read; check its permissions";
  if (absl::IsNotFound(status)) {
    why = "no such file; check the path";
  } else if (std::filesystem::is_directory(path, error)) {
    why = "a folder, not a job file; name the file in it";
  } else if (absl::IsInvalidArgument(status)) {
    return At(path, {{1, 1},
                     "the file is longer than 256 KiB, the limit of job files; split the job, "
                     "or check that it is one"});
  }
  return absl::InvalidArgumentError(path + ": " + why);
}

// The value below `node` that the next step of a problem's path names ("key" or
// "[3]"), or nullptr. Cuts the step off `path`.
const YamlNode* Step(const YamlNode& node, std::string_view& path) {
  if (path.starts_with('[')) {
    const size_t end = std::min(path.find(']'), path.size() - 1);
    size_t index = 0;
    std::from_chars(path.data() + 1, path.data() + end, index);
    path.remove_prefix(end + 1);
    const bool there = node.kind == YamlNode::Kind::kSequence && index < node.children.size();
    return there ? &node.children[index] : nullptr;
  }
  if (path.starts_with('.')) {
    path.remove_prefix(1);
  }
  const size_t end = std::min(path.find_first_of(".["), path.size());
  const YamlNode* below = node.Find(path.substr(0, end));
  path.remove_prefix(end);
  return below;
}

// Where `path` stands in the file: the value, the key where the value is a list
// or a map, or the nearest thing around what is missing.
YamlMark Locate(const YamlNode& root, std::string_view path) {
  const YamlNode* node = &root;
  while (!path.empty()) {
    const YamlNode* below = Step(*node, path);
    if (below == nullptr) {
      break;
    }
    node = below;
  }
  const bool is_entry = node != &root && !node->key.empty();
  return is_entry && node->kind != YamlNode::Kind::kScalar ? node->key_mark : node->mark;
}

// The problem that stands first in the file.
YamlFault FirstOf(const std::vector<catalog::Problem>& problems, const YamlNode& root) {
  YamlFault first;
  bool any = false;
  for (const catalog::Problem& problem : problems) {
    const YamlMark mark = Locate(root, problem.path);
    if (!any || std::tie(mark.line, mark.column) < std::tie(first.mark.line, first.mark.column)) {
      first = {mark, problem.message};
      any = true;
    }
  }
  return first;
}

// A job without a name is called like its file.
void NameAfter(const std::string& path, v1::JobSpec& spec) {
  const std::string stem = std::filesystem::path(path).stem().string();
  const bool is_plain = catalog::Quoted(stem) == "'" + stem + "'";
  if (spec.name().empty() && is_plain && catalog::FaultOfName(stem).empty()) {
    spec.set_name(stem);
  }
}

}  // namespace

absl::StatusOr<v1::JobSpec> ParseJobFile(std::string_view text, const std::string& shown_path,
                                         const std::string& folder) {
  const YamlOutcome yaml = ParseYaml(text);
  if (yaml.fault.has_value()) {
    return At(shown_path, *yaml.fault);
  }
  v1::JobSpec spec;
  if (const auto fault = TakeJobFields(*yaml.root, folder, spec)) {
    return At(shown_path, *fault);
  }
  NameAfter(shown_path, spec);
  catalog::ApplyDefaults(spec);
  if (const auto problems = catalog::CheckJob(spec); !problems.empty()) {
    return At(shown_path, FirstOf(problems, *yaml.root));
  }
  return spec;
}

absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path) {
  const auto text = ReadFile(path, catalog::kMaxSpecBytes);
  if (!text.ok()) {
    return NotRead(path, text.status());
  }
  return ParseJobFile(*text, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace cusp::client
