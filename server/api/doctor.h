// Gathers the facts of a diagnosis from this process, its files and the system.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/api/live_board.h"
#include "server/queue/diagnosis.h"
#include "server/store/store.h"

namespace cusp::server {

// When each of the files' first certificate to expire does. Errors as of ReadFile() and
// CertificateExpiry().
absl::StatusOr<std::vector<DiagnosisFacts::Certificate>> ReadCertificates(
    const std::vector<std::string>& paths);

// Facts but those of the caller. `certificates` are files, which are read again, since
// they may have been renewed. Takes as long as SQLite's quick_check: seconds for a
// database of gigabytes.
absl::StatusOr<DiagnosisFacts> GatherFacts(Store& store, const LiveBoard& board, const Clock& clock,
                                           const std::vector<std::string>& certificates);

}  // namespace cusp::server
