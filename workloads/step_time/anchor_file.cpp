#include "workloads/step_time/anchor_file.hpp"

#include <utility>

#include "core/config/yaml.hpp"
#include "core/config/yaml_writer.hpp"

namespace plimsoll {

Anchor anchor_of(const AnchorFile& file) {
  Anchor anchor;
  anchor.decode_scale = file.anchor.decode_scale;
  anchor.prefill_scale = file.anchor.prefill_scale;
  anchor.step_offset = Seconds{file.anchor.step_offset_s};
  anchor.prefill_floor = Seconds{file.anchor.prefill_floor_s};
  anchor.front_end = Seconds{file.anchor.front_end_s};
  anchor.front_end_per_token = Seconds{file.anchor.front_end_per_token_s};
  anchor.points = static_cast<std::int32_t>(file.points.size());
  anchor.loads = AnchoredLoads{file.concurrency, file.prompt_tokens, file.output_tokens};
  return anchor;
}

AnchorFigures figures_of(const Anchor& anchor) {
  return {anchor.decode_scale,        anchor.prefill_scale,
          anchor.step_offset.count(), anchor.prefill_floor.count(),
          anchor.front_end.count(),   anchor.front_end_per_token.count()};
}

AnchorFile read_anchor(const std::filesystem::path& path) {
  const ConfigNode root = load_yaml(path);
  std::vector<Fault> faults;
  auto file = read_config<AnchorFile>(root, faults);
  if (faults.empty() && file.points.empty())
    faults.push_back({position_of(root, "points"), "points is empty: an anchor rests on some."});
  for (const auto& [name, range] : {std::pair{"concurrency", file.concurrency},
                                    {"prompt_tokens", file.prompt_tokens},
                                    {"output_tokens", file.output_tokens}}) {
    if (range.least > range.most)
      faults.push_back({position_of(root, name), std::string(name) + ".least is above its most."});
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return file;
}

std::string anchor_yaml(const AnchorFile& file) { return to_yaml(write_config(file)); }

}  // namespace plimsoll
