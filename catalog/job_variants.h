// One variant of a job: its faults, or all that follows from it.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/job_check.h"

namespace cusp::catalog {

struct VariantOutcome {
  std::vector<Problem> problems;
  const Model* model = nullptr;  // nullptr where it could not be told
  ResolvedVariant resolved;      // meaningless where there are problems
};

// `spec` has its defaults. `path` is the variant's place in it. Lengths are
// compared with the variant's only where `lengths_good`.
VariantOutcome ResolveVariant(const v1::JobSpec& spec, const v1::VariantSpec& variant,
                              const std::string& path, bool lengths_good);

// The model that a variant asks for; nullptr where it asks for none that is known.
const Model* KnownModelOf(const v1::VariantSpec& variant);

}  // namespace cusp::catalog
