#include "server/store/sql_memory.h"

#include <sqlite3.h>

#include "common/check.h"

namespace cusp::server {
namespace {

// The watch costs more than a small allocation.
constexpr int64_t kLargeBytes = 4096;
constexpr int64_t kCallsBetweenChecks = 64;

thread_local SqlMemoryBudget* current = nullptr;
sqlite3_mem_methods system_memory;

void Count(void* memory, int64_t sign) {
  if (current != nullptr && memory != nullptr) {
    current->Count(sign * system_memory.xSize(memory));
  }
}

void* Allocate(int bytes) {
  if (current != nullptr && !current->Allows(bytes)) {
    return nullptr;
  }
  void* const memory = system_memory.xMalloc(bytes);
  Count(memory, 1);
  return memory;
}

void Free(void* memory) {
  Count(memory, -1);
  system_memory.xFree(memory);
}

void* Reallocate(void* memory, int bytes) {
  const int before = system_memory.xSize(memory);
  if (current != nullptr && !current->Allows(int64_t{bytes} - before)) {
    return nullptr;
  }
  void* const larger = system_memory.xRealloc(memory, bytes);
  if (current != nullptr && larger != nullptr) {
    current->Count(int64_t{system_memory.xSize(larger)} - before);
  }
  return larger;
}

int Install() {
  int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory);
  if (code == SQLITE_OK) {
    sqlite3_mem_methods counted = system_memory;
    counted.xMalloc = &Allocate;
    counted.xFree = &Free;
    counted.xRealloc = &Reallocate;
    code = sqlite3_config(SQLITE_CONFIG_MALLOC, &counted);
  }
  return code;
}

// SQLite takes it before its first use only, so it is done before main().
const int installed = Install();

}  // namespace

SqlMemoryBudget::SqlMemoryBudget(int64_t bytes, const SqlWatch& watch)
    : left_(bytes), watch_(watch) {
  CUSP_CHECK(installed == SQLITE_OK && current == nullptr);
  current = this;
}

SqlMemoryBudget::~SqlMemoryBudget() { current = nullptr; }

bool SqlMemoryBudget::Allows(int64_t bytes) {
  is_spent_ = is_spent_ || bytes > left_;
  if (!is_over_ && (bytes >= kLargeBytes || ++calls_ % kCallsBetweenChecks == 0)) {
    is_over_ = watch_.IsOver();
  }
  return !is_spent_ && !is_over_;
}

}  // namespace cusp::server
