#include "catalog/catalog.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "catalog/text_models.h"

namespace cusp::catalog {
namespace {

constexpr std::string_view kNoPadding = "none";
constexpr std::string_view kByPositions = "1 to max_position_embeddings, its table of positions";

// Adding a model: its keys and rules in a file of its family, and a row here.
const std::array<Model, 4>& Table() {
  static const std::array<Model, 4> table = {{
      {"bert", Modality::kText, "plain post-norm encoder: the baseline", "O(n^2 d + n d^2)",
       "Devlin et al., BERT, NAACL 2019", true, true, false, true, BertKeys(), kNoPadding,
       kByPositions, &kBertRules},
      {"longformer", Modality::kText, "sliding-window attention, chunked", "O(n w d + n d^2)",
       "Beltagy et al., Longformer, 2020 (arXiv:2004.05150)", true, true, false, false,
       LongformerKeys(),
       "to a multiple of attention_window; of several, their least common multiple",
       "1 to max_position_embeddings - pad_token_id - 1: positions count from pad_token_id + 1",
       &kLongformerRules},
      {"nystromformer", Modality::kText, "landmarks and an iterated pseudo-inverse",
       "O(n m d + m^3 + n d^2)", "Xiong et al., Nyströmformer, AAAI 2021", true, true, false, false,
       NystromformerKeys(), "to a multiple of num_landmarks",
       "num_landmarks + 1 to max_position_embeddings in whole segments: with as many landmarks as "
       "tokens the reference computes plain softmax attention instead",
       &kNystromformerRules},
      {"linformer", Modality::kText, "keys and values projected to k rows", "O(n k d + n d^2)",
       "Wang et al., Linformer, 2020 (arXiv:2006.04768)", true, true, false, false, LinformerKeys(),
       kNoPadding, kByPositions, &kLinformerRules},
  }};
  return table;
}

constexpr std::array<Preset, 4> kPresets = {{
    {"tiny", 2, 64, 2, 256},
    {"small", 4, 256, 4, 1024},
    {"base", 12, 768, 12, 3072},
    {"large", 24, 1024, 16, 4096},
}};

constexpr std::array<NamedConfig, 4> kNamedConfigs = {{
    {"bert-base", "bert", R"({"max_position_embeddings": 512})"},
    {"bert-large", "bert",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "max_position_embeddings": 512})"},
    {"longformer-base-4096", "longformer",
     R"({"vocab_size": 50265, "type_vocab_size": 1, "layer_norm_eps": 1e-05,
         "max_position_embeddings": 4098, "attention_window": 512})"},
    {"longformer-large-4096", "longformer",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "vocab_size": 50265, "type_vocab_size": 1,
         "layer_norm_eps": 1e-05, "max_position_embeddings": 4098, "attention_window": 512})"},
}};

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

std::span<const NamedConfig> NamedConfigs() { return kNamedConfigs; }

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
