// A copy of the database while it is in use.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace cusp::server {

// Writes a consistent copy of the database file `from`, as it is when this is called,
// to the new file `to` (mode 0600), in steps of some hundred pages, and checks it. Other
// connections go on reading and writing; the log of `from` cannot be folded into it
// meanwhile. `goes_on` is asked between steps: false ends with CANCELLED. Leaves nothing
// behind where it fails. RESOURCE_EXHAUSTED (disk full), DATA_LOSS (the copy is damaged,
// so `from` is), UNAVAILABLE.
absl::Status BackUp(const std::string& from, const std::string& to,
                    const std::function<bool()>& goes_on);

// Removes copies in `folder` that a dead process left, named as BackupPath gives them.
void RemoveStaleBackups(const std::string& folder);

// A name for a copy in the data folder `folder`.
std::string BackupPath(const std::string& folder);

}  // namespace cusp::server
