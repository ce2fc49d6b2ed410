#include "client/lib/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <set>
#include <sstream>
#include <utility>

#include "catalog/quote.h"
#include "client/lib/yaml_text.h"

namespace cusp::client {
namespace {

YamlMark MarkOf(const YAML::Mark& mark) {
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

// True for a quote at `at` that no other closes on its line. The parser takes
// the rest of the file into the text then, or less, without a word.
bool OpensOnly(std::string_view text, size_t at) {
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) {
    return false;
  }
  const char quote = text[at];
  for (size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      if (quote != '\'' || i + 1 >= text.size() || text[i + 1] != quote) {
        return false;
      }
      ++i;
    }
  }
  return true;
}

// Builds the tree from the parser's events, without recursion. After the first
// fault it takes no more.
class TreeBuilder final : public YAML::EventHandler {
 public:
  // `text` is what the parser reads; it must outlive this.
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      Fail(MarkOf(mark), "a second document starts here; keep one job in a file");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (Good(mark, "", anchor)) {
      Leaf(MarkOf(mark), YamlNode::Kind::kNull, "", false);
    }
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Fail(MarkOf(mark), "aliases (*name) are not allowed in job files; write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (!Good(mark, tag, anchor)) {
      return;
    }
    if (tag == "!" && OpensOnly(text_, static_cast<size_t>(std::max(mark.pos, 0)))) {
      Fail(MarkOf(mark), "the quote that opens here is not closed on its line; close it");
      return;
    }
    Leaf(MarkOf(mark), YamlNode::Kind::kScalar, value, tag == "!");
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

  const std::optional<YamlFault>& fault() const { return fault_; }
  std::optional<YamlNode>& root() { return root_; }

 private:
  // A collection that is not closed yet.
  struct Level {
    YamlNode node;
    bool has_key = false;
    std::string key;
    YamlMark key_mark;
    std::set<std::string> keys;
  };

  void Fail(YamlMark mark, std::string message) {
    if (!fault_.has_value()) {
      fault_ = YamlFault{mark, std::move(message)};
    }
  }

  bool Good(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      Fail(MarkOf(mark), "anchors (&name) are not allowed in job files; write the value out");
    } else if (!tag.empty() && tag != "?" && tag != "!") {
      Fail(MarkOf(mark), "tags (!name) are not allowed in job files; leave the tag out");
    }
    return !fault_.has_value();
  }

  bool ExpectsKey() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::kMap &&
           !open_.back().has_key;
  }

  void TakeKey(YamlMark mark, const std::string& text) {
    Level& level = open_.back();
    if (!level.keys.insert(text).second) {
      Fail(mark, "the key " + catalog::Quoted(text) + " stands here twice; remove one");
    }
    level.has_key = true;
    level.key = text;
    level.key_mark = mark;
  }

  void Leaf(YamlMark mark, YamlNode::Kind kind, const std::string& text, bool quoted) {
    if (ExpectsKey()) {
      if (kind == YamlNode::Kind::kNull) {
        Fail(mark, "a key is missing before the colon; write key: value");
      }
      TakeKey(mark, text);
      return;
    }
    YamlNode node;
    node.kind = kind;
    node.mark = mark;
    node.text = text;
    node.quoted = quoted;
    Place(std::move(node));
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    if (!Good(mark, tag, anchor)) {
      return;
    }
    if (ExpectsKey()) {
      Fail(MarkOf(mark), "a list or map stands where a key should be; write key: value");
    } else if (open_.size() >= kDeepestYaml) {
      Fail(MarkOf(mark), "values nest deeper than 32 levels; a job file needs six");
    } else {
      Level& level = open_.emplace_back();
      level.node.kind = kind;
      level.node.mark = MarkOf(mark);
    }
  }

  void Close() {
    if (!fault_.has_value()) {
      YamlNode node = std::move(open_.back().node);
      open_.pop_back();
      Place(std::move(node));
    }
  }

  void Place(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = open_.back();
    if (level.node.kind == YamlNode::Kind::kMap) {
      node.key = std::exchange(level.key, "");
      node.key_mark = level.key_mark;
      level.has_key = false;
    }
    level.node.children.push_back(std::move(node));
  }

  std::string_view text_;
  int documents_ = 0;
  std::vector<Level> open_;
  std::optional<YamlNode> root_;
  std::optional<YamlFault> fault_;
};

YamlFault NoYaml(const YAML::Exception& error) {
  std::string message = "no valid YAML (" + error.msg + "); check quotes, brackets and indentation";
  if (error.msg == "illegal map value") {
    message =
        "a key: value stands where none can; check the indentation, and quote texts with ': '";
  } else if (error.msg == "the referenced anchor is not defined") {
    message = "aliases (*name) are not allowed in job files; write the value out";
  } else if (error.msg == "illegal EOF in scalar") {
    message = "a quote is never closed; close it";
  } else if (error.msg.starts_with("end of sequence flow not found")) {
    message = "a [ is never closed; add ] or a comma";
  } else if (error.msg.starts_with("end of map flow not found")) {
    message = "a { is never closed; add } or a comma";
  }
  return {error.mark.is_null() ? YamlMark{} : MarkOf(error.mark), std::move(message)};
}

// Runs the parser over all documents. Its own recursion ends at a few hundred
// levels with an exception.
std::optional<YamlFault> Feed(const std::string& text, TreeBuilder& builder) {
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    while (!builder.fault().has_value() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    return builder.fault().has_value() ? builder.fault() : NoYaml(error);
  } catch (const std::exception& error) {
    return YamlFault{{}, "no valid YAML: " + catalog::Quoted(error.what()) + "; check the file"};
  }
  return builder.fault();
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view name) const {
  if (kind != Kind::kMap) {
    return nullptr;
  }
  const auto at = std::find_if(children.begin(), children.end(),
                               [name](const YamlNode& child) { return child.key == name; });
  return at == children.end() ? nullptr : &*at;
}

YamlOutcome ParseYaml(std::string_view text) {
  std::string clean;
  if (auto fault = CleanYamlText(text, clean)) {
    return {std::move(fault), std::nullopt};
  }
  TreeBuilder builder(clean);
  if (auto fault = Feed(clean, builder)) {
    return {std::move(fault), std::nullopt};
  }
  if (!builder.root().has_value() || builder.root()->kind == YamlNode::Kind::kNull) {
    return {YamlFault{{}, "the file is empty; see examples/ for a job"}, std::nullopt};
  }
  return {std::nullopt, std::move(builder.root())};
}

}  // namespace cusp::client
