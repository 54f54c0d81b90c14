#include "hardware/topology/collective_cost.hpp"

#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;

namespace {

const std::vector<CollectiveOperation> kOperations = {
    CollectiveOperation::all_reduce, CollectiveOperation::all_gather,
    CollectiveOperation::reduce_scatter, CollectiveOperation::all_to_all};

CollectiveGroup island(std::int32_t gpus, double bandwidth = 450e9) {
  CollectiveGroup group;
  group.gpus = gpus;
  group.gpus_per_node = gpus;
  group.gpu_bandwidth = BytesPerSecond{bandwidth};
  group.switched = true;
  return group;
}

CollectiveGroup over_nodes(std::int32_t nodes, double network = 400e9) {
  CollectiveGroup group = island(8);
  group.gpus = 8 * nodes;
  group.nodes = nodes;
  group.network = BytesPerSecond{network};
  return group;
}

double us(CollectiveOperation operation, double bytes, const CollectiveGroup& group) {
  static const CollectiveSpec spec = samples::shipped().collectives("nvidia_h100_sxm", {});
  const CollectiveFit* fit = nearest_fit(spec, "nccl", operation, group.gpus_per_node);
  REQUIRE(fit != nullptr);
  return collective_time(*fit, Bytes{static_cast<std::int64_t>(bytes)}, group).us;
}

}  // namespace

TEST_CASE("a collective never takes longer on more bandwidth, nor less on more bytes",
          "[hardware][collectives]") {
  for (const CollectiveOperation operation : kOperations)
    for (const double bytes : {1e3, 1e5, 1e7, 1e9}) {
      CHECK(us(operation, bytes, island(8, 900e9)) <= us(operation, bytes, island(8, 450e9)));
      CHECK(us(operation, bytes, over_nodes(4, 400e9)) <=
            us(operation, bytes, over_nodes(4, 100e9)));
      CHECK(us(operation, bytes, island(8)) <= us(operation, 2 * bytes, island(8)));
      CHECK(us(operation, bytes, over_nodes(4)) <= us(operation, 2 * bytes, over_nodes(4)));
    }
}

TEST_CASE("no collective is faster than its bytes on the wire", "[hardware][collectives]") {
  for (const std::int32_t gpus : {2, 4, 8}) {
    const double wire =
        wire_share(CollectiveOperation::all_gather, CollectiveAlgorithm::ring, gpus);
    CHECK(us(CollectiveOperation::all_gather, 1e9, island(gpus)) > wire * 1e9 / 450e9 * 1e6);
  }
  // a ring's all-reduce carries 2 (n - 1) / n of the message
  CHECK(wire_share(CollectiveOperation::all_reduce, CollectiveAlgorithm::ring, 8) ==
        Approx(2.0 * 7 / 8));
  CHECK(step_count(CollectiveOperation::all_reduce, CollectiveAlgorithm::ring, 8) == 14);
}

TEST_CASE("a ring takes at most its steps, its bytes and its launch", "[hardware][collectives]") {
  CollectiveFit fit;
  fit.operation = CollectiveOperation::all_reduce;
  fit.bandwidth = BytesPerSecond{100e9};
  fit.gpus = {8};
  fit.terms = {{CollectiveAlgorithm::ring, CollectiveProtocol::simple, 10, 2, 1.25, 0, Bytes{0}},
               {CollectiveAlgorithm::ring, CollectiveProtocol::ll, 5, 0.5, 4, 0, Bytes{0}}};
  CollectiveGroup group = island(8, 100e9);
  const auto bound = [&](double bytes) {
    return 10 + 14 * 2 + 1.25 * 2 * 7 / 8 * bytes / 100e9 * 1e6;
  };
  for (const std::int64_t bytes : {1'000, 1'000'000, 1'000'000'000}) {
    const CollectiveTime time = collective_time(fit, Bytes{bytes}, group);
    CHECK(time.us <= bound(static_cast<double>(bytes)) * (1 + 1e-12));
  }
  CHECK(collective_time(fit, Bytes{1'000}, group).protocol == CollectiveProtocol::ll);
  CHECK(collective_time(fit, Bytes{1'000'000'000}, group).protocol == CollectiveProtocol::simple);
}

TEST_CASE("switches reduce only where there are some, and a term ends at its longest message",
          "[hardware][collectives]") {
  CollectiveFit fit;
  fit.operation = CollectiveOperation::all_reduce;
  fit.bandwidth = BytesPerSecond{100e9};
  fit.gpus = {8};
  fit.terms = {
      {CollectiveAlgorithm::ring, CollectiveProtocol::simple, 10, 2, 1, 0, Bytes{0}},
      {CollectiveAlgorithm::nvls, CollectiveProtocol::simple, 1, 0, 1, 0, Bytes{0}},
      {CollectiveAlgorithm::one_shot, CollectiveProtocol::simple, 0.5, 0, 0, 0, Bytes{1'000}}};
  CollectiveGroup group = island(8, 100e9);
  CHECK(collective_time(fit, Bytes{1'000'000}, group).algorithm == CollectiveAlgorithm::nvls);
  CHECK(collective_time(fit, Bytes{1'000}, group).algorithm == CollectiveAlgorithm::one_shot);
  CHECK(collective_time(fit, Bytes{1'001}, group).algorithm == CollectiveAlgorithm::nvls);
  group.switched = false;
  CHECK(collective_time(fit, Bytes{1'000'000}, group).algorithm == CollectiveAlgorithm::ring);
}

TEST_CASE("between nodes, trees win for short messages and large clusters, rings for long ones",
          "[hardware][collectives]") {
  static const CollectiveSpec spec = samples::shipped().collectives("nvidia_h100_sxm", {});
  const CollectiveFit* fit = nearest_fit(spec, "nccl", CollectiveOperation::all_reduce, 8);
  CHECK(collective_time(*fit, Bytes{10'000}, over_nodes(64)).algorithm ==
        CollectiveAlgorithm::tree);
  CHECK(us(CollectiveOperation::all_reduce, 1e4, over_nodes(64)) <
        8 * us(CollectiveOperation::all_reduce, 1e4, over_nodes(2)));
  const double busbw =
      2.0 * 15 / 16 * 1e10 / us(CollectiveOperation::all_reduce, 1e10, over_nodes(2)) / 1e3;
  CHECK(busbw > 300);  // GB/s; eight adapters of 50 are 400
  CHECK(busbw <= 400);
}

TEST_CASE("a group of one takes no time; a library that nobody measured has no fit",
          "[hardware][collectives]") {
  static const CollectiveSpec spec = samples::shipped().collectives("nvidia_h100_sxm", {});
  const CollectiveFit* fit = nearest_fit(spec, "nccl", CollectiveOperation::all_reduce, 8);
  CHECK(collective_time(*fit, Bytes{1'000}, island(1)).us == 0);
  CHECK(nearest_fit(spec, "mpi", CollectiveOperation::all_reduce, 8) == nullptr);
}

TEST_CASE("collectives of the catalogue answer in every group, and faults in their files are told",
          "[hardware][collectives]") {
  HardwareCatalog catalog = samples::shipped();
  for (const std::string& name : catalog.collective_sets().names())
    for (const CollectiveFit& fit : catalog.collectives(name, {}).fits) {
      CHECK(fit.median_error < 0.15);
      CollectiveGroup group = island(fit.gpus.front(), 0);
      group.nodes = fit.nodes;
      CHECK(collective_time(fit, Bytes{1'000'000'000'000}, group).us > 0);
    }
}
