#include "catalog/catalog.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "catalog/builtin_models.h"

namespace cusp::catalog {
namespace {

// The rows of catalog/models.def.
const std::vector<Model>& Table() {
  static const auto* const table = new std::vector<Model>{
#define CUSP_MODEL(type, Name) k##Name,
#include "catalog/models.def"
#undef CUSP_MODEL
  };
  return *table;
}

constexpr std::array<Preset, 4> kPresets = {{
    {"tiny", 2, 64, 2, 256},
    {"small", 4, 256, 4, 1024},
    {"base", 12, 768, 12, 3072},
    {"large", 24, 1024, 16, 4096},
}};

const std::vector<NamedConfig>& Sizes() {
  static const auto* const sizes = [] {
    auto* all = new std::vector<NamedConfig>;
    for (const Model& model : Table()) {
      for (const Size& size : model.sizes) {
        all->push_back({size.name, model.name, size.config_json});
      }
    }
    return all;
  }();
  return *sizes;
}

template <typename Row>
const Row* Find(std::span<const Row> rows, std::string_view name) {
  const auto at =
      std::find_if(rows.begin(), rows.end(), [name](const Row& row) { return row.name == name; });
  return at == rows.end() ? nullptr : &*at;
}

// Names are short; longer texts are no typos of them.
constexpr size_t kLongestName = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Insertions, deletions, substitutions and swaps of neighbours that turn one
// into the other (optimal string alignment), whatever the case of letters.
size_t EditDistance(std::string_view a, std::string_view b) {
  using Row = std::array<size_t, kLongestName + 1>;
  Row before{};
  Row last{};
  Row row{};
  for (size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
          Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::span<const Model> Models() { return Table(); }

const Model* FindModel(std::string_view name) { return Find(Models(), name); }

std::span<const Preset> Presets() { return kPresets; }

const Preset* FindPreset(std::string_view name) { return Find(Presets(), name); }

std::span<const NamedConfig> NamedConfigs() { return Sizes(); }

const NamedConfig* FindNamedConfig(std::string_view name) { return Find(NamedConfigs(), name); }

std::vector<std::string_view> ModelNames() {
  std::vector<std::string_view> names;
  for (const Model& model : Models()) {
    names.push_back(model.name);
  }
  for (const NamedConfig& named : NamedConfigs()) {
    names.push_back(named.name);
  }
  return names;
}

std::string NearestOf(std::string_view name, std::span<const std::string_view> known) {
  if (name.empty() || name.size() > kLongestName) {
    return "";
  }
  std::string_view nearest;
  const size_t most_edits = name.size() < 4 ? 1 : std::max<size_t>(2, name.size() / 3);
  size_t best = most_edits + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kLongestName) {
      continue;
    }
    if (const size_t distance = EditDistance(name, candidate); distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

}  // namespace cusp::catalog
