#include "results/run_meta.hpp"

#include <nlohmann/json.hpp>

#include "results/atomic_file.hpp"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

Json engine_of(const EngineReport& report) {
  return {{"pool", report.pool},
          {"level", report.level},
          {"binding_edge", report.binding_edge},
          {"window_s", report.window_s},
          {"windows", report.windows},
          {"events", report.events}};
}

template <class Value>
Json object_of(const std::vector<std::pair<std::string, Value>>& entries) {
  Json object = Json::object();
  for (const auto& [name, value] : entries) object[name] = value;
  return object;
}

}  // namespace

void write_meta(const std::filesystem::path& path, const RunMeta& meta) {
  Json engine = Json::array();
  for (const EngineReport& report : meta.engine) engine.push_back(engine_of(report));
  const Json document = {
      {"version", meta.version},
      {"digest", meta.digest},
      {"command", meta.command},
      {"started_utc", meta.started_utc},
      {"host", meta.host},
      {"threads", meta.threads},
      {"wall_s", meta.wall_s},
      {"cpu_s", meta.cpu_s},
      {"peak_memory_bytes", meta.peak_memory_bytes},
      {"inputs", object_of(meta.inputs)},
      {"part_cpu_s", object_of(meta.part_cpu_s)},
      {"engine", engine},
  };
  // A path need not be UTF-8: what is not becomes U+FFFD.
  const auto text = document.dump(2, ' ', false, Json::error_handler_t::replace);
  AtomicFile file(path);
  file.write(text + "\n");
  file.commit();
}

}  // namespace plimsoll
