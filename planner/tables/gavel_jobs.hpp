// The jobs of Gavel's evaluation (Narayanan et al., OSDI 2020, section 7.1), drawn again from the same
// random numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "traces/gavel.hpp"
#include "workloads/job_spec.hpp"

namespace plimsoll {

struct GavelWorkload {
  std::uint32_t seed = 0;
  bool several = false;  ///< jobs on up to 8 GPUs; else all on one
  std::size_t jobs = 0;
  double per_hour = 0;  ///< of Poisson arrivals; 0: all at once
};

/// Draws jobs as Gavel's simulator did in May 2020, when the published curves were made.
class GavelJobs {
 public:
  /// Throws ConfigError without throughputs on a V100, the kind whose running times are drawn.
  explicit GavelJobs(const GavelThroughputs& throughputs);

  /// In the order of their arrival. Throws ConfigError for a drawn type without throughputs.
  std::vector<JobSpec> draw(const GavelWorkload& workload) const;

 private:
  struct Type {
    std::string name;
    bool distributed = true;
  };
  const std::shared_ptr<const JobSpeed>& speed_of(const GavelJobKind& kind) const;

  std::size_t reference_ = 0;  ///< the kind on which running times are drawn
  std::map<GavelJobKind, std::shared_ptr<const JobSpeed>> speeds_;
  std::vector<Type> types_;
};

}  // namespace plimsoll
