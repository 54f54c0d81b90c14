// Profiles of LLMServingSim: times in us of the layers of one model, cut tp ways, in
// <model>/<dtype>/tp<N>/*.csv with <model>/<dtype>/meta.yaml beside the folder.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <map>

#include "core/config/yaml.hpp"
#include "traces/measurements/layout.hpp"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

constexpr double kMostMicroseconds = 1e8;
constexpr double kMostContext = 1e8;

/// What meta.yaml and the folder say of a table.
struct Profile {
  std::string hardware;
  std::string backend;
  ProfiledModel of;
};

std::string text_at(const ConfigNode& root, const char* key) {
  const ConfigNode* node = root.find(key);
  if (!node || !node->is(ConfigNode::Kind::scalar))
    throw ConfigError(root.at, fmt::format("{} is missing; it names what was profiled.", key));
  return node->text;
}

ConfigNode meta_of(const fs::path& table) {
  return load_yaml(fs::absolute(table).parent_path().parent_path() / "meta.yaml");
}

/// How often each batch was timed.
std::int32_t repetitions_in(const ConfigNode& meta) {
  const std::string text = text_at(meta, "measurement_iterations");
  std::int32_t count = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, count).ptr != end || count < 1)
    throw ConfigError(meta.find("measurement_iterations")->at,
                      fmt::format("measurement_iterations = {} is no number of 1 and more.", text));
  return count;
}

Profile profile_of(const fs::path& table) {
  const fs::path folder = fs::absolute(table).parent_path();
  const std::string cut = folder.filename().string();
  Profile profile;
  const char* end = cut.data() + cut.size();
  if (!cut.starts_with("tp") ||
      std::from_chars(cut.data() + 2, end, profile.of.tensor).ptr != end || profile.of.tensor < 1)
    throw ConfigError(Position{table.string()},
                      "is a layer profile and has to lie in a folder tp<number of ranks>.");
  const ConfigNode meta = meta_of(table);
  profile.hardware = text_at(meta, "hardware");
  profile.backend = "vllm " + text_at(meta, "vllm_version");
  profile.of.model = text_at(meta, "model");
  profile.of.dtype = text_at(meta, "variant");
  return profile;
}

/// Calls `row(profile, set)` for each row if the profile is of a wanted GPU.
template <class Row>
void read_profile(const LayoutReading& reading, Row&& row) {
  const Profile profile = profile_of(reading.report.path);
  const bool wanted = reading.wanted(profile.hardware);
  const std::int32_t set = wanted ? reading.set(profile.backend, profile.of.model) : 0;
  reading.table.each_row([&] {
    if (!wanted) {
      ++reading.report.other_systems;
      return;
    }
    row(profile, set);
    ++reading.report.taken;
  });
}

/// Times of a layer's operators add up; a layer has two norms of the same kind. What comes once per
/// step is a part of its own.
void read_dense(const LayoutReading& reading) {
  const auto c = reading.table.columns({"layer", "tokens", "time_us"});
  std::map<std::pair<LayerRow::Part, double>, LayerRow> sums;
  read_profile(reading, [&](const Profile& profile, std::int32_t set) {
    const std::string_view layer = reading.table.text(c[0]);
    const bool once = layer == "embedding" || layer == "final_layernorm";
    LayerRow& sum =
        sums[{once ? LayerRow::Part::step : LayerRow::Part::layer, reading.table.whole(c[1])}];
    sum.of = profile.of;
    sum.set = set;
    sum.us += (layer == "layernorm" ? 2 : 1) * reading.table.positive(c[2], kMostMicroseconds);
  });
  for (auto& [key, row] : sums) {
    row.part = key.first;
    row.count = key.second;
    reading.into.layers.push_back(std::move(row));
  }
}

void read_per_sequence(const LayoutReading& reading) {
  const auto c = reading.table.columns({"layer", "sequences", "time_us"});
  std::map<double, LayerRow> sums;
  read_profile(reading, [&](const Profile& profile, std::int32_t set) {
    LayerRow& sum = sums[reading.table.whole(c[1])];
    sum.of = profile.of;
    sum.set = set;
    sum.us += reading.table.positive(c[2], kMostMicroseconds);
  });
  for (auto& [sequences, row] : sums) {
    row.part = LayerRow::Part::head;
    row.count = sequences;
    reading.into.layers.push_back(std::move(row));
  }
}

void read_experts(const LayoutReading& reading) {
  const auto c = reading.table.columns({"tokens", "activated_experts", "time_us"});
  read_profile(reading, [&](const Profile& profile, std::int32_t set) {
    LayerRow& row = reading.into.layers.emplace_back();
    row.of = profile.of;
    row.part = LayerRow::Part::experts;
    row.count = reading.table.whole(c[0]);
    row.activated = reading.table.whole(c[1]);
    row.us = reading.table.positive(c[2], kMostMicroseconds);
    row.set = set;
  });
}

void read_batches(const LayoutReading& reading) {
  MeasurementTable& table = reading.table;
  const auto c = table.columns({"prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"});
  read_profile(reading, [&](const Profile& profile, std::int32_t set) {
    reading.into.batches.push_back({profile.of, table.whole(c[0], 0), table.whole(c[1], 0),
                                    table.whole(c[2], 0), table.whole(c[3], 0),
                                    table.positive(c[4], kMostMicroseconds), set});
  });
}

/// Contexts of two lengths, and the same batch with all of the mean length. Unlike in the other
/// tables, times are sums over the repetitions: batches of equal contexts take as many times what
/// the attention profile says.
void read_spread(const LayoutReading& reading) {
  MeasurementTable& table = reading.table;
  const auto c =
      table.columns({"pc", "kp", "n", "kv_mean", "nb", "kv_big", "t_mean_us", "t_skew_us"});
  const std::int32_t repetitions = repetitions_in(meta_of(reading.report.path));
  const auto time_us = [&](std::size_t column) {
    return table.positive(column, kMostMicroseconds) / repetitions;
  };
  read_profile(reading, [&](const Profile& profile, std::int32_t set) {
    SpreadRow& row = reading.into.spread.emplace_back();
    row.batch = {profile.of,
                 table.whole(c[0], 0),
                 table.whole(c[1], 0),
                 table.whole(c[2]),
                 table.positive(c[3], kMostContext),
                 time_us(c[7]),
                 set};
    row.longer = table.whole(c[4]);
    row.longest = table.whole(c[5]);
    row.even_us = time_us(c[6]);
  });
}

}  // namespace

std::vector<Layout> profile_layouts() {
  return {{"dense layers profile", {"layer", "tokens"}, {}, read_dense},
          {"per-sequence layers profile", {"layer", "sequences"}, {}, read_per_sequence},
          {"routed experts profile", {"activated_experts"}, {}, read_experts},
          {"attention profile", {"prefill_chunk", "n_decode"}, {}, read_batches},
          {"uneven contexts profile", {"kv_mean", "t_skew_us"}, {}, read_spread}};
}

}  // namespace plimsoll
