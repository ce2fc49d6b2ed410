#include "client/cli/admin.h"

#include "client/cli/admin_audit.h"
#include "client/cli/admin_backup.h"
#include "client/cli/admin_doctor.h"
#include "client/cli/admin_prune.h"
#include "client/cli/admin_token.h"
#include "client/cli/admin_user.h"
#include "client/cli/admin_worker.h"

namespace cusp::client {

void AddAdmin(CLI::App& app, Invocation& invocation) {
  CLI::App* admin = app.add_subcommand(
      "admin", "Manage tokens, users, workers and the database of a coordinator");
  admin->require_subcommand(1);
  AddAdminToken(*admin, invocation);
  AddAdminUser(*admin, invocation);
  AddAdminAudit(*admin, invocation);
  AddAdminWorker(*admin, invocation);
  AddAdminBackup(*admin, invocation);
  AddAdminPrune(*admin, invocation);
  AddAdminDoctor(*admin, invocation);
}

}  // namespace cusp::client
