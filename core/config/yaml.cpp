#include "core/config/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostValues = 100'000;
constexpr std::size_t kLargestFile = 16u << 20;

std::size_t value_count(const ConfigNode& node) {
  std::size_t count = 1;
  for (const ConfigNode& item : node.items) count += value_count(item);
  for (const ConfigEntry& entry : node.entries) count += value_count(entry.value);
  return count;
}

/// Builds the tree from yaml-cpp's events: its own node graph would lose duplicate keys and the places of keys.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& source, std::vector<Fault>& faults)
      : source_(source), faults_(faults) {}

  std::optional<ConfigNode> take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true))
      fail(mark, "a second document starts here; a file holds one document.");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    ConfigNode node;
    node.at = place(mark);
    finish(std::move(node), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) fail(mark, "an alias to a value that is not complete yet.");
    count(value_count(target->second), mark);
    ConfigNode copy = target->second;
    copy.at = place(mark);
    finish(std::move(copy), 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    ConfigNode node = ConfigNode::scalar(value, place(mark));
    node.quoted = tag == "!";  // yaml-cpp's mark of a scalar in quotes or a block scalar
    if (!node.quoted) refuse_tag(mark, tag);
    finish(std::move(node), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(ConfigNode::sequence(place(mark)), anchor, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(ConfigNode::map(place(mark)), anchor, mark);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or mapping that has begun and not ended.
  struct Open {
    ConfigNode node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::optional<std::pair<std::string, Position>> key = {};  ///< waits for its value
    std::map<std::string, Position> keys = {};                 ///< those that have one
  };

  [[noreturn]] void fail(const YAML::Mark& mark, std::string message) const {
    throw ConfigError(place(mark), std::move(message));
  }
  Position place(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    fail(mark, fmt::format("YAML tags such as \"{}\" are not supported; remove it.", tag));
  }
  void count(std::size_t values, const YAML::Mark& mark) {
    values_ += values;
    if (values_ > kMostValues) fail(mark, fmt::format("more than {} values.", kMostValues));
  }
  void open(ConfigNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (open_.size() >= kDeepest) fail(mark, fmt::format("nested deeper than {}.", kDeepest));
    if (expects_key()) fail(mark, "a key must be text, not a list or a mapping.");
    open_.push_back({std::move(node), anchor, mark});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor, done.mark);
  }
  bool expects_key() const {
    return !open_.empty() && open_.back().node.is(ConfigNode::Kind::map) && !open_.back().key;
  }

  /// A value is complete: it becomes the next key, the value of the open key, the next item, or the root.
  void finish(ConfigNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    count(1, mark);
    if (anchor) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (expects_key()) {
      if (!node.is(ConfigNode::Kind::scalar)) fail(mark, "a key must be text.");
      open_.back().key = {std::move(node.text), std::move(node.at)};
    } else if (open_.back().node.is(ConfigNode::Kind::sequence)) {
      open_.back().node.items.push_back(std::move(node));
    } else {
      add_entry(open_.back(), std::move(node));
    }
  }
  void add_entry(Open& map, ConfigNode value) {
    auto [key, at] = *std::exchange(map.key, std::nullopt);
    const auto [same, is_new] = map.keys.emplace(key, at);
    if (is_new) {
      map.node.entries.push_back({std::move(key), std::move(at), std::move(value)});
    } else {
      faults_.push_back({at, fmt::format("duplicate key \"{}\"; it already stands at {}.", key,
                                         same->second.text())});
    }
  }

  const std::string& source_;
  std::vector<Fault>& faults_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, ConfigNode> anchors_;
  std::optional<ConfigNode> root_;
  std::size_t values_ = 0;
  bool started_ = false;
};

/// yaml-cpp ends silently at a control character 4 and guesses UTF-16 from zero bytes: refuse both beforehand.
void refuse_control_characters(std::string_view text, const std::string& source) {
  Position at{source, 1, 1};
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 && c != '\t' && c != '\n' && c != '\r')
      throw ConfigError(
          at, fmt::format("control character {:#04x}; the file must be UTF-8 text.", code));
    if (c == '\n') {
      ++at.line;
      at.column = 0;
    }
    ++at.column;
  }
}

}  // namespace

ConfigNode parse_yaml(std::string_view text, const std::string& source,
                      std::vector<Fault>& faults) {
  refuse_control_characters(text, source);
  TreeBuilder builder(source, faults);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    Position at{source, error.mark.line + 1, error.mark.column + 1};
    if (error.mark.is_null()) at = {source, 0, 0};
    throw ConfigError(at, fmt::format("not valid YAML: {}.", error.msg));
  }
  std::optional<ConfigNode> root = builder.take_root();
  if (!root) throw ConfigError({source, 0, 0}, "is empty.");
  return std::move(*root);
}

ConfigNode parse_yaml(std::string_view text, const std::string& source) {
  std::vector<Fault> faults;
  ConfigNode root = parse_yaml(text, source, faults);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return root;
}

std::string read_text_file(const std::filesystem::path& path) {
  const Position at{path.string(), 0, 0};
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw ConfigError(at, "is a folder, not a file.");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError(at, fmt::format("cannot be opened: {}.", std::strerror(errno)));
  std::string text;
  std::array<char, 1 << 16> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kLargestFile) throw ConfigError(at, "is larger than 16 MiB.");
  }
  if (file.bad()) throw ConfigError(at, fmt::format("cannot be read: {}.", std::strerror(errno)));
  return text;
}

ConfigNode load_yaml(const std::filesystem::path& path, std::vector<Fault>& faults) {
  return parse_yaml(read_text_file(path), path.string(), faults);
}

ConfigNode load_yaml(const std::filesystem::path& path) {
  return parse_yaml(read_text_file(path), path.string());
}

}  // namespace plimsoll
