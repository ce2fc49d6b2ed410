// Findings as CSV, in the columns that `cusp analyze` reads.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "client/lib/job_lengths.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// Raw samples of a job, with all that `cusp analyze` needs to give the job's own
// answer: variant,length,value,metric,mode,dtype,block,order,calls,batch_size,
// outcome,padding_quantum,padding_slack,analysis_seed,exact,left_out,length_unit,
// tokens. Lengths and paddings are in length_unit. The value of a point that ran out of memory is
// "oom". Samples that have no value for another reason (crashed, timed out) have no row: nothing
// can be computed from them, and `results --json` names them; other samples of such a point have it
// in `left_out`, as the job's analysis does without them. Immutable once made.
class SamplesCsv {
 public:
  SamplesCsv(const v1::Job& job, const v1::JobResult& result);

  static std::string Header();
  std::string Rows(const v1::Sweep& sweep, const v1::Block& block) const;

 private:
  // Mode, number type, metric, batch size, length, variant.
  using Point = std::tuple<int, int, int, int32_t, int64_t, std::string>;

  std::string Sample(const v1::Sweep& sweep, const v1::Block& block,
                     const v1::Sample& sample) const;
  bool IsCompared(const v1::Sweep& sweep, v1::Metric metric) const;

  struct Padding {
    int64_t quantum = 1;
    int64_t slack = 0;
  };

  JobLengths lengths_;
  std::string seed_;
  std::map<std::string, Padding> paddings_;  // empty where this version can't tell
  std::map<Point, v1::Outcome> failed_;
  std::set<std::tuple<int, int, int>> compared_;  // mode, number type, metric
};

// A row for each measured cost: variant,length,value,metric,mode,dtype,low,
// high,samples,batch_size,outcome,length_unit,tokens; `value` is the median. As above.
std::string CostsCsv(const v1::Job& job, const v1::JobResult& result);

}  // namespace cusp::client
