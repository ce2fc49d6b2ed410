// What a user's statement may take of the disk for temporary files.
#pragma once

#include <cstdint>
#include <memory>

namespace cusp::server {

// A file system of SQLite's, named anew each time, that passes everything on to the
// default one, and counts the bytes in the temporary files that its connection has open:
// those without a name and those that are deleted when closed. A write beyond the budget
// answers SQLITE_FULL. Must outlive the connections opened with it; used by one thread
// at a time.
class TempBudgetVfs {
 public:
  explicit TempBudgetVfs(int64_t bytes);
  TempBudgetVfs(const TempBudgetVfs&) = delete;
  TempBudgetVfs& operator=(const TempBudgetVfs&) = delete;
  ~TempBudgetVfs();

  // For sqlite3_open_v2().
  const char* name() const;
  // Whether a write was refused.
  bool is_spent() const;
  // Of temporary files that are open now.
  int64_t bytes_in_use() const;

 private:
  struct State;
  struct File;
  struct Calls;
  std::unique_ptr<State> state_;
};

}  // namespace cusp::server
