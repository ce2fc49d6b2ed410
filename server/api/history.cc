#include "server/api/history.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/sha256.h"
#include "common/status_macros.h"
#include "cusp/v1/spec.pb.h"
#include "server/api/names.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"
#include "server/store/history.h"
#include "server/store/jobs.h"

namespace cusp::server {
namespace {

constexpr char kHistoryPage = 'h';
constexpr size_t kSeriesDigits = 16;
// Well below the 4 MiB that a client takes in one message; an entry has at most some
// tens of KiB.
constexpr size_t kMaxPageBytes = size_t{2} << 20U;

absl::StatusOr<HistoryFilter> FilterOf(const v1::ListHistoryRequest& request) {
  if (!v1::Metric_IsValid(request.metric()) || !v1::Mode_IsValid(request.mode()) ||
      !v1::DType_IsValid(request.dtype())) {
    return absl::InvalidArgumentError(
        "metric, mode or dtype is a number that this coordinator does not know");
  }
  HistoryFilter filter;
  filter.baseline = request.baseline();
  filter.candidate = request.candidate();
  filter.metric = request.metric();
  filter.mode = request.mode();
  filter.dtype = request.dtype();
  filter.device = request.device();
  filter.since_us = FromTimestamp(request.since_time());
  filter.until_us = FromTimestamp(request.until_time());
  filter.driver_version = request.driver_version();
  filter.cusp_version = request.cusp_version();
  filter.torch_version = request.torch_version();
  filter.host = request.host();
  return filter;
}

// Adds the variant of that name among `from`, as its job defines it.
void AddVariant(const google::protobuf::RepeatedPtrField<v1::VariantSpec>& from,
                const std::string& name, google::protobuf::RepeatedPtrField<v1::VariantSpec>* to) {
  for (const v1::VariantSpec& variant : from) {
    if (variant.name() == name) {
      *to->Add() = variant;
    }
  }
  // Weights are known by their hash, wherever they lie.
  for (v1::VariantSpec& variant : *to) {
    if (!variant.weights_sha256().empty()) {
      variant.clear_weights_path();
    }
  }
}

// Hash of a job that would ask for this comparison alone, without what changes how it
// is measured and not what.
std::string SeriesOf(const v1::JobSpec& spec, const v1::Comparison& comparison) {
  v1::JobSpec what;
  what.set_preset(spec.preset());
  what.set_extend_positions(spec.extend_positions());
  AddVariant(spec.baselines(), comparison.baseline(), what.mutable_baselines());
  AddVariant(spec.candidates(), comparison.candidate(), what.mutable_candidates());
  what.add_modes(comparison.mode());
  what.add_metrics(comparison.metric());
  what.add_dtypes(comparison.dtype());
  what.add_batch_sizes(comparison.batch_size());
  what.mutable_lengths()->set_min(spec.lengths().min());
  what.mutable_lengths()->set_max(spec.lengths().max());
  what.mutable_lengths()->set_unit(spec.lengths().unit());
  return Sha256Hex(what.SerializeAsString()).substr(0, kSeriesDigits);
}

v1::HistoryEntry EntryOf(const HistoryRow& row, const v1::JobSpec& spec) {
  v1::HistoryEntry entry;
  *entry.mutable_comparison() = ToProto(row.comparison, row.sweep);
  entry.set_job(JobName(row.job));
  entry.set_display_name(row.display_name);
  *entry.mutable_end_time() = ToTimestamp(row.position.end_time_us);
  entry.set_unit(spec.lengths().unit());
  entry.set_series(SeriesOf(spec, entry.comparison()));
  if (row.sweep.provenance) {
    *entry.mutable_provenance() = ToProto(*row.sweep.provenance);
  }
  return entry;
}

}  // namespace

absl::StatusOr<v1::ListHistoryResponse> ReadHistory(Database& db,
                                                    const v1::ListHistoryRequest& request) {
  CUSP_ASSIGN_OR_RETURN(const HistoryFilter filter, FilterOf(request));
  CUSP_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  HistoryPosition after;
  if (!request.page_token().empty()) {
    CUSP_ASSIGN_OR_RETURN(const PagePair position,
                          DecodePairPageToken(kHistoryPage, request.page_token()));
    after = {position.first, position.second};
  }
  // One more tells whether there is another page.
  CUSP_ASSIGN_OR_RETURN(const std::vector<HistoryRow> rows,
                        server::ListHistory(db, filter, after, page_size + 1));
  v1::ListHistoryResponse response;
  v1::JobSpec spec;
  int64_t spec_of = 0;
  size_t bytes = 0;
  for (const HistoryRow& row : rows) {
    if (response.entries_size() == page_size || bytes > kMaxPageBytes) {
      response.set_next_page_token(
          EncodePairPageToken(kHistoryPage, {after.end_time_us, after.comparison_id}));
      break;
    }
    if (spec_of != row.sweep.job_id) {
      CUSP_ASSIGN_OR_RETURN(const std::string stored, LoadSpec(db, row.sweep.job_id));
      // Parsed when it was submitted, so it parses now.
      (void)spec.ParseFromString(stored);
      spec_of = row.sweep.job_id;
    }
    v1::HistoryEntry& entry = *response.add_entries();
    entry = EntryOf(row, spec);
    bytes += entry.ByteSizeLong();
    after = row.position;
  }
  return response;
}

}  // namespace cusp::server
