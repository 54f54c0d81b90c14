#include "hardware/devices/resource_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/config/scalar_text.hpp"
#include "core/config/yaml.hpp"

namespace plimsoll {
namespace {

/// Documents apart by lines of "---", each below as many empty lines as stood before it, so that
/// places are right.
std::vector<std::string> documents_of(std::string_view text) {
  std::vector<std::string> documents(1);
  std::string above;
  bool empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("---")) {
      if (!empty) documents.emplace_back();
      documents.back() = above + "\n";
      empty = true;
    } else {
      documents.back() += std::string(line) + "\n";
      empty = empty && (line.empty() || line[0] == '#');
    }
    above += '\n';
  }
  if (empty) documents.pop_back();
  return documents;
}

std::string text_at(const ConfigNode& node, std::string_view path) {
  const ConfigNode* found = find_path(node, path);
  return found != nullptr ? found->text : std::string();
}

const ConfigNode* child(const ConfigNode& node, std::string_view key) {
  return node.is(ConfigNode::Kind::map) ? node.find(key) : nullptr;
}

/// "81559Mi", "80G", "7": Kubernetes' quantities without fractions.
std::string parse_quantity(const std::string& text, std::int64_t& out) {
  Bytes bytes{};
  std::string problem = parse_scalar(text, bytes);
  if (!problem.empty()) problem = parse_scalar(text + "B", bytes);
  if (!problem.empty()) return "is no quantity; write 7, 81559Mi or 80G";
  out = bytes.count();
  return {};
}

class SliceReader {
 public:
  SliceReader(std::string_view text, std::string source) : source_(std::move(source)) {
    result_.at = {source_, 1, 1};
    for (const std::string& document : documents_of(text)) take(parse_yaml(document, source_));
  }

  NodeDevices finish() {
    for (const ConfigNode& slice : slices_) newest(slice);
    for (const ConfigNode& slice : slices_) read_slice(slice);
    for (const auto& [pool, state] : pools_)
      if (state.seen < state.wanted)
        fault(state.at, fmt::format("pool {} says it has {} slices of generation {}; {} are here.",
                                    pool, state.wanted, state.generation, state.seen));
    check_counters();
    if (result_.node.empty() && slices_.empty())
      fault(result_.at, "there is neither a Node nor a ResourceSlice.");
    if (!faults_.empty()) throw ConfigError(std::move(faults_));
    return std::move(result_);
  }

 private:
  void fault(const Position& at, std::string message) {
    faults_.push_back({at, std::move(message)});
  }

  void take(const ConfigNode& object) {
    const std::string kind = text_at(object, "kind");
    if (kind == "List" || kind.ends_with("List")) {
      if (const ConfigNode* items = child(object, "items"))
        for (const ConfigNode& item : items->items) take(item);
    } else if (kind == "Node") {
      read_node(object);
    } else if (kind == "ResourceSlice") {
      slices_.push_back(object);
    } else {
      fault(object.at, fmt::format("kind \"{}\" is neither Node nor ResourceSlice.", kind));
    }
  }

  void read_node(const ConfigNode& object) {
    const std::string name = text_at(object, "metadata.name");
    if (!result_.node.empty())
      return fault(object.at,
                   fmt::format("node {} beside node {}: one at a time.", name, result_.node));
    result_.node = name;
    result_.at = object.at;
    const ConfigNode* metadata = child(object, "metadata");
    if (const ConfigNode* labels = metadata ? child(*metadata, "labels") : nullptr)
      for (const ConfigEntry& label : labels->entries) result_.labels[label.key] = label.value.text;
    const ConfigNode* status = child(object, "status");
    const ConfigNode* capacity = status ? child(*status, "capacity") : nullptr;
    if (const ConfigNode* gpus = capacity ? child(*capacity, "nvidia.com/gpu") : nullptr)
      if (!parse_scalar(gpus->text, result_.gpus).empty())
        fault(gpus->at, fmt::format("nvidia.com/gpu = {} is no number.", gpus->text));
  }

  struct Pool {
    std::int64_t generation = 0;
    std::int64_t wanted = 0;
    std::int64_t seen = 0;
    Position at;
  };
  static std::string pool_of(const ConfigNode& slice) {
    return text_at(slice, "spec.driver") + "/" + text_at(slice, "spec.pool.name");
  }
  std::int64_t whole(const ConfigNode& slice, std::string_view path, std::int64_t otherwise) {
    const ConfigNode* found = find_path(slice, path);
    std::int64_t value = otherwise;
    if (found == nullptr) return value;
    const std::string problem = parse_scalar(found->text, value);
    if (!problem.empty()) fault(found->at, fmt::format("{} = {} {}.", path, found->text, problem));
    return value;
  }
  void newest(const ConfigNode& slice) {
    Pool& pool = pools_[pool_of(slice)];
    const std::int64_t generation = whole(slice, "spec.pool.generation", 0);
    if (pool.wanted == 0 || generation > pool.generation)
      pool = {generation, whole(slice, "spec.pool.resourceSliceCount", 1), 0, slice.at};
  }

  void read_slice(const ConfigNode& slice) {
    Pool& pool = pools_[pool_of(slice)];
    if (whole(slice, "spec.pool.generation", 0) != pool.generation) return;
    ++pool.seen;
    const std::string node = text_at(slice, "spec.nodeName");
    if (result_.node.empty()) result_.node = node;
    if (node != result_.node)
      return fault(slice.at,
                   fmt::format("this slice is of node \"{}\", not of {}.", node, result_.node));
    const ConfigNode* spec = child(slice, "spec");
    if (const ConfigNode* sets = spec ? child(*spec, "sharedCounters") : nullptr)
      for (const ConfigNode& set : sets->items)
        result_.shared_counters[text_at(set, "name")] = counters_of(set);
    if (const ConfigNode* devices = spec ? child(*spec, "devices") : nullptr)
      for (const ConfigNode& device : devices->items) read_device(device);
  }

  std::map<std::string, std::int64_t> counters_of(const ConfigNode& set) {
    std::map<std::string, std::int64_t> counters;
    if (const ConfigNode* list = child(set, "counters"))
      for (const ConfigEntry& counter : list->entries) {
        const ConfigNode* value = child(counter.value, "value");
        read_quantity(value ? *value : counter.value, counter.key, counters[counter.key]);
      }
    return counters;
  }
  void read_quantity(const ConfigNode& node, const std::string& name, std::int64_t& out) {
    const std::string problem = parse_quantity(node.text, out);
    if (!problem.empty()) fault(node.at, fmt::format("{} = {} {}.", name, node.text, problem));
  }

  void read_device(const ConfigNode& node) {
    PublishedDevice published{{text_at(node, "name"), {}, {}, {}}, node.at};
    if (!names_.insert(published.device.name).second)
      return fault(node.at,
                   fmt::format("device \"{}\" is published twice.", published.device.name));
    const ConfigNode* basic = child(node, "basic");  // v1beta1
    const ConfigNode& body = basic ? *basic : node;
    if (const ConfigNode* attributes = child(body, "attributes"))
      for (const ConfigEntry& entry : attributes->entries)
        read_attribute(entry, published.device.attributes[entry.key]);
    if (const ConfigNode* capacity = child(body, "capacity"))
      for (const ConfigEntry& entry : capacity->entries) {
        const ConfigNode* value = child(entry.value, "value");
        read_quantity(value ? *value : entry.value, entry.key,
                      published.device.capacity[entry.key]);
      }
    if (const ConfigNode* uses = child(body, "consumesCounters"))
      for (const ConfigNode& use : uses->items)
        published.device.consumes.push_back({text_at(use, "counterSet"), counters_of(use)});
    result_.devices.push_back(std::move(published));
  }

  void read_attribute(const ConfigEntry& entry, AttributeValue& out) {
    for (const char* type : {"string", "version"})
      if (const ConfigNode* value = child(entry.value, type)) {
        out = value->text;
        return;
      }
    std::int64_t number = 0;
    bool truth = false;
    const ConfigNode* value = child(entry.value, "int");
    if (value && parse_scalar(value->text, number).empty()) {
      out = number;
      return;
    }
    value = child(entry.value, "bool");
    if (value && parse_scalar(value->text, truth).empty()) {
      out = truth;
      return;
    }
    fault(entry.key_at, fmt::format("attribute {} has no value of type string, version, int or "
                                    "bool.",
                                    entry.key));
  }

  void check_counters() {
    for (const PublishedDevice& published : result_.devices)
      for (const CounterUse& use : published.device.consumes) {
        const auto set = result_.shared_counters.find(use.set);
        for (const auto& [counter, amount] : use.counters) {
          if (set == result_.shared_counters.end() || !set->second.contains(counter))
            fault(published.at, fmt::format("{} draws from counter {} of {}, which no slice has.",
                                            published.device.name, counter, use.set));
          else if (amount > set->second.at(counter))
            fault(published.at, fmt::format("{} draws {} of counter {} of {}, which has {}.",
                                            published.device.name, amount, counter, use.set,
                                            set->second.at(counter)));
        }
      }
  }

  std::string source_;
  NodeDevices result_;
  std::vector<ConfigNode> slices_;
  std::map<std::string, Pool> pools_;
  std::set<std::string> names_;
  std::vector<Fault> faults_;
};

}  // namespace

NodeDevices read_node_devices(std::string_view text, const std::string& source) {
  return SliceReader(text, source).finish();
}

}  // namespace plimsoll
