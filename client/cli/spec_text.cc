#include "client/cli/spec_text.h"

#include <chrono>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"

namespace cusp::client {
namespace {

std::string Line(std::string key, const std::string& value) {
  key.resize(13, ' ');
  return key + value + "\n";
}

std::string Names(const google::protobuf::RepeatedPtrField<v1::VariantSpec>& variants) {
  std::string text;
  for (const v1::VariantSpec& variant : variants) {
    text += (text.empty() ? "" : ", ") + Printable(variant.name());
  }
  return text;
}

template <typename Enum>
std::string EnumNames(const google::protobuf::RepeatedField<int>& values) {
  std::string text;
  for (const int value : values) {
    text += (text.empty() ? "" : ", ") + catalog::ToText(static_cast<Enum>(value));
  }
  return text;
}

std::string LengthsText(const v1::LengthSpec& lengths) {
  const std::string unit = " " + catalog::ToText(lengths.unit());
  const auto number = [&](int64_t length) {
    return FormatLength(static_cast<double>(length), lengths.unit());
  };
  if (lengths.list_size() == 0) {
    return number(lengths.min()) + " to " + number(lengths.max()) + unit;
  }
  std::string text;
  for (const int64_t length : lengths.list()) {
    text += (text.empty() ? "" : ", ") + number(length);
  }
  return text + unit;
}

}  // namespace

std::string RenderSpec(const v1::JobSpec& spec) {
  const int sweeps = spec.modes_size() * spec.dtypes_size();
  const int comparisons = sweeps * spec.baselines_size() * spec.candidates_size() *
                          spec.metrics_size() * std::max(spec.batch_sizes_size(), 1);
  return Line("name", Printable(spec.name())) + Line("baselines", Names(spec.baselines())) +
         Line("candidates", Names(spec.candidates())) +
         Line("modes", EnumNames<v1::Mode>(spec.modes())) +
         Line("dtypes", EnumNames<v1::DType>(spec.dtypes())) +
         Line("metrics", EnumNames<v1::Metric>(spec.metrics())) +
         Line("lengths", LengthsText(spec.lengths())) + Line("device", Printable(spec.device())) +
         Line("sweeps", FormatCount(sweeps) + ", at most " +
                            FormatDuration(std::chrono::seconds(spec.budget().seconds())) +
                            " each") +
         Line("comparisons", FormatCount(comparisons));
}

}  // namespace cusp::client
