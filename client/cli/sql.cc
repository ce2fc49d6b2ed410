#include "client/cli/sql.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/format.h"
#include "client/cli/session.h"
#include "client/cli/sql_rows.h"
#include "client/lib/job_json.h"
#include "client/lib/query_calls.h"

namespace cusp::client {
namespace {

struct SqlOptions {
  std::string statement;
  bool csv = false;
  bool views = false;
  int64_t limit = 0;
  std::string timeout;
};

int ShowViews(const Invocation& invocation, const Connection& connection) {
  const auto views = ListViews(connection);
  if (!views.ok()) {
    return ReportError(views.status());
  }
  nlohmann::ordered_json json = {{"views", nlohmann::ordered_json::array()}};
  std::string text;
  for (const v1::SqlView& view : *views) {
    nlohmann::ordered_json columns = nlohmann::ordered_json::array();
    text += view.name() + "\n ";
    for (const std::string& column : view.columns()) {
      columns.push_back(column);
      text += " " + column;
    }
    text += "\n";
    json["views"].push_back({{"name", view.name()}, {"columns", std::move(columns)}});
  }
  std::fputs(invocation.json ? ToText(json).c_str() : text.c_str(), stdout);
  return kExitDone;
}

absl::StatusOr<v1::RunQueryRequest> RequestOf(const SqlOptions& options) {
  v1::RunQueryRequest request;
  request.set_sql(options.statement);
  request.set_row_limit(options.limit);
  if (!options.timeout.empty()) {
    const auto time = ParseDuration(options.timeout);
    if (!time.ok()) {
      return time.status();
    }
    request.mutable_time_limit()->set_seconds(time->count() / 1000);
    request.mutable_time_limit()->set_nanos(static_cast<int32_t>(time->count() % 1000 * 1'000'000));
  }
  return request;
}

int Query(const Invocation& invocation, const Connection& connection,
          const v1::RunQueryRequest& request, const SqlOptions& options) {
  const auto rows = MakeSqlRows(invocation.json ? SqlForm::kJson
                                : options.csv   ? SqlForm::kCsv
                                                : SqlForm::kTable);
  bool truncated = false;
  int64_t count = 0;
  const absl::Status status =
      RunQuery(connection, request, [&](const v1::RunQueryResponse& response) {
        truncated = truncated || response.truncated();
        count += response.rows_size();
        std::fputs(rows->Take(response).c_str(), stdout);
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return ReportError(status);
  }
  std::fputs(rows->Finish().c_str(), stdout);
  if (truncated && !invocation.quiet) {
    std::fprintf(stderr, "cusp: only the first %s rows; --limit N gives more\n",
                 FormatCount(count).c_str());
  }
  return kExitDone;
}

int RunSql(const Invocation& invocation, const SqlOptions& options) {
  if (options.views != options.statement.empty()) {
    return ReportBadInput(absl::InvalidArgumentError(
        "give one statement, such as \"SELECT * FROM v_tipping_points\", or --views alone"));
  }
  const auto request = RequestOf(options);
  if (!request.ok()) {
    return ReportBadInput(request.status());
  }
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const Connection connection = (*session)->connection();
  return options.views ? ShowViews(invocation, connection)
                       : Query(invocation, connection, *request, options);
}

}  // namespace

void AddSql(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("sql", "Query the stored history with SQL, read-only (docs/sql.md)");
  auto options = std::make_shared<SqlOptions>();
  command->add_option("statement", options->statement, "One SELECT on the views")->type_name("SQL");
  command->add_flag("--csv", options->csv, "Print CSV");
  command->add_flag("--views", options->views, "List the views with their columns");
  command
      ->add_option("--limit", options->limit,
                   "At most so many rows, up to 10,000,000; default 10,000")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{10'000'000}));
  command->add_option("--timeout", options->timeout, "At most so long, up to 10m; default 10s")
      ->type_name("T");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] {
      if (invocation.json && options->csv) {
        return ReportBadInput(absl::InvalidArgumentError("--json and --csv exclude each other"));
      }
      return RunSql(invocation, *options);
    };
  });
}

}  // namespace cusp::client
