#include "client/cli/completion.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"

namespace cusp::client {
namespace {

struct Flag {
  std::string name;  // "--json"
  std::string description;
  bool takes_value;
};

std::vector<const CLI::App*> Commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// Those of its subcommands too, since the shell is told of one level alone.
std::vector<Flag> FlagsOf(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      flags.push_back({.name = "--" + name,
                       .description = option->get_description(),
                       .takes_value = option->get_type_size() > 0});
    }
  }
  if (app.get_parent() == nullptr) {
    return flags;  // what all commands have
  }
  for (const CLI::App* part : Commands(app)) {
    for (Flag& flag : FlagsOf(*part)) {
      const bool known = std::any_of(flags.begin(), flags.end(),
                                     [&](const Flag& own) { return own.name == flag.name; });
      if (!known) {
        flags.push_back(std::move(flag));
      }
    }
  }
  return flags;
}

void AddNew(std::vector<Flag> more, std::vector<Flag>& flags) {
  for (Flag& flag : more) {
    const bool known = std::any_of(flags.begin(), flags.end(),
                                   [&](const Flag& own) { return own.name == flag.name; });
    if (!known && flag.name != "--version") {
      flags.push_back(std::move(flag));
    }
  }
}

// The command's own flags and those of the commands below it.
std::vector<Flag> OwnFlags(const CLI::App& command) {
  std::vector<Flag> flags = FlagsOf(command);
  for (const CLI::App* below : Commands(command)) {
    AddNew(OwnFlags(*below), flags);
  }
  return flags;
}

// The same and those that every command takes.
std::vector<Flag> FlagsOf(const CLI::App& app, const CLI::App& command) {
  std::vector<Flag> flags = OwnFlags(command);
  AddNew(FlagsOf(app), flags);
  return flags;
}

// Names of the commands below one, however deep: "token create list revoke …".
std::string WordsBelow(const CLI::App& command) {
  std::string words;
  for (const CLI::App* below : Commands(command)) {
    const std::string deeper = WordsBelow(*below);
    words += (words.empty() ? "" : " ") + below->get_name() + (deeper.empty() ? "" : " ") + deeper;
  }
  return words;
}

// For text between single quotes of a shell.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string Words(const std::vector<Flag>& flags) {
  std::string words;
  for (const Flag& flag : flags) {
    words += (words.empty() ? "" : " ") + flag.name;
  }
  return words;
}

std::string CommandNames(const CLI::App& app, const std::string& separator) {
  std::string names;
  for (const CLI::App* command : Commands(app)) {
    names += (names.empty() ? "" : separator) + command->get_name();
  }
  return names;
}

std::string Bash(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* command : Commands(app)) {
    cases += "    " + command->get_name() + ") flags=" + Quoted(Words(FlagsOf(app, *command))) +
             " below=" + Quoted(WordsBelow(*command)) + " ;;\n";
  }
  return "_cusp() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} command= word flags below=\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $word in " +
         CommandNames(app, "|") +
         ") command=$word; break ;; esac\n"
         "  done\n"
         "  case $command in\n"
         "    '') flags=" +
         Quoted(Words(FlagsOf(app))) + " ;;\n" + cases +
         "  esac\n"
         "  if [[ $cur == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n"
         "  elif [[ -z $command || $command == help ]]; then\n"
         "    COMPREPLY=($(compgen -W " +
         Quoted(CommandNames(app, " ")) +
         " -- \"$cur\"))\n"
         "  elif [[ -n $below ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$below\" -- \"$cur\"))\n"
         "  fi\n"
         "}\n"
         "complete -o default -F _cusp cusp\n";
}

// A specification of zsh's _arguments: brackets and colons are its syntax.
std::string ZshFlag(const Flag& flag) {
  std::string description;
  for (const char c : flag.description) {
    description += (c == '[' || c == ']' || c == ':') ? std::string("\\") + c : std::string(1, c);
  }
  return Quoted(flag.name + "[" + description + "]" + (flag.takes_value ? ":value:_files" : ""));
}

std::string Zsh(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : Commands(app)) {
    commands += "    " + Quoted(command->get_name() + ":" + command->get_description()) + "\n";
    cases += "    " + command->get_name() + ") _arguments";
    for (const Flag& flag : FlagsOf(app, *command)) {
      cases += " \\\n      " + ZshFlag(flag);
    }
    const std::string below = WordsBelow(*command);
    cases += " \\\n      " +
             (below.empty() ? "'*:file:_files'" : Quoted("*:command:(" + below + ")")) + " ;;\n";
  }
  return "#compdef cusp\n"
         "_cusp() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         commands +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  case $words[2] in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _cusp cusp\n";
}

std::string FishFlag(const Flag& flag, const std::string& condition) {
  return "complete -c cusp" + condition + " -l " + flag.name.substr(2) +
         (flag.takes_value ? " -r" : "") + " -d " + Quoted(flag.description) + "\n";
}

std::string Fish(const CLI::App& app) {
  std::string text;
  for (const Flag& flag : FlagsOf(app)) {
    text += FishFlag(flag, "");
  }
  for (const CLI::App* command : Commands(app)) {
    text += "complete -c cusp -n __fish_use_subcommand -f -a " + command->get_name() + " -d " +
            Quoted(command->get_description()) + "\n";
    if (const std::string below = WordsBelow(*command); !below.empty()) {
      text += "complete -c cusp -n '__fish_seen_subcommand_from " + command->get_name() +
              "' -f -a " + Quoted(below) + "\n";
    }
    for (const Flag& flag : OwnFlags(*command)) {
      text += FishFlag(flag, " -n '__fish_seen_subcommand_from " + command->get_name() + "'");
    }
  }
  return text;
}

}  // namespace

std::string CompletionFor(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") {
    return Bash(app);
  }
  return shell == "zsh" ? Zsh(app) : Fish(app);
}

void AddCompletion(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("completion", "Print completion code for a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->type_name("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &invocation, shell] {
    invocation.action = [&app, shell] {
      std::fputs(CompletionFor(app, *shell).c_str(), stdout);
      return static_cast<int>(kExitDone);
    };
  });
}

}  // namespace cusp::client
