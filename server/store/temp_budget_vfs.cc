#include "server/store/temp_budget_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "common/check.h"

namespace cusp::server {

struct TempBudgetVfs::State {
  sqlite3_vfs vfs{};
  sqlite3_vfs* base = nullptr;
  std::string name;
  int64_t budget = 0;
  int64_t in_use = 0;
  bool is_spent = false;
};

// SQLite gives the memory; the file of the default file system lies behind.
struct TempBudgetVfs::File {
  sqlite3_file as_sqlite;
  State* state;
  int64_t size;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

struct TempBudgetVfs::Calls {
  static State& Of(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }
  static File& Of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);

  static void Resize(File& file, int64_t size) {
    file.state->in_use += size - file.size;
    file.size = size;
  }

  static int Close(sqlite3_file* file) {
    Resize(Of(file), 0);
    return Of(file).real()->pMethods->xClose(Of(file).real());
  }

  static int Read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
    return Of(file).real()->pMethods->xRead(Of(file).real(), out, count, offset);
  }

  static int Write(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
    File& self = Of(file);
    const int64_t size = std::max<int64_t>(self.size, offset + count);
    if (self.state->in_use + size - self.size > self.state->budget) {
      self.state->is_spent = true;
      return SQLITE_FULL;
    }
    Resize(self, size);
    return self.real()->pMethods->xWrite(self.real(), data, count, offset);
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = Of(file).real()->pMethods->xTruncate(Of(file).real(), size);
    if (code == SQLITE_OK) {
      Resize(Of(file), std::min<int64_t>(size, Of(file).size));
    }
    return code;
  }

  static int Sync(sqlite3_file* file, int flags) {
    return Of(file).real()->pMethods->xSync(Of(file).real(), flags);
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return Of(file).real()->pMethods->xFileSize(Of(file).real(), size);
  }

  static int Lock(sqlite3_file* file, int level) {
    return Of(file).real()->pMethods->xLock(Of(file).real(), level);
  }

  static int Unlock(sqlite3_file* file, int level) {
    return Of(file).real()->pMethods->xUnlock(Of(file).real(), level);
  }

  static int CheckReservedLock(sqlite3_file* file, int* answer) {
    return Of(file).real()->pMethods->xCheckReservedLock(Of(file).real(), answer);
  }

  // What makes a file grow without a write is not passed on; SQLite needs neither.
  static int FileControl(sqlite3_file* file, int what, void* value) {
    if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE) {
      return SQLITE_NOTFOUND;
    }
    return Of(file).real()->pMethods->xFileControl(Of(file).real(), what, value);
  }

  static int SectorSize(sqlite3_file* file) {
    return Of(file).real()->pMethods->xSectorSize(Of(file).real());
  }

  static int DeviceCharacteristics(sqlite3_file* file) {
    return Of(file).real()->pMethods->xDeviceCharacteristics(Of(file).real());
  }

  // The first version of the interface: no mapped pages, which nobody would count.
  static constexpr sqlite3_io_methods kFile = {.iVersion = 1,
                                               .xClose = &Close,
                                               .xRead = &Read,
                                               .xWrite = &Write,
                                               .xTruncate = &Truncate,
                                               .xSync = &Sync,
                                               .xFileSize = &FileSize,
                                               .xLock = &Lock,
                                               .xUnlock = &Unlock,
                                               .xCheckReservedLock = &CheckReservedLock,
                                               .xFileControl = &FileControl,
                                               .xSectorSize = &SectorSize,
                                               .xDeviceCharacteristics = &DeviceCharacteristics,
                                               .xShmMap = nullptr,
                                               .xShmLock = nullptr,
                                               .xShmBarrier = nullptr,
                                               .xShmUnmap = nullptr,
                                               .xFetch = nullptr,
                                               .xUnfetch = nullptr};

  // A call of the default file system with itself in place of this one.
  template <auto Member, typename Result, typename... Args>
  static Result Pass(sqlite3_vfs* vfs, Args... args) {
    return (Of(vfs).base->*Member)(Of(vfs).base, args...);
  }
};

int TempBudgetVfs::Calls::Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                               int* out) {
  State& state = Of(vfs);
  if (name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0) {
    return state.base->xOpen(state.base, name, file, flags, out);
  }
  File& self = Of(file);
  self.as_sqlite.pMethods = nullptr;  // for SQLite: there is nothing to close
  const int code = state.base->xOpen(state.base, name, self.real(), flags, out);
  if (code != SQLITE_OK) {
    if (self.real()->pMethods != nullptr) {
      self.real()->pMethods->xClose(self.real());
    }
    return code;
  }
  self.as_sqlite.pMethods = &kFile;
  self.state = &state;
  self.size = 0;
  return SQLITE_OK;
}

TempBudgetVfs::TempBudgetVfs(int64_t bytes) : state_(std::make_unique<State>()) {
  static std::atomic<int64_t> count = 0;
  state_->base = sqlite3_vfs_find(nullptr);
  CUSP_CHECK(state_->base != nullptr && state_->base->iVersion >= 2);
  state_->name = "cusp-temp-budget-" + std::to_string(++count);
  state_->budget = bytes;
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + state_->base->szOsFile;
  vfs.mxPathname = state_->base->mxPathname;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = &Calls::Open;
  vfs.xDelete = &Calls::Pass<&sqlite3_vfs::xDelete, int, const char*, int>;
  vfs.xAccess = &Calls::Pass<&sqlite3_vfs::xAccess, int, const char*, int, int*>;
  vfs.xFullPathname = &Calls::Pass<&sqlite3_vfs::xFullPathname, int, const char*, int, char*>;
  vfs.xDlOpen = &Calls::Pass<&sqlite3_vfs::xDlOpen, void*, const char*>;
  vfs.xDlError = &Calls::Pass<&sqlite3_vfs::xDlError, void, int, char*>;
  vfs.xDlSym = [](sqlite3_vfs* self, void* library, const char* symbol) {
    return Calls::Of(self).base->xDlSym(Calls::Of(self).base, library, symbol);
  };
  vfs.xDlClose = &Calls::Pass<&sqlite3_vfs::xDlClose, void, void*>;
  vfs.xRandomness = &Calls::Pass<&sqlite3_vfs::xRandomness, int, int, char*>;
  vfs.xSleep = &Calls::Pass<&sqlite3_vfs::xSleep, int, int>;
  vfs.xCurrentTime = &Calls::Pass<&sqlite3_vfs::xCurrentTime, int, double*>;
  vfs.xGetLastError = &Calls::Pass<&sqlite3_vfs::xGetLastError, int, int, char*>;
  vfs.xCurrentTimeInt64 = &Calls::Pass<&sqlite3_vfs::xCurrentTimeInt64, int, sqlite3_int64*>;
  CUSP_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

TempBudgetVfs::~TempBudgetVfs() { sqlite3_vfs_unregister(&state_->vfs); }

const char* TempBudgetVfs::name() const { return state_->name.c_str(); }

bool TempBudgetVfs::is_spent() const { return state_->is_spent; }

int64_t TempBudgetVfs::bytes_in_use() const { return state_->in_use; }

}  // namespace cusp::server
