// Findings as CSV, in the columns that `cusp analyze` reads.
#pragma once

#include <string>

#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// Raw samples: variant,length,value,metric,mode,dtype,block,order,calls,
// batch_size,outcome. The value of a point that ran out of memory is "oom".
// Points that have no value for another reason (crashed, timed out) are left
// out: nothing can be computed from them, and `results --json` names them.
std::string SamplesCsvHeader();
std::string SamplesCsvRows(const v1::Sweep& sweep, const v1::Block& block);

// A row for each measured cost: variant,length,value,metric,mode,dtype,low,
// high,samples,batch_size,outcome; `value` is the median. As above.
std::string CostsCsv(const v1::JobResult& result);

}  // namespace cusp::client
