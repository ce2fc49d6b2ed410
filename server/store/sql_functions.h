// SQL functions in place of those whose single call can take seconds.
#pragma once

#include "absl/status/status.h"
#include "server/store/sql_watch.h"

struct sqlite3;

namespace cusp::server {

// Longest pattern of LIKE and GLOB: their work is its length times that of the text.
inline constexpr int kMaxSqlPatternBytes = 256;

// SQLite asks nobody while a function runs, nor between the calls of one row. So LIKE,
// GLOB, instr and replace ask `watch`, and end the statement with SQLITE_INTERRUPT where
// it is over; instr and replace take time in proportion to their text; trim, ltrim and
// rtrim with a set of characters, which take its product with the text, are refused, and % or _
// after ESCAPE. All else is as SQLite has it. `watch` must outlive the connection. INTERNAL where
// SQLite takes no functions.
absl::Status InstallSqlFunctions(sqlite3* connection, const SqlWatch& watch);

}  // namespace cusp::server
