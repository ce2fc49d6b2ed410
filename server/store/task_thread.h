// One thread that works off tasks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cusp::server {

// Runs tasks one after another, in the order in which they came. Thread-safe.
class TaskThread {
 public:
  TaskThread();
  // Finishes what was posted.
  ~TaskThread() { Stop(); }
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  // Queues a task; after Stop() it runs at once, on the caller's thread, so that what has
  // to be freed is.
  void Post(std::function<void()> task);

  // Finishes what was posted and ends the thread. Idempotent.
  void Stop();

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::thread thread_;
};

}  // namespace cusp::server
