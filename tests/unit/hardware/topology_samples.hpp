// The shipped catalogue, and texts in the forms that readers of topologies know.
#pragma once

#include <string>

#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"

namespace plimsoll::samples {

inline HardwareCatalog shipped() { return HardwareCatalog(catalog_roots({}, "no scenario")); }

inline NodeTopology node(const std::string& name) {
  HardwareCatalog catalog = shipped();
  return catalog.topology(name, {});
}

/// What a call throws, as the user reads it.
template <class Call>
std::string faults_of(Call&& call) {
  try {
    call();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no fault";
}

/// `text` with its first `from` replaced.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// Two GPUs and two NICs; the GPUs are joined by twelve NVLinks.
inline const char* const kNccl = R"(<system version="1">
  <cpu numaid="0" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="85">
    <pci busid="0000:10:00.0" class="0x060400" link_speed="16 GT/s" link_width="16">
      <pci busid="0000:11:00.0" class="0x030200" device="0x20b0" link_speed="16.0 GT/s PCIe" link_width="16">
        <gpu dev="0" sm="80"><nvlink target="0000:21:00.0" count="12" tclass="0x030200"/></gpu>
      </pci>
      <pci busid="0000:12:00.0" class="0x020700" link_speed="16 GT/s" link_width="16">
        <nic><net name="mlx5_0" speed="200000"/></nic>
      </pci>
    </pci>
  </cpu>
  <cpu numaid="1" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="85">
    <pci busid="0000:21:00.0" class="0x030200" device="0x20b0" link_speed="16 GT/s" link_width="16">
      <gpu dev="1" sm="80"><nvlink target="0000:11:00.0" count="12" tclass="0x030200"/></gpu>
    </pci>
    <pci busid="0000:22:00.0" class="0x020700" link_speed="8 GT/s" link_width="8"/>
  </cpu>
</system>
)";

inline const char* const kHwloc = R"(<?xml version="1.0" encoding="UTF-8"?>
<topology version="2.0">
  <object type="Machine" os_index="0" gp_index="1">
    <object type="Package" os_index="0" gp_index="2">
      <info name="CPUVendor" value="AuthenticAMD"/>
      <object type="NUMANode" os_index="0" gp_index="3"/>
      <object type="Bridge" gp_index="10" bridge_type="0-1" bridge_pci="0000:[10-20]">
        <object type="Bridge" gp_index="11" bridge_type="1-1"
                pci_busid="0000:10:00.0" pci_type="0604" pci_link_speed="31.5">
          <object type="PCIDev" gp_index="20" pci_busid="0000:11:00.0" pci_type="0302 [10de:2330] [0:0] a1"
                  pci_link_speed="31.5">
            <object type="OSDev" gp_index="30" name="cuda0">
              <info name="GPUModel" value="NVIDIA H100 80GB HBM3"/></object>
          </object>
          <object type="PCIDev" gp_index="21" pci_busid="0000:12:00.0" pci_type="0207 [15b3:1021] [0:0] 00"
                  pci_link_speed="0.0"/>
        </object>
      </object>
    </object>
    <object type="Package" os_index="1" gp_index="4">
      <object type="NUMANode" os_index="1" gp_index="5"/>
      <object type="Bridge" gp_index="12" bridge_type="0-1" bridge_pci="0000:[30-30]">
        <object type="PCIDev" gp_index="22" pci_busid="0000:31:00.0" pci_type="0302 [10de:2330] [0:0] a1"
                  pci_link_speed="31.5">
          <object type="OSDev" gp_index="32" name="cuda1"/>
        </object>
      </object>
    </object>
  </object>
  <distances2hetero nbobjs="2" kind="12" name="NVLinkBandwidth" indexing="gp">
    <indexes length="14">OSDev:30 OSDev:32</indexes>
    <u64values length="20">1000000 300000 300000 1000000</u64values>
  </distances2hetero>
</topology>
)";

inline const char* const kSmi =
    "\t\x1b[4mGPU0\tGPU1\tGPU2\tGPU3\tNIC0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m\n"
    "GPU0\t X \tNV12\tSYS\tSYS\tPIX\t0-31\t0\t\tN/A\n"
    "GPU1\tNV12\t X \tSYS\tSYS\tNODE\t0-31\t0\t\tN/A\n"
    "GPU2\tSYS\tSYS\t X \tNV12\tSYS\t32-63\t1\t\tN/A\n"
    "GPU3\tSYS\tSYS\tNV12\t X \tSYS\t32-63\t1\t\tN/A\n"
    "NIC0\tPIX\tNODE\tSYS\tSYS\t X \t\t\t\t\n"
    "\n"
    "Legend:\n\n  X    = Self\n";

inline const char* const kKubernetes = R"(apiVersion: v1
kind: Node
metadata:
  name: worker-7
  labels: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}
status:
  capacity: {nvidia.com/gpu: "2"}
---
apiVersion: resource.k8s.io/v1
kind: ResourceSlice
metadata: {name: worker-7-gpu}
spec:
  driver: gpu.nvidia.com
  nodeName: worker-7
  pool: {name: worker-7, generation: 3, resourceSliceCount: 1}
  sharedCounters:
    - name: gpu-0-counter-set
      counters: {memory: {value: 80Gi}, memory-slice-0: {value: "1"}}
  devices:
    - name: gpu-0
      attributes:
        type: {string: gpu}
        uuid: {string: GPU-aaaa}
        productName: {string: NVIDIA H100 80GB HBM3}
        cliqueID: {string: domain-1.4}
        resource.kubernetes.io/pcieRoot: {string: pci0000:15}
        numaNode: {int: 0}
      capacity: {memory: {value: 81559Mi}}
      consumesCounters:
        - counterSet: gpu-0-counter-set
          counters: {memory: {value: 80Gi}, memory-slice-0: {value: "1"}}
    - name: gpu-1
      attributes:
        type: {string: gpu}
        uuid: {string: GPU-bbbb}
        productName: {string: NVIDIA H100 80GB HBM3}
        cliqueID: {string: domain-1.4}
        resource.kubernetes.io/pcieRoot: {string: pci0000:26}
        numaNode: {int: 1}
      capacity: {memory: {value: 81559Mi}}
)";

}  // namespace plimsoll::samples
