#include "server/store/workers.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using WorkersTest = DatabaseTest;

TEST_F(WorkersTest, WorkersAreListedByNameInPages) {
  LeaseTo("b");
  LeaseTo("a");
  LeaseTo("c");
  const auto page = ListWorkers(*db_, "a", 1);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().worker.name, "b");
}

TEST_F(WorkersTest, SpeedIsThatOfTheLastRegistration) {
  Worker worker;
  worker.name = "w";
  for (const char* speed : {"slow", "fast"}) {
    worker.speed = speed;
    Transaction tx = Tx();
    const auto registered = RegisterWorker(tx, worker, speed);
    ASSERT_THAT(registered, IsOk());
    EXPECT_EQ(registered->speed, speed);
  }
  const auto listed = ListWorkers(*db_, "", 10);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().worker.speed, "fast");
}

}  // namespace
}  // namespace cusp::server
