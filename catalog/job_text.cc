#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/job_check.h"

namespace cusp::catalog {
namespace {

template <typename Enum>
struct Text {
  Enum value;
  std::string_view text;
};

constexpr std::array<Text<v1::Mode>, 3> kModes = {{{v1::MODE_INFERENCE, "inference"},
                                                   {v1::MODE_TRAINING, "training"},
                                                   {v1::MODE_DECODE, "decode"}}};
constexpr std::array<Text<v1::Metric>, 30> kMetrics = {
    {{v1::METRIC_LATENCY, "latency"},
     {v1::METRIC_LATENCY_P90, "latency_p90"},
     {v1::METRIC_LATENCY_P99, "latency_p99"},
     {v1::METRIC_THROUGHPUT, "throughput"},
     {v1::METRIC_PEAK_MEMORY, "peak_memory"},
     {v1::METRIC_ENERGY, "energy"},
     {v1::METRIC_FLOPS, "flops"},
     {v1::METRIC_COMPONENTS, "components"},
     {v1::METRIC_FIRST_TOKEN, "first_token"},
     {v1::METRIC_SAME_AGAIN, "same_again"},
     {v1::METRIC_FORWARD, "forward"},
     {v1::METRIC_BACKWARD, "backward"},
     {v1::METRIC_OPTIMIZER, "optimizer"},
     {v1::METRIC_RESERVED_MEMORY, "reserved_memory"},
     {v1::METRIC_DEVICE_MEMORY, "device_memory"},
     {v1::METRIC_HOST_MEMORY, "host_memory"},
     {v1::METRIC_BEST_BATCH, "best_batch"},
     {v1::METRIC_LARGEST_BATCH, "largest_batch"},
     {v1::METRIC_LARGEST_BATCH_THROUGHPUT, "largest_batch_throughput"},
     {v1::METRIC_IDLE_POWER, "idle_power"},
     {v1::METRIC_COMPONENT_EMBEDDING, "component_embedding"},
     {v1::METRIC_COMPONENT_FRONT_END, "component_front_end"},
     {v1::METRIC_COMPONENT_PROJECTION, "component_projection"},
     {v1::METRIC_COMPONENT_MIXING, "component_mixing"},
     {v1::METRIC_COMPONENT_FEED_FORWARD, "component_feed_forward"},
     {v1::METRIC_COMPONENT_NORM, "component_norm"},
     {v1::METRIC_COMPONENT_OTHER, "component_other"},
     {v1::METRIC_COMPONENT_LOSS, "component_loss"},
     {v1::METRIC_COMPONENT_BACKWARD, "component_backward"},
     {v1::METRIC_COMPONENT_OPTIMIZER, "component_optimizer"}}};
constexpr std::array<Text<v1::DType>, 3> kDTypes = {{{v1::DTYPE_FLOAT32, "float32"},
                                                     {v1::DTYPE_BFLOAT16, "bfloat16"},
                                                     {v1::DTYPE_FLOAT16, "float16"}}};
constexpr std::array<Text<v1::Attention>, 6> kAttentions = {{{v1::ATTENTION_EAGER, "eager"},
                                                             {v1::ATTENTION_SDPA, "sdpa"},
                                                             {v1::ATTENTION_MATH, "math"},
                                                             {v1::ATTENTION_FLASH, "flash"},
                                                             {v1::ATTENTION_EFFICIENT, "efficient"},
                                                             {v1::ATTENTION_CUDNN, "cudnn"}}};
constexpr std::array<Text<v1::LengthUnit>, 3> kUnits = {{{v1::LENGTH_UNIT_TOKENS, "tokens"},
                                                         {v1::LENGTH_UNIT_SECONDS, "seconds"},
                                                         {v1::LENGTH_UNIT_PIXELS, "pixels"}}};

template <typename Rows, typename Enum>
std::string TextOf(const Rows& rows, Enum value) {
  for (const auto& row : rows) {
    if (row.value == value) {
      return std::string(row.text);
    }
  }
  return "";
}

template <typename Rows>
auto ValueOf(const Rows& rows, const std::string& text) {
  for (const auto& row : rows) {
    if (row.text == text) {
      return row.value;
    }
  }
  return static_cast<decltype(rows[0].value)>(0);
}

template <typename Rows>
std::vector<std::string_view> Texts(const Rows& rows) {
  std::vector<std::string_view> texts;
  for (const auto& row : rows) {
    texts.push_back(row.text);
  }
  return texts;
}

}  // namespace

std::string ToText(v1::Mode mode) { return TextOf(kModes, mode); }
std::string ToText(v1::Metric metric) { return TextOf(kMetrics, metric); }
std::string ToText(v1::DType dtype) { return TextOf(kDTypes, dtype); }
std::string ToText(v1::Attention attention) { return TextOf(kAttentions, attention); }
std::string ToText(v1::LengthUnit unit) { return TextOf(kUnits, unit); }

v1::Mode ModeFromText(const std::string& text) { return ValueOf(kModes, text); }
v1::Metric MetricFromText(const std::string& text) { return ValueOf(kMetrics, text); }
v1::DType DTypeFromText(const std::string& text) { return ValueOf(kDTypes, text); }
v1::Attention AttentionFromText(const std::string& text) { return ValueOf(kAttentions, text); }
v1::LengthUnit LengthUnitFromText(const std::string& text) { return ValueOf(kUnits, text); }

std::vector<std::string_view> ModeTexts() { return Texts(kModes); }
std::vector<std::string_view> MetricTexts() { return Texts(kMetrics); }
std::vector<std::string_view> DTypeTexts() { return Texts(kDTypes); }
std::vector<std::string_view> AttentionTexts() { return Texts(kAttentions); }
std::vector<std::string_view> LengthUnitTexts() { return Texts(kUnits); }

}  // namespace cusp::catalog
