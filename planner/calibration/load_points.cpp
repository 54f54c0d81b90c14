#include "planner/calibration/load_points.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "core/error.hpp"

namespace plimsoll {
namespace {

std::optional<double> measured(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

AnchorPoint anchor_point(const BenchmarkRun& run, const AnchoredPoint& fitted) {
  AnchorPoint point;
  point.measurement = run.name;
  point.concurrency = fitted.concurrency;
  point.prompt_tokens = fitted.prompt_tokens;
  point.output_tokens = fitted.output_tokens;
  point.ttft_s = measured(run.ttft_s);
  point.tpot_s = measured(run.tpot_s);
  point.ttft_error = measured(fitted.ttft_error);
  point.tpot_error = measured(fitted.tpot_error);
  point.held_out_ttft_error = measured(fitted.held_out_ttft_error);
  point.held_out_tpot_error = measured(fitted.held_out_tpot_error);
  return point;
}

}  // namespace

LoadPoint load_point(const BenchmarkRun& run) {
  LoadPoint point;
  point.name = run.name;
  point.concurrency = run.concurrency;
  point.ttft_s = run.ttft_s;
  point.tpot_s = run.tpot_s;
  for (const BenchmarkRequest& request : run.requests)
    point.requests.push_back(
        {request.prompt_tokens, request.output_tokens, SimTime{} + from_seconds(request.start_s)});
  return point;
}

std::vector<BenchmarkRun> read_benchmarks(const std::vector<std::string>& paths) {
  std::vector<BenchmarkRun> runs;
  std::string scrape;
  bool alone = false;
  for (const std::string& path : paths) {
    std::vector<BenchmarkRun> more;
    switch (result_kind(path)) {
      case ResultKind::vllm_bench:
        more = read_vllm_bench(path);
        break;
      case ResultKind::guidellm:
        more = read_guidellm(path);
        break;
      case ResultKind::prometheus:
        alone = scrape.empty();
        if (!scrape.empty()) more.push_back(read_scrapes(scrape, path));
        scrape = path;
        break;
    }
    runs.insert(runs.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  }
  if (alone)
    throw ConfigError(Position{scrape},
                      "is one scrape; a load is what happened between two. Give a later one too.");
  return runs;
}

AnchorFile anchor_file(const ServingSpec& spec, const std::vector<BenchmarkRun>& runs,
                       const AnchorFit& fit) {
  AnchorFile file;
  std::set<std::string> tools;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    tools.insert(runs[i].tool);
    file.points.push_back(anchor_point(runs[i], fit.points[i]));
  }
  for (const std::string& tool : tools) file.source += (file.source.empty() ? "" : "; ") + tool;
  file.deployment = {spec.model,
                     spec.gpu,
                     spec.engine,
                     spec.dtype,
                     spec.parallelism.tensor,
                     spec.parallelism.pipeline,
                     spec.parallelism.expert,
                     spec.parallelism.data};
  file.anchor = figures_of(fit.anchor);
  file.ttft_error = measured(fit.ttft_error);
  file.tpot_error = measured(fit.tpot_error);
  file.concurrency = fit.anchor.loads->concurrency;
  file.prompt_tokens = fit.anchor.loads->prompt_tokens;
  file.output_tokens = fit.anchor.loads->output_tokens;
  return file;
}

}  // namespace plimsoll
