#include "client/cli/repeat_command.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "client/cli/text_table.h"
#include "client/lib/client.h"

namespace cusp::client {
namespace {

bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/:=@").find(c) != std::string_view::npos;
  });
}

std::string ForShell(const std::string& text) {
  if (IsPlain(text)) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string Flags(const Invocation& invocation) {
  std::string flags;
  for (const auto& [name, value] :
       {std::pair(" --server ", &invocation.server),
        std::pair(" --token-file ", &invocation.token_file),
        std::pair(" --ca ", &invocation.ca_file), std::pair(" --cert ", &invocation.cert_file),
        std::pair(" --key ", &invocation.key_file), std::pair(" --state ", &invocation.state)}) {
    flags += value->empty() ? "" : name + ForShell(*value);
  }
  return flags;
}

// With the id in it, so that no file of the user's is overwritten.
std::string FileName(const v1::Job& job) {
  const std::string& name = job.display_name();
  const bool usable =
      IsPlain(name) && name.find('/') == std::string::npos && name[0] != '-' && name[0] != '.';
  return (usable ? name + "-" : "") + JobId(job.name()) + ".yaml";
}

}  // namespace

std::string RepeatCommand(const v1::Job& job, const Invocation& invocation, bool is_private) {
  const std::string flags = Flags(invocation);
  const std::string file = FileName(job);
  return "cusp show " + JobId(job.name()) + " --spec" + flags + " > " + file + " && cusp " +
         (is_private ? "run " : "submit --wait ") + file + flags;
}

std::string RenderRepeat(const std::string& command, const v1::JobResult& result) {
  std::set<std::string> versions;
  for (const v1::Provenance& provenance : result.provenances()) {
    versions.insert("Cusp " + provenance.cusp_version() + ", LibTorch " +
                    provenance.torch_version());
  }
  std::string text = "\nrepeat: " + Printable(command) + "\n";
  for (const std::string& version : versions) {
    text += "        measured with " + Printable(version) + "\n";
  }
  return text;
}

}  // namespace cusp::client
