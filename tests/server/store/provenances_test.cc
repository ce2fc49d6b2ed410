#include "server/store/provenances.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ProvenancesTest = DatabaseTest;

TEST_F(ProvenancesTest, EqualOnesAreStoredOnceAndOthersApart) {
  Transaction tx = Tx();
  Provenance one;
  one.host = "ab";
  one.kernel = "c";
  Provenance other;
  other.host = "a";
  other.kernel = "bc";
  const auto id = EnsureProvenance(tx, one);
  EXPECT_THAT(EnsureProvenance(tx, one), IsOkAndHolds(*id));
  EXPECT_NE(*EnsureProvenance(tx, other), *id);
  EXPECT_EQ(LoadProvenance(*db_, *id)->kernel, "c");
  EXPECT_THAT(LoadProvenance(*db_, 99), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace cusp::server
