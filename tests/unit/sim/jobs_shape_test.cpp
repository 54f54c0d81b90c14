// What of a placement a job's model is told.
#include "tests/catch.hpp"
#include "tests/oracle/plain_jobs.hpp"

using namespace plimsoll;
using namespace plimsoll::oracle;

namespace {

/// Takes a second and remembers on what: of all shapes that it is asked about (the closest one among them), the
/// farthest apart.
class ShapeSpy final : public JobModel {
 public:
  explicit ShapeSpy(std::shared_ptr<PlacementShape> seen) : seen_(std::move(seen)) {}
  Duration time_to_end(const JobProgress&, const PlacementShape& shape) const override {
    if (shape.span >= seen_->span) *seen_ = shape;
    return kSecond;
  }
  JobProgress after(const JobProgress& progress, const PlacementShape&, Duration) const override {
    return progress;
  }

 private:
  std::shared_ptr<PlacementShape> seen_;
};

/// Where a job of so many whole nodes runs while the first `taken` nodes, of pairs in an NVLink domain, are busy.
PlacementShape shape_of_job(std::int32_t nodes, std::int32_t taken,
                            const std::vector<std::string>& levels) {
  auto facts = std::make_shared<ClusterFacts>(*plain_facts(6, 4, 2));
  facts->levels = levels;
  std::vector<JobSpec> jobs = plain_specs({{0, 4 * taken, 100}, {1, 4 * nodes, 1}}, 4);
  if (taken == 0) jobs.erase(jobs.begin());
  const auto seen = std::make_shared<PlacementShape>();
  jobs.back().model = std::make_shared<ShapeSpy>(seen);
  JobCluster cluster({}, plain_names(6), facts, std::move(jobs), scheduler("fifo"));
  cluster.run();
  return *seen;
}

}  // namespace

TEST_CASE("a model is told how many of its GPUs are in each NVLink domain, beyond one", "[jobs]") {
  using Gpus = std::vector<std::int32_t>;
  const PlacementShape across = shape_of_job(4, 1, {"nvlink_domain"});
  CHECK(across.gpus_per_node == Gpus{4, 4, 4, 4});
  CHECK(across.gpus_per_island == Gpus{4, 8, 4});
  CHECK(across.span == 1);
  const PlacementShape within = shape_of_job(2, 2, {"nvlink_domain"});
  CHECK(within.gpus_per_island.empty());
  CHECK(within.span == 0);
  CHECK(shape_of_job(4, 1, {"rack"}).gpus_per_island.empty());
  CHECK(shape_of_job(1, 1, {"nvlink_domain"}).gpus_per_island.empty());
}
