// How long `cusp analyze` takes for large files: reading, and comparing.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client/lib/analyze.h"
#include "client/lib/cost_csv.h"
#include "common/random.h"

namespace cusp::client {
namespace {

// Cost of a variant at a length; variant 0 is the baseline.
using Cost = std::function<double(int variant, double length)>;

struct Shape {
  const char* name;
  int variants;
  int lengths;
  int step;  // between lengths
  int blocks;
  Cost cost;
};

double Baseline(double n) { return 2e-3 + n * (8e-5 + n * 6e-8); }

double Smooth(int variant, double n) {
  return variant == 0 ? Baseline(n) : (1 + 1e-4 * variant) * (6e-3 + 1e-4 * n);
}

double Padded(int variant, double n) {
  return variant == 0 ? Baseline(n) : Smooth(variant, std::ceil(n / 256) * 256);
}

// Crosses once, and no smooth curve follows it.
double Wavy(int variant, double n) {
  return variant == 0
             ? Baseline(n)
             : Baseline(n) * (n < 1500 ? 1.25 : 0.8) * (1 + 0.05 * std::sin(n / 70 + variant));
}

std::string MakeCsv(const Shape& shape) {
  Random random(1);
  std::string csv = "variant,length,value,block\n";
  char line[96];
  for (int block = 0; block < shape.blocks; ++block) {
    for (int l = 1; l <= shape.lengths; ++l) {
      for (int v = 0; v < shape.variants; ++v) {
        const int length = l * shape.step;
        const double noise = std::exp(0.01 * (random.Uniform() + random.Uniform() - 1));
        std::snprintf(line, sizeof line, "v%d,%d,%.9g,%d\n", v, length,
                      shape.cost(v, length) * noise, block);
        csv += line;
      }
    }
  }
  return csv;
}

double SecondsOf(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool Run(const Shape& shape) {
  const std::string csv = MakeCsv(shape);
  absl::StatusOr<CostTable> table = absl::UnknownError("not read");
  const double reading = SecondsOf([&] { table = ParseCostCsv(csv, "bench.csv"); });
  if (!table.ok()) {
    std::fprintf(stderr, "%s: %s\n", shape.name, table.status().ToString().c_str());
    return false;
  }
  const size_t rows = table->rows.size();
  absl::StatusOr<Analysis> analysis = absl::UnknownError("not analyzed");
  const double comparing =
      SecondsOf([&] { analysis = Analyze(*std::move(table), "bench.csv", "v0"); });
  if (!analysis.ok()) {
    std::fprintf(stderr, "%s: %s\n", shape.name, analysis.status().ToString().c_str());
    return false;
  }
  std::printf("%-34s %9zu %12zu %9.2f %11.2f\n", shape.name, rows, analysis->comparisons.size(),
              reading, comparing);
  return true;
}

int Main() {
  const std::vector<Shape> shapes = {
      {"two variants, 256 lengths", 2, 256, 16, 1953, Smooth},
      {"two variants, 125,000 lengths", 2, 125000, 1, 4, Smooth},
      {"1,000 variants, smooth", 1000, 16, 128, 8, Smooth},
      {"1,000 variants, steps", 1000, 64, 32, 8, Padded},
      {"2,000 variants that nothing fits", 2000, 64, 64, 8, Wavy},
      {"5,000 variants, smooth", 5000, 16, 128, 12, Smooth},
  };
  std::printf("%-34s %9s %12s %9s %11s\n", "file", "rows", "comparisons", "reading/s",
              "comparing/s");
  bool good = true;
  for (const Shape& shape : shapes) {
    good = Run(shape) && good;
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace cusp::client

int main() { return cusp::client::Main(); }
