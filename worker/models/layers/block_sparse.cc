#include "worker/models/layers/block_sparse.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "common/random.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Blocks that `row`, neither the first nor the last, sees whatever is drawn, each once.
std::vector<int64_t> AlwaysSeen(int64_t row, int64_t blocks) {
  std::vector<int64_t> seen = {0, row - 1, row, row + 1, blocks - 1};
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  return seen;
}

// With `random` more: the first block again, or drawn without replacement.
std::vector<int64_t> WithRandom(std::vector<int64_t> seen, int64_t random, int64_t blocks,
                                Random* draw) {
  const size_t width = seen.size() + static_cast<size_t>(random);
  while (seen.size() < width) {
    const int64_t block =
        draw == nullptr ? 0 : static_cast<int64_t>(draw->Below(static_cast<size_t>(blocks)));
    // A third of all blocks or more is free, so this ends soon.
    if (draw == nullptr || std::find(seen.begin(), seen.end(), block) == seen.end()) {
      seen.push_back(block);
    }
  }
  return seen;
}

// Which of all heads' blocks each of `rows` sees: [rows, h, width].
at::Tensor SeenFrom(const std::vector<int64_t>& rows, const BlockSparseOptions& options,
                    int64_t blocks, Random* draw) {
  std::vector<int64_t> index;
  for (const int64_t row : rows) {
    for (int64_t head = 0; head < options.heads; ++head) {
      for (const int64_t seen : WithRandom(AlwaysSeen(row, blocks), options.random, blocks, draw)) {
        index.push_back(head * blocks + seen);
      }
    }
  }
  const auto size = static_cast<int64_t>(index.size());
  const at::Tensor tensor = ops::Empty({size}, at::kLong, at::kCPU);
  std::copy(index.begin(), index.end(), tensor.mutable_data_ptr<int64_t>());
  return tensor.view({static_cast<int64_t>(rows.size()), options.heads, -1});
}

}  // namespace

BlockSparse::BlockSparse(const BlockSparseOptions& options)
    : options_(options),
      ends_core_(options.backend, options.dropout),
      edges_core_(options.backend, options.dropout),
      middle_core_(options.backend, options.dropout) {}

at::Tensor BlockSparse::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                   const at::Tensor& additive) {
  const int64_t block = options_.block;
  const int64_t length = q.size(1);
  Plan(length / block, q.device());
  // Heads lie apart from here on, so that a block of one is a row to copy.
  const Seen all = {SplitHeads(k, options_.heads).contiguous(),
                    SplitHeads(v, options_.heads).contiguous(), additive};
  const auto queries = q.split_with_sizes({block, block, length - 4 * block, block, block}, 1);
  const at::Tensor ends = ends_core_(
      SplitHeads(ops::Cat({queries[0], queries[4]}, 1), options_.heads), all.k, all.v, additive);
  const at::Tensor edges = Attend(edges_core_, ops::Cat({queries[1], queries[3]}, 1), all, edges_);
  const at::Tensor middle = Attend(middle_core_, queries[2], all, middle_);
  return ops::Cat({ends.narrow(1, 0, block), edges.narrow(1, 0, block), middle,
                   edges.narrow(1, block, block), ends.narrow(1, block, block)},
                  1);
}

void BlockSparse::Plan(int64_t blocks, at::Device device) {
  if (planned_ == blocks) {
    return;
  }
  // Kept beyond this pass, and a later one may record gradients.
  const c10::InferenceMode guard(false);
  std::optional<Random> draw;
  if (options_.seed.has_value()) {
    draw.emplace(*options_.seed);
  }
  std::vector<int64_t> middle(static_cast<size_t>(blocks - 4));
  std::iota(middle.begin(), middle.end(), 2);
  const auto seen_from = [&](const std::vector<int64_t>& rows) {
    return SeenFrom(rows, options_, blocks, draw.has_value() ? &*draw : nullptr).to(device);
  };
  edges_ = seen_from({1, blocks - 2});
  middle_ = seen_from(middle);
  planned_ = blocks;
}

at::Tensor BlockSparse::Attend(AttentionCore& core, const at::Tensor& queries, const Seen& all,
                               const at::Tensor& index) const {
  const at::Tensor by_block = queries.reshape({-1, options_.block, queries.size(2)});
  at::Tensor additive = all.additive;
  if (additive.defined()) {
    // Heads see different blocks.
    additive = Gather(additive.expand({-1, options_.heads, -1, -1}).transpose(2, 3), index)
                   .transpose(2, 3);
  }
  return core(SplitHeads(by_block, options_.heads), Gather(all.k, index), Gather(all.v, index),
              additive)
      .view(queries.sizes());
}

at::Tensor BlockSparse::Gather(const at::Tensor& x, const at::Tensor& index) const {
  const int64_t block = options_.block;
  return x.reshape({x.size(0), options_.heads * x.size(2) / block, block * x.size(3)})
      .index_select(1, index.view({-1}))
      .view({x.size(0) * index.size(0), options_.heads, index.size(2) * block, x.size(3)});
}

}  // namespace cusp::models
