// What a user's statement may take of memory.
#pragma once

#include <cstdint>

#include "server/store/sql_watch.h"

namespace cusp::server {

// While it lives, SQLite gets no memory on this thread beyond `bytes`, and none once
// `watch` is over: its calls then end with SQLITE_NOMEM. So compiling ends too, which
// SQLite lets nobody interrupt, and which makes gigabytes of a line of nested SELECTs;
// and rows that are made by thousands of calls. Not to be nested.
class SqlMemoryBudget {
 public:
  SqlMemoryBudget(int64_t bytes, const SqlWatch& watch);
  SqlMemoryBudget(const SqlMemoryBudget&) = delete;
  SqlMemoryBudget& operator=(const SqlMemoryBudget&) = delete;
  ~SqlMemoryBudget();

  // Whether something was refused for want of bytes.
  bool is_spent() const { return is_spent_; }

  // As SQLite's allocator calls them.
  bool Allows(int64_t bytes);
  void Count(int64_t bytes) { left_ -= bytes; }

 private:
  int64_t left_;
  const SqlWatch& watch_;
  int64_t calls_ = 0;
  bool is_spent_ = false;
  bool is_over_ = false;
};

}  // namespace cusp::server
