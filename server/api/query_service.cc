#include "server/api/query_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "server/api/stream_writer.h"
#include "server/store/sql_console.h"

namespace cusp::server {
namespace {

using QueryWriter = StreamWriter<v1::RunQueryResponse>;

constexpr int64_t kDefaultRows = 10'000;
constexpr int64_t kMaxRows = 10'000'000;
constexpr int64_t kMaxSeconds = 600;
constexpr int kRowsPerMessage = 500;
// Well below the 4 MiB that a client takes in one message.
constexpr size_t kBytesPerMessage = size_t{256} << 10U;
constexpr size_t kMaxRowBytes = size_t{3} << 20U;

absl::StatusOr<SqlLimits> LimitsOf(const v1::RunQueryRequest& request) {
  if (request.row_limit() < 0) {
    return absl::InvalidArgumentError("row_limit is negative; give 0 for the default");
  }
  if (request.row_limit() > kMaxRows) {
    return absl::InvalidArgumentError("row_limit is " + std::to_string(request.row_limit()) +
                                      ", and the largest is " + std::to_string(kMaxRows) +
                                      "; give that or less");
  }
  SqlLimits limits;
  limits.rows = request.row_limit() == 0 ? kDefaultRows : request.row_limit();
  if (!request.has_time_limit()) {
    return limits;
  }
  const int64_t seconds = request.time_limit().seconds();
  // Looked at first, so that no number of seconds overflows.
  if (seconds >= 0 && seconds <= kMaxSeconds) {
    limits.time =
        std::chrono::seconds(seconds) + std::chrono::nanoseconds(request.time_limit().nanos());
  }
  if (seconds > kMaxSeconds || limits.time > std::chrono::seconds(kMaxSeconds)) {
    return absl::InvalidArgumentError("time_limit is longer than the longest, " +
                                      std::to_string(kMaxSeconds) + " s; give that or less");
  }
  if (seconds < 0 || limits.time <= Clock::Duration::zero()) {
    return absl::InvalidArgumentError("time_limit is not positive; leave it out for 10 s");
  }
  return limits;
}

void SetValue(SqlValue value, v1::SqlValue& out) {
  if (auto* integer = std::get_if<int64_t>(&value)) {
    out.set_integer(*integer);
  } else if (auto* real = std::get_if<double>(&value)) {
    out.set_real(*real);
  } else if (auto* text = std::get_if<std::string>(&value)) {
    out.set_text(std::move(*text));
  } else if (auto* blob = std::get_if<SqlBytes>(&value)) {
    out.set_blob(std::move(blob->bytes));
  }
}

// Gathers rows into messages.
class Sender final : public SqlSink {
 public:
  Sender(QueryWriter& writer, const SlowCalls& slow) : writer_(writer), slow_(slow) {}

  absl::Status Columns(std::vector<std::string> names) override {
    for (std::string& name : names) {
      *message_.add_columns() = std::move(name);
    }
    return Flush();
  }

  absl::Status Row(std::vector<SqlValue> values) override {
    v1::SqlRow& row = *message_.add_rows();
    for (SqlValue& value : values) {
      SetValue(std::move(value), *row.add_values());
    }
    const size_t size = row.ByteSizeLong();
    if (size > kMaxRowBytes) {
      return absl::ResourceExhaustedError("a row has " + std::to_string(size) +
                                          " bytes, and 3 MiB are possible; select fewer columns");
    }
    if (bytes_ + size > kMaxRowBytes) {  // with what was gathered it would be too large
      const v1::SqlRow last = std::move(row);
      message_.mutable_rows()->RemoveLast();
      CUSP_RETURN_IF_ERROR(Flush());
      *message_.add_rows() = last;
    }
    bytes_ += size;
    return bytes_ >= kBytesPerMessage || message_.rows_size() >= kRowsPerMessage ? Flush()
                                                                                 : absl::OkStatus();
  }

  bool IsCancelled() override { return slow_.IsStopping() || writer_.IsCancelled(); }

  // What the caller is told.
  absl::Status Finish(const absl::StatusOr<bool>& truncated) {
    if (absl::IsCancelled(truncated.status()) && slow_.IsStopping()) {
      return absl::UnavailableError("the service is stopping and has ended the query; try again");
    }
    CUSP_RETURN_IF_ERROR(truncated.status());
    message_.set_truncated(*truncated);
    return Flush();
  }

 private:
  absl::Status Flush() {
    bytes_ = 0;
    return writer_.Send(std::exchange(message_, {}));
  }

  QueryWriter& writer_;
  const SlowCalls& slow_;
  v1::RunQueryResponse message_;
  size_t bytes_ = 0;
};

}  // namespace

grpc::ServerWriteReactor<v1::RunQueryResponse>* QueryService::RunQuery(
    grpc::CallbackServerContext* context, const v1::RunQueryRequest* request) {
  const auto writer = QueryWriter::Make(context);
  const auto start = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(const SqlLimits limits, LimitsOf(*request));
    return slow_.Run(
        caller.user, LongCallKind::kUsers, [this, writer, limits, caller, sql = request->sql()] {
          Sender sender(*writer, slow_);
          writer->End(sender.Finish(RunSql(store_.DatabasePath(), sql, limits, clock_, sender)));
        });
  };
  if (const absl::Status status = start(); !status.ok()) {
    writer->End(status);
  }
  return writer.get();
}

grpc::ServerUnaryReactor* QueryService::ListViews(grpc::CallbackServerContext* context,
                                                  const v1::ListViewsRequest* /*request*/,
                                                  v1::ListViewsResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(const std::vector<SqlView> views,
                          store_.Read<std::vector<SqlView>>(ListSqlViews));
    for (const SqlView& view : views) {
      v1::SqlView& out = *response->add_views();
      out.set_name(view.name);
      out.mutable_columns()->Add(view.columns.begin(), view.columns.end());
    }
    return absl::OkStatus();
  };
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(list()));
  return reactor;
}

}  // namespace cusp::server
