#include "client/lib/job_lengths.h"

#include "catalog/lengths.h"

namespace cusp::client {

JobLengths::JobLengths(const v1::Job& job) : unit(job.spec().lengths().unit()), tokens(job.spec()) {
  if (unit == v1::LENGTH_UNIT_UNSPECIFIED) {
    unit = v1::LENGTH_UNIT_TOKENS;
  }
}

nlohmann::ordered_json JobLengths::ToJson(int64_t length) const {
  if (catalog::BaseUnits(unit) == 1) {
    return length;
  }
  return catalog::InUnit(static_cast<double>(length), unit);
}

}  // namespace cusp::client
