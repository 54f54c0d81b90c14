#include "traces/measurements/prometheus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "traces/measurements/json_place.hpp"
#include "traces/text_lines.hpp"

namespace plimsoll {
namespace {

/// A sample's line from left to right.
class SampleLine {
 public:
  SampleLine(const TextLines& lines, std::string_view line) : lines_(lines), line_(line) {}

  MetricSample read() {
    MetricSample sample;
    sample.name = std::string(take_until("{ \t"));
    if (sample.name.empty()) refuse("a metric's name is missing");
    if (next_is('{')) read_labels(sample);
    const std::size_t start = line_.find_first_not_of(" \t", at_);
    at_ = std::min(start, line_.size());
    const std::string value(take_until(" \t"));
    char* end = nullptr;
    sample.value = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || !std::isfinite(sample.value))
      refuse(fmt::format("{} = \"{}\" is no finite number", sample.name, value));
    return sample;
  }

 private:
  std::string_view take_until(const char* stops) {
    const std::size_t end = std::min(line_.find_first_of(stops, at_), line_.size());
    const std::string_view taken = line_.substr(at_, end - at_);
    at_ = end;
    return taken;
  }
  bool next_is(char wanted) {
    if (at_ >= line_.size() || line_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void read_labels(MetricSample& sample) {
    while (!next_is('}')) {
      const std::string name(take_until("=}"));
      if (!next_is('=') || !next_is('"')) refuse("a label is not name=\"value\"");
      std::string value;
      while (!next_is('"')) {
        if (at_ >= line_.size()) refuse("a label's value does not end");
        if (line_[at_] == '\\' && at_ + 1 < line_.size()) ++at_;
        value += line_[at_++];
      }
      sample.labels[name] = value;
      next_is(',');
      while (next_is(' ')) {
      }
    }
  }
  [[noreturn]] void refuse(const std::string& fault) const {
    throw ConfigError(lines_.at(at_), fault + ".");
  }

  const TextLines& lines_;
  std::string_view line_;
  std::size_t at_ = 0;
};

std::vector<MetricSample> read_exposition(const std::string& path) {
  TextLines lines(path);
  std::vector<MetricSample> samples;
  std::string_view line;
  while (lines.next(line)) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#') continue;
    // The process and its runtime count beside the engine; NaN is legal there.
    if (line.substr(start, 5) != "vllm:") continue;
    samples.push_back(SampleLine(lines, line.substr(start)).read());
  }
  return samples;
}

std::vector<MetricSample> read_query(const std::string& text, const std::string& path) {
  const nlohmann::json json = parse_json(text, path);
  const JsonPlace answer(json, path);
  const JsonPlace kind = answer.at("data").at("resultType");
  if (kind.text() != "vector")
    kind.refuse(fmt::format("\"{}\": an instant query gives a \"vector\".", kind.text()));
  const JsonPlace results = answer.at("data").at("result");
  std::vector<MetricSample> samples;
  for (std::size_t i = 0; i < results.array().size(); ++i) {
    const JsonPlace result = results.element(i);
    MetricSample sample;
    sample.name = result.at("metric").at("__name__").text();
    for (const auto& [name, value] : result.at("metric").value().items())
      if (value.is_string()) sample.labels[name] = value.get<std::string>();
    sample.value = result.at("value").element(1).number(-std::numeric_limits<double>::max());
    samples.push_back(std::move(sample));
  }
  return samples;
}

double bound_of(const MetricSample& bucket, const std::string& path) {
  const auto le = bucket.labels.find("le");
  if (le != bucket.labels.end()) {
    if (le->second == "+Inf") return std::numeric_limits<double>::infinity();
    char* end = nullptr;
    const double bound = std::strtod(le->second.c_str(), &end);
    if (!le->second.empty() && *end == '\0' && std::isfinite(bound)) return bound;
  }
  throw ConfigError(Position{path}, bucket.name + ": a bucket has no number as its \"le\".");
}

MetricHistogram total(const std::vector<MetricSample>& samples, const std::string& name,
                      const std::string& path) {
  MetricHistogram histogram;
  for (const MetricSample& sample : samples) {
    if (sample.name == name + "_bucket") histogram.up_to[bound_of(sample, path)] += sample.value;
    if (sample.name == name + "_sum") histogram.sum += sample.value;
    if (sample.name == name + "_count") histogram.count += sample.value;
  }
  return histogram;
}

bool any_named(const std::vector<MetricSample>& samples, const std::string& name) {
  return std::any_of(samples.begin(), samples.end(),
                     [&](const MetricSample& sample) { return sample.name == name; });
}

}  // namespace

std::vector<MetricSample> read_metrics(const std::string& path) {
  const std::string text = read_text(path);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  const bool json = start != std::string::npos && text[start] == '{';
  std::vector<MetricSample> samples = json ? read_query(text, path) : read_exposition(path);
  if (samples.empty()) throw ConfigError(Position{path}, "holds no metric of vLLM (vllm:...).");
  return samples;
}

MetricInterval::MetricInterval(std::string before, std::string after)
    : before_path_(std::move(before)),
      after_path_(std::move(after)),
      before_(read_metrics(before_path_)),
      after_(read_metrics(after_path_)) {}

bool MetricInterval::holds(const std::string& name) const {
  return any_named(before_, name + "_count") && any_named(after_, name + "_count");
}

MetricHistogram MetricInterval::histogram(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    if (!holds(name)) continue;
    const MetricHistogram before = total(before_, name, before_path_);
    MetricHistogram between = total(after_, name, after_path_);
    between.sum -= before.sum;
    between.count -= before.count;
    for (const auto& [bound, count] : before.up_to) between.up_to[bound] -= count;
    const bool fell = std::any_of(between.up_to.begin(), between.up_to.end(),
                                  [](const auto& bucket) { return bucket.second < 0; });
    if (between.count < 0 || between.sum < 0 || fell)
      throw ConfigError(Position{after_path_},
                        fmt::format("{} is below what {} counted: the server was restarted "
                                    "between the scrapes, or they are in the wrong order.",
                                    name, before_path_));
    if (between.count == 0)
      throw ConfigError(Position{after_path_},
                        fmt::format("{} counts nothing since {}.", name, before_path_));
    return between;
  }
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : " or ") + name;
  throw ConfigError(
      Position{any_named(after_, names.front() + "_count") ? before_path_ : after_path_},
      fmt::format("has no histogram {}.", known));
}

double MetricInterval::mean_gauge(const std::string& name) const {
  double sum = 0;
  for (const auto* samples : {&before_, &after_}) {
    if (!any_named(*samples, name))
      throw ConfigError(Position{samples == &before_ ? before_path_ : after_path_},
                        fmt::format("has no gauge {}.", name));
    for (const MetricSample& sample : *samples)
      if (sample.name == name) sum += sample.value;
  }
  return sum / 2;
}

std::size_t MetricInterval::instances() const {
  std::set<std::string> names;
  for (const MetricSample& sample : after_) {
    for (const char* label : {"instance", "pod"}) {
      const auto found = sample.labels.find(label);
      if (found == sample.labels.end()) continue;
      names.insert(found->second);
      break;
    }
  }
  return std::max<std::size_t>(1, names.size());
}

}  // namespace plimsoll
