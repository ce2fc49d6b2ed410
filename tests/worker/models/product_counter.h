// Counts the matrix products and convolutions that LibTorch runs.
#pragma once

#include <ATen/record_function.h>

#include <cstdint>

namespace cusp::models {

// Counts while it lives, on all threads: multiply-adds as two operations, and
// every operand read and result written once by each product, as catalog/cost.h
// defines them. One at a time.
class ProductCounter {
 public:
  ProductCounter();
  ProductCounter(const ProductCounter&) = delete;
  ProductCounter& operator=(const ProductCounter&) = delete;
  ~ProductCounter();

  double flops() const;
  double bytes() const;

 private:
  at::CallbackHandle handle_;
};

}  // namespace cusp::models
