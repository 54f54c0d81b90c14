#include "traces/measurements/request_details.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll {

void take_details(std::vector<RequestDetail> details, BenchmarkRun& run) {
  if (details.empty()) return;
  std::stable_sort(details.begin(), details.end(),
                   [](const RequestDetail& a, const RequestDetail& b) {
                     return a.request.start_s < b.request.start_s;
                   });
  const double first_s = details.front().request.start_s;
  double ttft = 0;
  double tpot = 0;
  double decoding = 0;
  for (RequestDetail& detail : details) {
    ttft += detail.ttft_s;
    if (detail.request.output_tokens > 1) {
      tpot += detail.tpot_s;
      ++decoding;
    }
    detail.request.start_s -= first_s;
    run.requests.push_back(detail.request);
  }
  run.ttft_s = ttft / static_cast<double>(details.size());
  if (decoding > 0) run.tpot_s = tpot / decoding;
}

void require_enough(const BenchmarkRun& run, const JsonPlace& place) {
  if (run.requests.size() < kFewestRequests)
    place.refuse(fmt::format("{} completed requests are too few for a fit; {} are needed.",
                             run.requests.size(), kFewestRequests));
}

}  // namespace plimsoll
