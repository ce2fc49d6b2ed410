#include "server/store/store.h"

#include <future>

#include "common/status_macros.h"
#include "server/store/backup.h"
#include "server/store/migrator.h"
#include "server/store/store_figures.h"

namespace cusp::server {
namespace {

constexpr size_t kIdleReaders = 8;

absl::Status CheckAfterCrash(Database& db, const std::string& path) {
  CUSP_ASSIGN_OR_RETURN(const std::string answer, QuickCheck(db));
  if (answer != "ok") {
    return absl::DataLossError(path + " is damaged: " + answer +
                               "; restore a backup, or recover what is left with "
                               "`sqlite3 cusp.db .recover`");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& path) {
  absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(path, Database::Mode::kReadWrite);
  if (absl::IsDataLoss(db.status())) {
    return absl::DataLossError(std::string(db.status().message()) +
                               "; put a backup in its place (`cusp admin backup` makes them), or "
                               "choose another folder with --data");
  }
  return db;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(DataFolder folder, const Clock& clock) {
  RemoveStaleBackups(folder.path());
  const bool crashed = folder.LeftByCrash();
  const std::string path = folder.DatabasePath();
  CUSP_ASSIGN_OR_RETURN(std::unique_ptr<Database> db, OpenDatabase(path));
  if (crashed) {
    CUSP_RETURN_IF_ERROR(CheckAfterCrash(*db, path));
  }
  CUSP_RETURN_IF_ERROR(Migrate(*db, Migrations()));
  return std::unique_ptr<Store>(new Store(std::move(folder), std::move(db), clock));
}

Store::Store(DataFolder folder, std::unique_ptr<Database> db, const Clock& clock)
    : folder_(std::move(folder)) {
  writer_ = std::make_unique<Writer>(std::move(db), clock, [this](const Changes& changes) {
    Writer::Listener listener;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      listener = listener_;
    }
    if (listener) {
      listener(changes);
    }
  });
}

Store::~Store() {
  Stop();
  // The writer's connection closes last: only it can fold the log into the
  // database, and only once no reader is left.
  readers_.clear();
  writer_.reset();
}

void Store::SetListener(Writer::Listener listener) {
  const std::lock_guard<std::mutex> lock(mutex_);
  listener_ = std::move(listener);
}

absl::Status Store::WriteAndWait(const std::function<absl::Status(Transaction&)>& work) {
  std::promise<absl::Status> promise;
  writer_->Submit(work, [&promise](const absl::Status& status) { promise.set_value(status); });
  return promise.get_future().get();
}

absl::StatusOr<std::unique_ptr<Database>> Store::Borrow() {
  std::unique_ptr<Database> reader;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!readers_.empty()) {
      reader = std::move(readers_.back());
      readers_.pop_back();
    }
  }
  if (reader == nullptr) {
    CUSP_ASSIGN_OR_RETURN(reader,
                          Database::Open(folder_.DatabasePath(), Database::Mode::kReadOnly));
  }
  CUSP_RETURN_IF_ERROR(Run(*reader, "BEGIN"));
  return reader;
}

void Store::GiveBack(std::unique_ptr<Database> reader) {
  if (!Run(*reader, "COMMIT").ok()) {
    return;  // closed: its state is unknown
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (readers_.size() < kIdleReaders) {
    readers_.push_back(std::move(reader));
  }
}

void Store::Stop() { writer_->Stop(); }

}  // namespace cusp::server
