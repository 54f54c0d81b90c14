#include "hardware/topology/topology_readers.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "hardware/devices/resource_slices.hpp"
#include "hardware/topology/routes.hpp"
#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;
using samples::faults_of;
using samples::with;

namespace {

double gb(BytesPerSecond rate) { return rate.count() / 1e9; }

struct Readers {
  HardwareCatalog catalog = samples::shipped();
  TopologyLookup lookup = catalog.topology_lookup();

  NodeTopology nccl(const std::string& text) { return read_nccl_topology(text, "a.xml", lookup); }
  NodeTopology hwloc(const std::string& text) { return read_hwloc(text, "a.xml", lookup); }
  NodeTopology smi(const std::string& text) { return read_nvidia_smi(text, "a.txt", lookup); }
  NodeTopology kubernetes(const std::string& text) {
    return read_kubernetes_node(text, "a.yaml", lookup);
  }
};

std::string label(const NodeTopology& topology, std::size_t a, std::size_t b) {
  return connection_label(topology, topology.gpus()[a], topology.gpus()[b]);
}

}  // namespace

TEST_CASE("NCCL's XML becomes the machine that it describes", "[hardware][topology]") {
  const NodeTopology topology = Readers().nccl(samples::kNccl);
  REQUIRE(topology.gpus().size() == 2);
  CHECK(topology.of(DeviceKind::cpu).size() == 2);
  CHECK(topology.of(DeviceKind::nic).size() == 2);
  CHECK(topology.of(DeviceKind::pcie_switch).size() == 1);
  CHECK(label(topology, 0, 1) == "NV12");
  CHECK(gb(route_between(topology, topology.gpus()[0], topology.gpus()[1]).bandwidth) ==
        Approx(300));
  CHECK(gb(network_bandwidth(topology, topology.gpus())) == Approx(25));
}

TEST_CASE("NCCL's XML that is wrong says where and why", "[hardware][topology]") {
  Readers readers;
  const auto fault = [&](const std::string& from, const std::string& to) {
    return faults_of([&] { readers.nccl(with(samples::kNccl, from, to)); });
  };
  CHECK_THAT(fault("16 GT/s", "16 GB/s"),
             Catch::Contains("a.xml:3:") && Catch::Contains("link_speed=\"16 GB/s\""));
  CHECK_THAT(fault("class=\"0x060400\"", "class=\"0x010802\""),
             Catch::Contains("a.xml:3:") && Catch::Contains("is of class \"0x010802\""));
  CHECK_THAT(fault("<nic>", "<nick>"), Catch::Contains("this is no XML"));
  CHECK_THAT(fault("target=\"0000:21:00.0\"", "target=\"0000:99:00.0\""),
             Catch::Contains("leads to 0000:99:00.0, which is not in the file"));
  CHECK_THAT(fault("count=\"12\"", "count=\"6\""), Catch::Contains("which?"));
  CHECK_THAT(fault("busid=\"0000:22:00.0\"", "busid=\"0000:21:00.0\""),
             Catch::Contains("device \"0000:21:00.0\" is there twice"));
  CHECK_THAT(faults_of([&] { readers.nccl("<graphs version=\"1\"/>"); }),
             Catch::Contains("<graphs> is no topology of NCCL"));
  CHECK_THAT(faults_of([&] { readers.nccl("<system><cpu numaid=\"0\"/></system>"); }),
             Catch::Contains("there is no GPU"));
  CHECK_THAT(faults_of([&] { readers.nccl("<system><gpu/></system>"); }),
             Catch::Contains("unknown element \"gpu\""));
}

TEST_CASE("hwloc's XML becomes the machine that it describes", "[hardware][topology]") {
  const NodeTopology topology = Readers().hwloc(samples::kHwloc);
  REQUIRE(topology.gpus().size() == 2);
  CHECK(topology.of(DeviceKind::cpu).size() == 2);
  CHECK(topology.of(DeviceKind::pcie_switch).size() == 1);
  CHECK(topology.device(topology.gpus()[0]).model == "NVIDIA H100 80GB HBM3");
  CHECK(gb(route_between(topology, topology.gpus()[0], topology.gpus()[1]).bandwidth) ==
        Approx(300));
}

TEST_CASE("hwloc's XML that is wrong says where and why", "[hardware][topology]") {
  Readers readers;
  const auto fault = [&](const std::string& from, const std::string& to) {
    return faults_of([&] { readers.hwloc(with(samples::kHwloc, from, to)); });
  };
  CHECK_THAT(fault("type=\"Package\"", "type=\"Pakage\""),
             Catch::Contains("a.xml:4:") && Catch::Contains("Did you mean \"Package\""));
  CHECK_THAT(fault("pci_link_speed=\"31.5\"", "pci_link_speed=\"fast\""),
             Catch::Contains("a.xml:8:") && Catch::Contains("pci_link_speed=\"fast\""));
  CHECK_THAT(fault("300000 300000", "300000 200000"),
             Catch::Contains("300000 from 30 to 32, and 200000 back"));
  CHECK_THAT(fault("1000000 300000 300000 1000000", "1000000 300000"),
             Catch::Contains("2 values for 2 objects; 4 are needed"));
  CHECK_THAT(fault("OSDev:32", "OSDev:99"), Catch::Contains("names object 99"));
  CHECK_THAT(faults_of([&] { readers.hwloc("<topology version=\"2.0\"/>"); }),
             Catch::Contains("the topology has no device"));
}

TEST_CASE("a machine without GPUs is a machine", "[hardware][topology]") {
  const NodeTopology topology = Readers().hwloc(
      "<topology version=\"2.0\"><object type=\"Machine\"><object type=\"NUMANode\" "
      "os_index=\"0\"/></object></topology>");
  CHECK(topology.gpus().empty());
  CHECK(topology.of(DeviceKind::cpu).size() == 1);
}

TEST_CASE("the matrix of nvidia-smi becomes the machine that it describes",
          "[hardware][topology]") {
  const NodeTopology topology = Readers().smi(samples::kSmi);
  REQUIRE(topology.gpus().size() == 4);
  CHECK(topology.of(DeviceKind::cpu).size() == 2);
  CHECK(label(topology, 0, 1) == "NV12");
  CHECK(label(topology, 0, 2) == "SYS");
  CHECK(scale_up_islands(topology).size() == 2);
  CHECK(connection_label(topology, topology.gpus()[0], topology.of(DeviceKind::nic)[0]) == "PIX");
}

TEST_CASE("as many NVLinks to every other GPU lead through a switch", "[hardware][topology]") {
  const std::string text =
      "\tGPU0\tGPU1\tGPU2\tCPU Affinity\tNUMA Affinity\n"
      "GPU0\t X \tNV18\tNV18\t0-9\t0\n"
      "GPU1\tNV18\t X \tNV18\t0-9\t0\n"
      "GPU2\tNV18\tNV18\t X \t0-9\t0\n";
  const NodeTopology topology = Readers().smi(text);
  CHECK(topology.of(DeviceKind::nvswitch).size() == 1);
  CHECK(gb(route_between(topology, topology.gpus()[0], topology.gpus()[2]).bandwidth) ==
        Approx(450));
}

TEST_CASE("a matrix that is wrong says where and why", "[hardware][topology]") {
  Readers readers;
  const auto fault = [&](const std::string& from, const std::string& to) {
    return faults_of([&] { readers.smi(with(samples::kSmi, from, to)); });
  };
  CHECK_THAT(fault("SYS\tPIX", "SIS\tPIX"),
             Catch::Contains("a.txt:2:1: GPU0 to GPU3: unknown label \"SIS\""));
  CHECK_THAT(fault("GPU1\tNV12", "GPU1\tNV4"),
             Catch::Contains("a.txt:3:1: GPU1 to GPU0 is NV4, but GPU0 to GPU1 is NV12"));
  CHECK_THAT(fault("GPU2\tSYS\tSYS\t X ", "GPU2\tSYS\tSYS\tSYS"),
             Catch::Contains("GPU2 to GPU2 is SYS"));
  CHECK_THAT(fault("GPU3\tSYS\tSYS\tNV12\t X \tSYS\t32-63\t1\t\tN/A\n", ""),
             Catch::Contains("row 4 should be GPU3"));
  CHECK_THAT(fault("NIC0\tPIX\tNODE\tSYS\tSYS\t X ", "NIC0\tPIX"),
             Catch::Contains("NIC0 has 1 labels for 5 devices"));
  CHECK_THAT(faults_of([&] { readers.smi("hello\n"); }), Catch::Contains("no output of"));
}

TEST_CASE("a Kubernetes node with its ResourceSlices becomes a machine", "[hardware][topology]") {
  const NodeTopology topology = Readers().kubernetes(samples::kKubernetes);
  CHECK(topology.name() == "worker-7");
  REQUIRE(topology.gpus().size() == 2);
  CHECK(topology.device(topology.gpus()[0]).model == "nvidia_h100_sxm");
  CHECK(topology.device(topology.gpus()[1]).uuid == "GPU-bbbb");
  CHECK(topology.of(DeviceKind::cpu).size() == 2);
  CHECK(gb(route_between(topology, topology.gpus()[0], topology.gpus()[1]).bandwidth) ==
        Approx(450));
  const NodeDevices devices = read_node_devices(samples::kKubernetes, "a.yaml");
  REQUIRE(devices.devices.size() == 2);
  CHECK(devices.devices[0].device.capacity.at("memory") == 81559ll * 1024 * 1024);
  CHECK(devices.devices[0].device.text("cliqueID") == "domain-1.4");
  CHECK(devices.shared_counters.at("gpu-0-counter-set").at("memory-slice-0") == 1);
}

TEST_CASE("a Kubernetes node without slices has the GPUs of its labels", "[hardware][topology]") {
  const std::string text =
      "kind: Node\nmetadata:\n  name: w\n  labels: {nvidia.com/gpu.product: NVIDIA-H200, "
      "nvidia.com/gpu.count: \"8\", nvidia.com/gpu.clique: d.1}\n"
      "status: {capacity: {nvidia.com/gpu: \"8\"}}\n";
  const NodeTopology topology = Readers().kubernetes(text);
  CHECK(topology.gpus().size() == 8);
  CHECK(scale_up_islands(topology).size() == 1);
}

TEST_CASE("Kubernetes objects that are wrong say where and why", "[hardware][topology]") {
  Readers readers;
  const auto fault = [&](const std::string& from, const std::string& to) {
    return faults_of([&] { readers.kubernetes(with(samples::kKubernetes, from, to)); });
  };
  CHECK_THAT(fault("nvidia.com/gpu: \"2\"", "nvidia.com/gpu: \"4\""),
             Catch::Contains("the node has 4 nvidia.com/gpu, its slices 2 GPUs"));
  CHECK_THAT(fault("GPU-bbbb", "GPU-aaaa"), Catch::Contains("has the uuid of another GPU"));
  CHECK_THAT(fault("nodeName: worker-7", "nodeName: worker-8"),
             Catch::Contains("this slice is of node \"worker-8\", not of worker-7"));
  CHECK_THAT(fault("81559Mi", "81559Mx"),
             Catch::Contains("a.yaml:28:") && Catch::Contains("81559Mx is no quantity"));
  CHECK_THAT(fault("resourceSliceCount: 1", "resourceSliceCount: 2"),
             Catch::Contains("pool gpu.nvidia.com/worker-7 says it has 2 slices"));
  CHECK_THAT(fault("counterSet: gpu-0-counter-set", "counterSet: other"),
             Catch::Contains("draws from counter memory of other, which no slice has"));
  CHECK_THAT(fault("kind: ResourceSlice", "kind: Pod"),
             Catch::Contains("kind \"Pod\" is neither Node nor ResourceSlice"));
  CHECK_THAT(fault("name: gpu-1", "name: gpu-0"),
             Catch::Contains("device \"gpu-0\" is published twice"));
  CHECK_THAT(fault("numaNode: {int: 0}", "numaNode: {float: 0}"),
             Catch::Contains("attribute numaNode has no value of type"));
}

TEST_CASE("real machines' files are read, each as the machine is", "[hardware][topology]") {
  const char* data = std::getenv("PLIMSOLL_DATA");
  const std::filesystem::path folder = std::filesystem::path(data ? data : "") / "topology";
  if (data == nullptr || !std::filesystem::is_directory(folder)) {
    std::cout << "skipped: topology files ($PLIMSOLL_DATA)\n";
    return;
  }
  struct Machine {
    const char* file;
    std::size_t gpus, cpus, switches;
    const char* near;
    const char* far;
  };
  Readers readers;
  for (const Machine& machine :
       {Machine{"nixl_hwloc__p4d.24xl-topo.xml", 8, 2, 4, "PIX", "SYS"},
        Machine{"nixl_hwloc__p6-b200.48xl-topo.xml", 8, 2, 4, "PIX", "SYS"},
        Machine{"nixl_hwloc__g6.48xl-topo.xml", 8, 2, 1, "PHB", "SYS"},
        Machine{"awsofi_nccl__p4d-24xl-topo.xml", 8, 2, 4, "PIX", "SYS"},
        Machine{"azhpc_nccl__ndv2-topo.xml", 8, 2, 0, "PHB", "SYS"},
        Machine{"azhpc_nccl__ndv4-topo.xml", 8, 4, 4, "PIX", "SYS"},
        Machine{"azhpc_nccl__ndv5-topo.xml", 8, 2, 8, "PHB", "SYS"},
        Machine{"azhpc_nccl__ncv4-topo.xml", 4, 4, 0, "SYS", "SYS"}}) {
    if (!std::filesystem::exists(folder / machine.file)) continue;
    INFO(machine.file);
    const NodeTopology topology = read_topology(folder / machine.file, readers.lookup);
    CHECK(topology.gpus().size() == machine.gpus);
    CHECK(topology.of(DeviceKind::cpu).size() == machine.cpus);
    CHECK(topology.of(DeviceKind::pcie_switch).size() == machine.switches);
    CHECK(label(topology, 0, 1) == machine.near);
    CHECK(label(topology, 0, machine.gpus - 1) == machine.far);
  }
}

TEST_CASE("a file that is no topology is told so", "[hardware][topology]") {
  const auto path = std::filesystem::temp_directory_path() / "plimsoll_no_topology.txt";
  std::ofstream(path) << "hello\n";
  Readers readers;
  CHECK_THAT(faults_of([&] { read_topology(path, readers.lookup); }),
             Catch::Contains("this is no topology"));
  std::filesystem::remove(path);
}
