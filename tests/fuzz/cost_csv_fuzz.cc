// Numbers of other tools, as cusp analyze reads them.
#include <cmath>
#include <string>

#include "client/lib/cost_csv.h"
#include "common/check.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto table = cusp::client::ParseCostCsv(cusp::fuzz::TextOf(data, size), "costs.csv");
  if (!table.ok()) {
    const std::string message(table.status().message());
    CUSP_CHECK(absl::IsInvalidArgument(table.status()));
    CUSP_CHECK(message.starts_with("costs.csv") && message.find('\n') == std::string::npos);
    return 0;
  }
  for (const cusp::client::CostRow& row : table->rows) {
    CUSP_CHECK(row.group < table->groups.size() && row.variant < table->variants.size());
    CUSP_CHECK(row.length >= 1 && row.value > 0 && row.line >= 2);
  }
  return 0;
}
