#include "worker/models/layers/chunk_neighbours.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

std::vector<int64_t> RowOf(const at::Tensor& ring, int64_t chunk) {
  const at::Tensor row = ring.select(0, chunk).contiguous();
  return {row.const_data_ptr<int64_t>(), row.const_data_ptr<int64_t>() + row.numel()};
}

TEST(ChunkNeighboursTest, RingGoesOnAtTheOtherEnd) {
  const at::Tensor ring = RingOfChunks(5, 2, 1, at::kCPU);
  EXPECT_EQ(RowOf(ring, 0), (std::vector<int64_t>{3, 4, 0, 1}));
  EXPECT_EQ(RowOf(ring, 2), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(RowOf(ring, 4), (std::vector<int64_t>{2, 3, 4, 0}));
}

TEST(ChunkNeighboursTest, FartherThanOnceAroundIsItsOwnPlace) {
  EXPECT_EQ(RowOf(RingOfChunks(2, 3, 0, at::kCPU), 0), (std::vector<int64_t>{0, 0, 1, 0}));
  EXPECT_EQ(RowOf(RingOfChunks(1, 1, 2, at::kCPU), 0), (std::vector<int64_t>{0, 0, 0, 0}));
}

TEST(ChunkNeighboursTest, ChunksAreBroughtTogetherHeadByHead) {
  // Heads interleaved, as projections leave them.
  const at::Tensor x = RandomNormal({2, 6, 3, 4}, 1).transpose(1, 2);
  const at::Tensor gathered = GatherChunks(x, 2, RingOfChunks(3, 1, 0, at::kCPU));
  EXPECT_EQ(gathered.sizes(), at::IntArrayRef({2 * 3 * 3, 4, 4}));
  const at::Tensor by_chunk = gathered.view({2, 3, 3, 4, 4});
  for (int64_t chunk = 0; chunk < 3; ++chunk) {
    const at::Tensor expected =
        ops::Cat({x.narrow(2, 2 * ((chunk + 2) % 3), 2), x.narrow(2, 2 * chunk, 2)}, 2);
    EXPECT_TRUE(by_chunk.select(2, chunk).equal(expected)) << chunk;
  }
}

}  // namespace
}  // namespace cusp::models
