#include "worker/models/layers/state_space.h"

#include <vector>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Sizes of a scan; M chunks in all of the batch, of l tokens.
struct Shape {
  int64_t batch, tokens, heads, width, groups, depth;  // B, n, H, P, g, N
  int64_t chunks, length;                              // of one sequence; l

  int64_t all() const { return batch * chunks; }
  int64_t per_group() const { return heads / groups * width; }
};

Shape ShapeOf(const StateSpaceInputs& in, int64_t chunk) {
  Shape shape{.batch = in.x.size(0),
              .tokens = in.x.size(1),
              .heads = in.x.size(2),
              .width = in.x.size(3),
              .groups = in.b.size(2),
              .depth = in.b.size(3),
              .chunks = (in.x.size(1) + chunk - 1) / chunk,
              .length = 0};
  // As even as can be: no more padding than chunks.
  shape.length = (shape.tokens + shape.chunks - 1) / shape.chunks;
  return shape;
}

// x [B, n, ...] as [M, l, ...]. Padding has dt = 0 and leaves the state as it is.
at::Tensor Chunked(const at::Tensor& x, const Shape& shape) {
  std::vector<int64_t> sizes = x.sizes().vec();
  std::vector<int64_t> pad(2 * sizes.size() - 2, 0);
  pad.back() = shape.chunks * shape.length - shape.tokens;
  sizes[0] = shape.all();
  sizes[1] = shape.length;
  return (pad.back() > 0 ? ops::Pad(x, pad, 0) : x).reshape(sizes);
}

// x [M, l, ..] of g groups as [M * g, l, features of a group].
at::Tensor ByGroup(const at::Tensor& x, const Shape& shape) {
  return x.reshape({x.size(0), x.size(1), shape.groups, -1})
      .transpose(1, 2)
      .reshape({x.size(0) * shape.groups, x.size(1), -1});
}

at::Tensor Product(const at::Tensor& a, const at::Tensor& b) {
  return ops::GradientsOn() ? a.mul(b) : a.mul_(b);
}

// What the tokens of a chunk give each other: [M, H, l, P]. `sums` [M, l, H] are the
// running sums of dt a.
at::Tensor Within(const at::Tensor& b, const at::Tensor& c, const at::Tensor& x,
                  const at::Tensor& sums, const Shape& shape) {
  const int64_t m = shape.all();
  const int64_t l = shape.length;
  const at::Tensor scores = c.bmm(b.transpose(1, 2)).view({m, shape.groups, 1, l, l});
  const at::Tensor by_head = sums.transpose(1, 2).contiguous();
  // exp(sum over (j, i] of dt a), and 0 above the diagonal.
  at::Tensor decay = by_head.unsqueeze(-1).sub(by_head.unsqueeze(-2));
  decay.add_(CausalMask(l, l, sums.scalar_type(), sums.device())).exp_();
  decay = decay.reshape({m, shape.groups, shape.heads / shape.groups, l, l});
  return Product(decay, scores)
      .view({m * shape.heads, l, l})
      .bmm(x.transpose(1, 2).reshape({m * shape.heads, l, shape.width}))
      .view({m, shape.heads, l, shape.width});
}

// The state at the beginning of every chunk, [M * g, N, (H / g) P], from what each adds
// to it; `last` [M, 1, H] is the sum of dt a over a chunk.
at::Tensor StatesBefore(const at::Tensor& added, const at::Tensor& last, const Shape& shape,
                        at::Tensor* state) {
  const int64_t per_head = shape.heads / shape.groups;
  const at::Tensor adds =
      added.view({shape.batch, shape.chunks, shape.groups, shape.depth, per_head, shape.width});
  const at::Tensor decays =
      last.exp().reshape({shape.batch, shape.chunks, shape.groups, 1, per_head, 1});
  at::Tensor current =
      state != nullptr && state->defined()
          ? state->view({shape.batch, shape.groups, shape.depth, per_head, shape.width})
          : adds.new_zeros({shape.batch, shape.groups, shape.depth, per_head, shape.width});
  std::vector<at::Tensor> before;
  for (int64_t k = 0; k < shape.chunks; ++k) {
    before.push_back(current.unsqueeze(1));
    if (k + 1 < shape.chunks || state != nullptr) {
      current = current.mul(decays.select(1, k)).add_(adds.select(1, k));
    }
  }
  if (state != nullptr) {
    *state =
        current.reshape({shape.batch, shape.groups, shape.depth, shape.per_group()}).contiguous();
  }
  return ops::Cat(before, 1).view({shape.all() * shape.groups, shape.depth, shape.per_group()});
}

}  // namespace

at::Tensor ScanByChunks(const StateSpaceInputs& inputs, int64_t chunk, at::Tensor* state) {
  const Shape shape = ShapeOf(inputs, chunk);
  const at::Tensor x = Chunked(inputs.x.mul(inputs.dt.unsqueeze(-1)), shape);
  const at::Tensor sums = Chunked(inputs.dt.mul(inputs.a), shape).cumsum(1);
  const at::Tensor b = ByGroup(Chunked(inputs.b, shape), shape);
  const at::Tensor c = ByGroup(Chunked(inputs.c, shape), shape);
  at::Tensor y = Within(b, c, x, sums, shape).transpose(1, 2);
  if (shape.chunks > 1 || state != nullptr) {
    const at::Tensor last = sums.narrow(1, shape.length - 1, 1);
    const at::Tensor left = x.mul(last.sub(sums).exp_().unsqueeze(-1));
    const at::Tensor added = b.transpose(1, 2).bmm(ByGroup(left, shape));
    const at::Tensor handed = c.bmm(StatesBefore(added, last, shape, state))
                                  .view({shape.all(), shape.groups, shape.length, -1})
                                  .transpose(1, 2)
                                  .reshape({shape.all(), shape.length, shape.heads, shape.width});
    y = handed.mul(sums.exp().unsqueeze(-1)).add_(y);
  }
  return y.reshape({shape.batch, shape.chunks * shape.length, shape.heads, shape.width})
      .narrow(1, 0, shape.tokens);
}

at::Tensor ScanStep(const StateSpaceInputs& inputs, at::Tensor& state) {
  const Shape shape = ShapeOf(inputs, 1);
  const int64_t per_head = shape.heads / shape.groups;
  const int64_t all = shape.batch * shape.groups;
  const at::Tensor decay = inputs.dt.mul(inputs.a).exp_();
  state.view({shape.batch, shape.groups, shape.depth, per_head, shape.width})
      .mul_(decay.reshape({shape.batch, shape.groups, 1, per_head, 1}));
  const at::Tensor x = inputs.x.mul(inputs.dt.unsqueeze(-1)).reshape({all, 1, shape.per_group()});
  at::Tensor flat = state.view({all, shape.depth, shape.per_group()});
  flat.baddbmm_(inputs.b.reshape({all, shape.depth, 1}), x);
  return inputs.c.reshape({all, 1, shape.depth})
      .bmm(flat)
      .view({shape.batch, 1, shape.heads, shape.width});
}

}  // namespace cusp::models
