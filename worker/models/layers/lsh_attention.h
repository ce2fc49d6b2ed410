// Attention inside buckets of similar tokens, found by locality-sensitive hashing (Kitaev et
// al., "Reformer", 2020, section 2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "worker/models/layers/chunk_attention.h"
#include "worker/models/layers/linear.h"

namespace cusp::models {

struct LshOptions {
  ChunkAttentionOptions attention = {};
  int64_t rounds = 1;  // of hashing
  // How many buckets there are for an input of so many tokens: a product of even factors.
  std::function<std::vector<int64_t>(int64_t tokens)> buckets;
  uint64_t seed = 0;  // of the hashes
};

// Queries, whose directions are also the keys, are hashed by random rotations (Andoni et
// al., 2015) and sorted by bucket. Sorted tokens are cut into chunks that see themselves and
// chunks beside them, those of all rounds in one ring. Rounds are weighted by how much
// attention each found. A token sees itself only where there is nothing else.
//
// Registers PREFIX.query_key and PREFIX.value, without biases. Inputs longer than a chunk are
// a multiple of it; others are not hashed. Used by one thread.
class LshAttention {
 public:
  LshAttention(ParameterStore& store, const std::string& prefix, const LshOptions& options);

  // x [B, n, d] gives [B, n, heads * head_size]. `order`, where undefined, becomes the order
  // that was found, [B, heads, rounds, n]; else it is taken as it is.
  at::Tensor operator()(const at::Tensor& x, const SequenceMask& mask, at::Tensor& order);

 private:
  struct Attended {
    at::Tensor values;  // [B, heads, m, head_size]
    // Where a token may be found twice, [B, heads, m]: the log of the sum of exponentials, and
    // what weights by that log add up to. It is 1 but for a token that meets itself alone: there
    // the log is so large that it is rounded, which the reference takes as it comes.
    at::Tensor strength;
    at::Tensor sum;
  };
  // Of sorted tokens, m = rounds * n; `order` [B, heads, rounds, n] says which they are.
  Attended Attend(const at::Tensor& q, const at::Tensor& v, const at::Tensor& order,
                  const SequenceMask& mask) const;
  // `ring` [m / chunk * seen chunks] says which chunks each one sees.
  void Mask(const at::Tensor& scores, const at::Tensor& order, const at::Tensor& ring,
            const SequenceMask& mask) const;
  at::Tensor Whole(const at::Tensor& qk, const at::Tensor& v, const SequenceMask& mask) const;
  at::Tensor Sorted(const at::Tensor& qk, const at::Tensor& v, const at::Tensor& order,
                    const SequenceMask& mask) const;
  at::Tensor Order(const at::Tensor& qk, const SequenceMask& mask);
  // [heads, head_size, rounds * pairs]; the same for as long as `pairs` is.
  const at::Tensor& Rotations(int64_t pairs, const at::Tensor& like);

  LshOptions options_;
  Linear query_key_;
  Linear value_;
  at::Tensor rotations_;
};

}  // namespace cusp::models
