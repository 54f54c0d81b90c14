// Tables of measured kernels are read by their columns; what is wrong in them is refused with its place.
#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "traces/measurements/measurement_files.hpp"

using namespace plimsoll;

namespace {

namespace fs = std::filesystem;

const std::string kGemm = "system,backend,version,framework,version,gemm_dtype,m,n,k,latency\n";

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / "plimsoll_measurement_files_test") {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string fault_of(const std::string& text) {
  const Folder folder;
  Measurements into;
  try {
    read_measurements(folder.write("t.csv", text), {{"gpu"}, ""}, into);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no fault";
}

bool says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  WARN(text);
  return false;
}

}  // namespace

TEST_CASE("a table's rows of the wanted GPU are taken, the others counted", "[measurements]") {
  const Folder folder;
  Measurements into;
  const auto reports = read_measurements(
      folder.write("t.csv", kGemm + "gpu,vllm,1.0,VLLM,9.9,bfloat16,8,64,128,0.5\n"
                                    "other,vllm,1.0,VLLM,9.9,bfloat16,8,64,128,0.5\n"
                                    "gpu,vllm,1.0,VLLM,9.9,int3,8,64,128,0.5\n"),
      {{"gpu"}, "origin"}, into);
  REQUIRE(into.gemm.size() == 1);
  CHECK(into.gemm[0].us == 500);
  CHECK(into.gemm[0].shape.k == 128);
  CHECK(into.sets[0].backend == "vllm 1.0");  // the folder's version, not the file's
  CHECK(reports[0].taken == 1);
  CHECK(reports[0].other_systems == 1);
  CHECK(reports[0].other_kinds == 1);
}

TEST_CASE("decode has the step's tokens on top of its prompt, and messages count elements",
          "[measurements]") {
  const Folder folder;
  Measurements into;
  folder.write("a.csv",
               "system,backend,version,op_name,batch_size,isl,num_heads,num_key_value_heads,"
               "head_dim,attn_dtype,kv_cache_dtype,step,window_size,latency\n"
               "gpu,v,1,generation_attention,4,1,32,8,128,bfloat16,fp8,1023,128,0.02\n"
               "gpu,v,1,context_attention,1,512,32,8,128,bfloat16,bfloat16,0,0,0.1\n");
  folder.write("b.csv",
               "system,backend,version,op_name,kernel_source,allreduce_dtype,num_gpus,"
               "message_size,latency\n"
               "gpu,v,1,all_reduce,custom_graph,bfloat16,8,4096,0.006\n"
               "gpu,v,1,all_reduce,custom_eager,bfloat16,8,4096,0.05\n");
  read_measurements(folder.path(), {{"gpu"}, ""}, into);
  REQUIRE(into.decode.size() == 1);
  CHECK(into.decode[0].tokens == 1024);
  CHECK(into.decode[0].kind.kv == "fp8");
  CHECK(into.decode[0].kind.window == 128);
  REQUIRE(into.prefill.size() == 1);
  REQUIRE(into.collectives.size() == 1);
  CHECK(into.collectives[0].bytes == 8192);
}

TEST_CASE("a layer's operators add up, its norm counting twice", "[measurements]") {
  const Folder folder;
  Measurements into;
  folder.write("m/bf16/meta.yaml",
               "hardware: gpu\nvllm_version: 1.0\nmodel: maker/m\nvariant: bf16\n");
  folder.write("m/bf16/tp2/dense.csv",
               "layer,tokens,time_us\nqkv_proj,8,10\nlayernorm,8,3\nembedding,8,2\n");
  read_measurements(folder.path(), {{"gpu"}, ""}, into);
  REQUIRE(into.layers.size() == 2);
  CHECK(into.layers[0].us == 16);
  CHECK(into.layers[0].of.tensor == 2);
  CHECK(into.layers[1].part == LayerRow::Part::step);
}

TEST_CASE("times of uneven contexts are sums over the repetitions", "[measurements]") {
  const Folder folder;
  Measurements into;
  const std::string meta = "hardware: gpu\nvllm_version: 1.0\nmodel: maker/m\nvariant: bf16\n";
  folder.write("m/bf16/meta.yaml", meta + "measurement_iterations: 3\n");
  folder.write("m/bf16/tp1/skew.csv",
               "regime,n,nb,pc,kp,kv_big,kv_mean,t_mean_us,t_skew_us\n"
               "mixed,64,3,256,0,2048,584,423,486\n");
  read_measurements(folder.path(), {{"gpu"}, ""}, into);
  REQUIRE(into.spread.size() == 1);
  CHECK(into.spread[0].even_us == 141);
  CHECK(into.spread[0].batch.us == 162);
  CHECK(into.spread[0].batch.chunk == 256);
  CHECK(into.spread[0].longer == 3);
  folder.write("m/bf16/meta.yaml", meta + "measurement_iterations: none\n");
  CHECK_THROWS_AS(read_measurements(folder.path(), {{"gpu"}, ""}, into), ConfigError);
}

TEST_CASE("values that no kernel takes are refused with file, line and column", "[measurements]") {
  const auto row = [](const std::string& m, const std::string& latency) {
    return kGemm + "gpu,v,1,V,1,bfloat16," + m + ",64,64," + latency + "\n";
  };
  CHECK(says(fault_of(row("8", "-1")), "t.csv:2:30: latency = \"-1\" is not above 0"));
  CHECK(says(fault_of(row("8", "nan")), "latency = \"nan\" is not a finite number"));
  CHECK(says(fault_of(row("8", "fast")), "latency = \"fast\" is not a finite number"));
  CHECK(says(fault_of(row("8", "250000")), "no kernel reaches in this unit"));
  CHECK(says(fault_of(row("0", "1")), "m = \"0\" is no whole number from 1"));
  CHECK(says(fault_of(kGemm + "gpu,v,1\n"), "t.csv:2:1: the row has 3 fields; the header has 10"));
  CHECK(fault_of(row("8", "1")) == "no fault");
}

TEST_CASE("missing columns are named, and unknown layouts list the known ones", "[measurements]") {
  CHECK(says(fault_of("system,backend,version,gemm_dtype,m,n,latency_us\n"), "latency_us"));
  CHECK(says(fault_of("system,backend,version,gemm_dtype,m,n,latency\n"), "unknown column \"k\""));
  CHECK(says(fault_of("a,b\n1,2\n"), "gemm table (gemm_dtype)"));
  CHECK(says(fault_of(""), "is empty"));
  Measurements into;
  CHECK_THROWS_AS(read_measurements("/nowhere/at/all.csv", {{"gpu"}, ""}, into), ConfigError);
}
