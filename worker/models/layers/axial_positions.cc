#include "worker/models/layers/axial_positions.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

AxialPositions::AxialPositions(ParameterStore& store, const std::string& prefix,
                               const AxialPositionOptions& options)
    : options_(options) {
  const double before = store.options().initializer_range;
  store.set_initializer_range(options.initializer_range);
  rows_ = store.Normal(prefix + ".weights.0", {options.shape[0], 1, options.sizes[0]});
  columns_ = store.Normal(prefix + ".weights.1", {1, options.shape[1], options.sizes[1]});
  store.set_initializer_range(before);
}

at::Tensor AxialPositions::operator()(int64_t batch_size, int64_t length) const {
  const int64_t columns = options_.shape[1];
  const int64_t rows = (length + columns - 1) / columns;
  at::Tensor grid = ops::Cat({rows_.narrow(0, 0, rows).expand({rows, columns, options_.sizes[0]}),
                              columns_.expand({rows, columns, options_.sizes[1]})},
                             -1)
                        .unsqueeze(0);
  if (options_.dropout > 0) {
    const at::Tensor ones =
        ops::Full({batch_size, 1, columns, 1}, 1, grid.scalar_type(), grid.device());
    grid = grid.mul(ops::Dropout(ones, options_.dropout));
  }
  return grid.flatten(1, 2).narrow(1, 0, length);
}

}  // namespace cusp::models
