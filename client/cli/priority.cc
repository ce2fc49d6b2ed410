#include "client/cli/priority.h"

#include <memory>
#include <string>

#include "client/cli/job_argument.h"
#include "client/cli/job_change.h"

namespace cusp::client {

void AddPriority(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("priority", "Change the priority of a job");
  const auto id = AddJobArgument(*command);
  auto priority = std::make_shared<int>(0);
  command->add_option("priority", *priority, "Higher runs earlier, -100 to 100")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(-100, 100));
  command->callback([&invocation, id, priority] {
    invocation.action = [&invocation, id, priority] {
      return RunJobChange(invocation, *id, [priority](Client& client, const std::string& job) {
        return client.SetJobPriority(job, *priority);
      });
    };
  });
}

}  // namespace cusp::client
