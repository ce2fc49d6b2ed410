// Rows of a query as a table, CSV or JSON.
#pragma once

#include <memory>
#include <string>

#include "cusp/v1/query_service.pb.h"

namespace cusp::client {

enum class SqlForm { kTable, kCsv, kJson };

// Turns responses into text, as they come. Not thread-safe.
class SqlRows {
 public:
  virtual ~SqlRows() = default;
  // What can be printed already; a table only at its end, when its widths are known.
  virtual std::string Take(const v1::RunQueryResponse& response) = 0;
  virtual std::string Finish() = 0;
};

// CSV by RFC 4180 with a head line; NULL is an empty field, bytes are hex digits behind
// "x". JSON is {"columns": […], "rows": [[…], …], "truncated": …} with a row a line.
std::unique_ptr<SqlRows> MakeSqlRows(SqlForm form);

}  // namespace cusp::client
