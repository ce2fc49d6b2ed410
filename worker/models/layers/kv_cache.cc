#include "worker/models/layers/kv_cache.h"

#include <algorithm>

namespace cusp::models {
namespace {

constexpr int64_t kLeastCapacity = 64;

at::Tensor Moved(const at::Tensor& from, int64_t begin, int64_t kept, const at::Tensor& like,
                 int64_t capacity) {
  at::Tensor to = like.new_empty({like.size(0), like.size(1), capacity, like.size(3)});
  if (kept > 0) {
    to.narrow(2, 0, kept).copy_(from.narrow(2, begin, kept));
  }
  return to;
}

}  // namespace

int64_t KvCache::kept() const {
  // What the first of the new tokens no longer sees goes.
  return window_ > 0 ? std::min(length(), window_ - 1) : length();
}

void KvCache::Append(const at::Tensor& k, const at::Tensor& v) {
  const int64_t added = k.size(2);
  begin_ = end_ - kept();
  if (!keys_.defined() || end_ + added > keys_.size(2)) {
    MakeRoom(k, v);
  }
  keys_.narrow(2, end_, added).copy_(k);
  values_.narrow(2, end_, added).copy_(v);
  end_ += added;
}

void KvCache::MakeRoom(const at::Tensor& k, const at::Tensor& v) {
  const int64_t kept = end_ - begin_;
  const int64_t capacity = std::max(kLeastCapacity, 2 * (kept + k.size(2)));
  keys_ = Moved(keys_, begin_, kept, k, capacity);
  values_ = Moved(values_, begin_, kept, v, capacity);
  begin_ = 0;
  end_ = kept;
}

}  // namespace cusp::models
