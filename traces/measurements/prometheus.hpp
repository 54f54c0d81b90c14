// One scrape of a server's metrics, as Prometheus has it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace plimsoll {

struct MetricSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

/// All samples of the text of /metrics (exposition format 0.0.4) or of an answer of /api/v1/query. Throws ConfigError
/// with the line or the key: what is no sample, values that are no finite number (buckets may be +Inf in `le`).
std::vector<MetricSample> read_metrics(const std::string& path);

/// A histogram over all series of its name: counts by upper bound, and their sum.
struct MetricHistogram {
  std::map<double, double> up_to;  ///< cumulative counts, by `le`
  double sum = 0;
  double count = 0;
};

/// What was counted between two scrapes. Throws ConfigError when the histogram is missing from one of them, or a
/// counter has gone back (the server was restarted).
class MetricInterval {
 public:
  MetricInterval(std::string before, std::string after);

  /// The first of these histograms that both scrapes hold.
  MetricHistogram histogram(const std::vector<std::string>& names) const;
  /// The mean of both scrapes' sums over all series.
  double mean_gauge(const std::string& name) const;
  /// Distinct values of the labels "instance" or "pod"; 1 where there are none.
  std::size_t instances() const;

 private:
  bool holds(const std::string& name) const;

  std::string before_path_;
  std::string after_path_;
  std::vector<MetricSample> before_;
  std::vector<MetricSample> after_;
};

}  // namespace plimsoll
