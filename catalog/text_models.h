// Keys and rules of the text models.
#pragma once

#include <span>

#include "catalog/catalog.h"
#include "catalog/model_rules.h"

namespace cusp::catalog {

std::span<const Key> BertKeys();
std::span<const Key> LongformerKeys();
std::span<const Key> NystromformerKeys();
std::span<const Key> LinformerKeys();

extern const ModelRules kBertRules;
extern const ModelRules kLongformerRules;
extern const ModelRules kNystromformerRules;
extern const ModelRules kLinformerRules;

}  // namespace cusp::catalog
