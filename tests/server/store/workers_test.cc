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

}  // namespace
}  // namespace cusp::server
