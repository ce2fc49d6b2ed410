// The descriptions that the table of models refers to, one for each row of
// catalog/models.def.
#pragma once

#include "catalog/model.h"

namespace cusp::catalog {

#define CUSP_MODEL(type, Name) extern const Model k##Name;
#include "catalog/models.def"
#undef CUSP_MODEL

}  // namespace cusp::catalog
