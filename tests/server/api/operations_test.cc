#include "server/api/operations.h"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

OperationsOptions ListeningOn(const std::string& address) {
  OperationsOptions options;
  options.metrics_listen = address;
  return options;
}

class OperationsTest : public ::testing::Test {
 protected:
  OperationsTest()
      : store_(OpenStore()),
        board_(clock_),
        view_(*store_, board_, clock_),
        calls_(clock_),
        gate_(Authenticator::ForPrivateSocket(), OpenCalls(), &calls_),
        operations_({gate_, *store_, view_, board_, calls_, clock_}) {}

  std::unique_ptr<Store> OpenStore() {
    auto folder = DataFolder::Open(dir_.Join("data"));
    EXPECT_THAT(folder, IsOk());
    return *Store::Open(*std::move(folder), clock_);
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  LiveBoard board_;
  JobView view_;
  CallLog calls_;
  Gate gate_;
  Operations operations_;
};

TEST_F(OperationsTest, NoPagesUnlessAskedFor) {
  ASSERT_THAT(operations_.Start({}), IsOk());
  EXPECT_EQ(operations_.metrics_address(), "");
  operations_.Tick();
}

TEST_F(OperationsTest, PagesAreOpenedOnTheLoopbackAlone) {
  ASSERT_THAT(operations_.Start(ListeningOn("127.0.0.1:0")), IsOk());
  EXPECT_THAT(operations_.metrics_address(), StartsWith("127.0.0.1:"));
  EXPECT_THAT(operations_.Start(ListeningOn("0.0.0.0:0")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("open to the network")));
}

TEST_F(OperationsTest, StopIsIdempotent) {
  ASSERT_THAT(operations_.Start(ListeningOn("127.0.0.1:0")), IsOk());
  operations_.Refuse();
  operations_.Stop();
  operations_.Stop();
  EXPECT_EQ(operations_.metrics_address(), "");
}

}  // namespace
}  // namespace cusp::server
