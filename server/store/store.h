// The coordinator's durable state.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/store/data_folder.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// Owns the data folder, the writer and the readers. What Write() acknowledged is
// committed to disk. Thread-safe.
class Store {
 public:
  // Opens or makes the database and brings it to this program's schema; after a
  // crash it is checked first. FAILED_PRECONDITION (folder in use, network file
  // system, newer schema), DATA_LOSS (damaged).
  static absl::StatusOr<std::unique_ptr<Store>> Open(DataFolder folder, const Clock& clock);

  ~Store();

  const std::string& folder() const { return folder_.path(); }

  // Who hears of committed changes, on the thread that wrote them. Set before the
  // first Write() that matters.
  void SetListener(Writer::Listener listener);

  // Runs `work` in a transaction on the writer's thread and hands its result to
  // `done` after the commit.
  template <typename T>
  void Write(std::function<absl::StatusOr<T>(Transaction&)> work,
             std::function<void(absl::StatusOr<T>)> done) {
    auto [run, answer] = Bind(std::move(work), std::move(done));
    writer_->Submit(std::move(run), std::move(answer));
  }

  // The same, on the caller's thread where nothing else is being written, see
  // Writer::RunOrSubmit(). For calls that come one at a time; a stream's messages
  // are better off with Write(), which takes up the next while one commits.
  template <typename T>
  void WriteNow(std::function<absl::StatusOr<T>(Transaction&)> work,
                std::function<void(absl::StatusOr<T>)> done) {
    auto [run, answer] = Bind(std::move(work), std::move(done));
    writer_->RunOrSubmit(std::move(run), std::move(answer));
  }

  // Write(), waiting for the commit. Not for threads that serve calls.
  absl::Status WriteAndWait(const std::function<absl::Status(Transaction&)>& work);

  // Runs `work` on a reader's connection, on one snapshot.
  template <typename T>
  absl::StatusOr<T> Read(const std::function<absl::StatusOr<T>(Database&)>& work) {
    absl::StatusOr<std::unique_ptr<Database>> reader = Borrow();
    if (!reader.ok()) {
      return reader.status();
    }
    absl::StatusOr<T> result = work(**reader);
    GiveBack(*std::move(reader));
    return result;
  }

  // Finishes the writes that were submitted and refuses the rest.
  void Stop();

  std::string DatabasePath() const { return folder_.DatabasePath(); }

  // Of all commits so far.
  CommitStats::Snapshot Commits() const { return writer_->stats().Read(); }

 private:
  Store(DataFolder folder, std::unique_ptr<Database> db, const Clock& clock);

  template <typename T>
  static std::pair<Writer::Work, Writer::Done> Bind(
      std::function<absl::StatusOr<T>(Transaction&)> work,
      std::function<void(absl::StatusOr<T>)> done) {
    auto result = std::make_shared<absl::StatusOr<T>>(absl::InternalError("not run"));
    return {[result, work = std::move(work)](Transaction& transaction) {
              *result = work(transaction);
              return result->status();
            },
            [result, done = std::move(done)](const absl::Status& status) {
              if (status.ok()) {
                done(std::move(*result));
              } else {
                done(status);
              }
            }};
  }

  absl::StatusOr<std::unique_ptr<Database>> Borrow();
  void GiveBack(std::unique_ptr<Database> reader);

  DataFolder folder_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> readers_;  // idle ones; guarded by mutex_
  Writer::Listener listener_;                       // guarded by mutex_
  std::unique_ptr<Writer> writer_;
};

}  // namespace cusp::server
