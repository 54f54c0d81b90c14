#include "traces/openb.hpp"

#include <functional>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

namespace plimsoll::test {
namespace {

constexpr const char* kPods = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos\n";

std::string fault_of(const std::function<void()>& read) {
  try {
    read();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("openb nodes and pods are read by the names of their columns", "[traces][openb]") {
  const TemporaryFolder folder;
  const auto nodes = read_openb_nodes(folder.write(
      "nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn0,64000,1024,2,P100\nn1,32000,512,0,\n"));
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0] == OpenbNode{"n0", 64000, Bytes{std::int64_t{1} << 30}, 2, "P100"});
  CHECK(nodes[1].model.empty());
  const auto pods = read_openb_pods(folder.write(
      "pods.csv",
      std::string(kPods) + "a,1000,1,1,460,A10|T4,LS\nb,2000,2,8,1000,,BE\nc,1,1,0,0,,LS\n"));
  REQUIRE(pods.size() == 3);
  CHECK(pods[0] == OpenbPod{"a", 1000, Bytes{std::int64_t{1} << 20}, 1, 460, {"A10", "T4"}, {}});
  CHECK(pods[1].gpus == 8);
  const ResourceRequest request = request_of(pods[0], {"G2", "T4"});
  CHECK(request.gpu_kinds == GpuKinds{2});  // the cluster has no A10
  CHECK(request_of(pods[1], {"G2", "T4"}).gpu_kinds == kAnyGpuKind);
  CHECK(request_of(pods[2], {}).gpus == 0);
}

TEST_CASE("an openb list without gpu_spec restricts nobody", "[traces][openb]") {
  const TemporaryFolder folder;
  const auto pods = read_openb_pods(
      folder.write("p.csv", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1000,1,1,460\n"));
  CHECK(pods.front().gpu_models.empty());
}

TEST_CASE("openb rows that cannot be are all reported with their places", "[traces][openb]") {
  const TemporaryFolder folder;
  const std::string pods =
      folder.write("p.csv", std::string(kPods) +
                                "a,-1,1,1,460,,LS\nb,1,1,1,1001,,LS\nc,1,1,2,500,,LS\n"
                                "d,1,1,0,100,,LS\ne,1,1,99,1000,,LS\nf,1,1,1\n");
  const std::string fault = fault_of([&] { read_openb_pods(pods); });
  CHECK_THAT(fault, Catch::Contains("p.csv:2:3: cpu_milli = \"-1\""));
  CHECK_THAT(fault, Catch::Contains("p.csv:3:9: gpu_milli = \"1001\" is not a share of a GPU"));
  CHECK_THAT(fault, Catch::Contains("p.csv:4:9: gpu_milli = \"500\" must be 1000"));
  CHECK_THAT(fault, Catch::Contains("p.csv:5:9: gpu_milli = \"100\""));
  CHECK_THAT(fault, Catch::Contains("p.csv:6:7: num_gpu = \"99\""));
  CHECK_THAT(fault, Catch::Contains("p.csv:7:1: the row has 4 fields"));
  const std::string nodes = folder.write("n.csv", "sn,cpu_milli,memory_mib,gpus\nn0,1,1,1\n");
  CHECK_THAT(fault_of([&] { read_openb_nodes(nodes); }),
             Catch::Contains("unknown column \"gpu\"") && Catch::Contains("\"model\""));
}

}  // namespace
}  // namespace plimsoll::test
