#include "client/cli/dataset_text.h"

#include "catalog/lengths.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/dataset_lengths.h"

namespace cusp::client {
namespace {

// A published length, as other lengths of its unit are shown.
std::string Shown(double length, v1::LengthUnit unit) {
  return FormatLength(length * static_cast<double>(catalog::BaseUnits(unit)), unit);
}

// "mean 300, 95th percentile 705", "15 quantiles, median 5.8", "all 224".
std::string Published(const Dataset& dataset) {
  if (dataset.fixed > 0) {
    return "all " + Shown(dataset.fixed, dataset.unit);
  }
  if (!dataset.quantiles.empty()) {
    return std::to_string(dataset.quantiles.size()) + " quantiles, median " +
           FormatLength(LengthAt(dataset, 0.5), dataset.unit);
  }
  const bool median = dataset.median > 0;
  return (median ? "median " : "mean ") +
         Shown(median ? dataset.median : dataset.mean, dataset.unit) + ", " +
         FormatPercent(dataset.high.share) + "th percentile " +
         Shown(dataset.high.length, dataset.unit);
}

}  // namespace

std::string RenderDatasets() {
  TextTable table(
      {{"dataset"}, {"what"}, {"published lengths"}, {"counted in"}, {"taken as"}, {"source"}});
  for (const Dataset& dataset : Datasets()) {
    table.AddRow({std::string(dataset.name), std::string(dataset.what), Published(dataset),
                  std::string(dataset.counted_in), DerivationOf(dataset),
                  std::string(dataset.source)});
  }
  return table.ToString();
}

std::string DatasetLine(const Dataset& dataset) {
  return "inputs of " + std::string(dataset.name) + ", " + DerivationOf(dataset) + ": " +
         Published(dataset) + " (" + std::string(dataset.counted_in) + "; " +
         std::string(dataset.source) + ")\n";
}

}  // namespace cusp::client
