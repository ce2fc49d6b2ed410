#include "server/store/task_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace cusp::server {
namespace {

using ::testing::ElementsAre;

TEST(TaskThreadTest, TasksRunInOrderOnOneOtherThread) {
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  TaskThread thread;
  for (int i = 1; i <= 3; ++i) {
    thread.Post([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  }
  thread.Stop();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  EXPECT_NE(threads.front(), std::this_thread::get_id());
  EXPECT_EQ(threads.front(), threads.back());
}

TEST(TaskThreadTest, TaskMayPostAnother) {
  int ran = 0;
  TaskThread thread;
  thread.Post([&] { thread.Post([&] { ++ran; }); });
  thread.Stop();
  EXPECT_EQ(ran, 1);
}

TEST(TaskThreadTest, LateTaskRunsWhereItComesFrom) {
  TaskThread thread;
  thread.Stop();
  std::thread::id ran_on;
  thread.Post([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace cusp::server
