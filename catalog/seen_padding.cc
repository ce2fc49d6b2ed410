#include "catalog/seen_padding.h"

#include <algorithm>

namespace cusp::catalog {

int64_t SeenPadding(const v1::LengthSpec& lengths, int64_t padding) {
  const auto is_multiple = [padding](int64_t length) { return length % padding == 0; };
  const bool hidden = lengths.list().empty()
                          ? lengths.quantum() > 0 && is_multiple(lengths.quantum())
                          : std::all_of(lengths.list().begin(), lengths.list().end(), is_multiple);
  return hidden ? 1 : padding;
}

}  // namespace cusp::catalog
