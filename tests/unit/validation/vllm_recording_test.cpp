#include "planner/validation/vllm_recording.hpp"

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {
namespace {

const std::string kMeta = R"({"vllm_version": "0.19.0", "dataset_path": "workloads/w.jsonl",
  "engine_kwargs": {"model": "org/m", "tensor_parallel_size": 1, "data_parallel_size": 2,
    "enable_expert_parallel": true, "max_num_seqs": 128, "max_num_batched_tokens": 2048,
    "max_model_len": null, "dtype": "bfloat16", "kv_cache_dtype": "auto"}})";
const std::string kRequests =
    "{\"request_id\": \"bench-0\", \"input_toks\": 20, \"output_toks\": 3, \"queued_ts\": 50.25, "
    "\"first_token_ts\": 50.5, \"last_token_ts\": 51.5}\n"
    "{\"request_id\": \"bench-1\", \"input_toks\": 40, \"output_toks\": 1, \"queued_ts\": 51.125, "
    "\"first_token_ts\": 52.0, \"last_token_ts\": 52.0}\n";
const std::string kWorkload = R"({"input_toks": 20, "block16_hashes": [7]}
{"input_toks": 40, "block16_hashes": [7, 9]}
)";

struct Recorded {
  std::string meta = kMeta;
  std::string requests = kRequests;
  std::string workload = kWorkload;

  VllmRecording read() const {
    const DataFolder data;
    data.write("GPU1_Model/vllm/meta.json", meta);
    data.write("GPU1_Model/vllm/requests.jsonl", requests);
    data.write("workloads/w.jsonl", workload);
    return read_vllm_recording(data.root() / "GPU1_Model");
  }
  std::string refusal() const {
    return fault_of([this] { read(); });
  }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_CASE("a recording names GPU, model, engine version and cut") {
  const VllmRecording recording = Recorded{}.read();
  CHECK(recording.name == "GPU1_Model");
  CHECK(recording.spec.gpu == "GPU1");
  CHECK(recording.spec.model == "org/m");
  CHECK(recording.spec.engine == "vllm-0.19");
  CHECK(recording.spec.dtype == "bf16");
  CHECK(recording.spec.parallelism == Parallelism{.tensor = 1, .expert = 2, .data = 2});
  CHECK(recording.spec.max_num_seqs == 128);
  CHECK_FALSE(recording.spec.max_model_len.has_value());
}

TEST_CASE("times of a recording start when its first request is queued") {
  const VllmRecording recording = Recorded{}.read();
  REQUIRE(recording.requests.size() == 2);
  const auto& [first, second] = std::tie(recording.requests[0], recording.requests[1]);
  CHECK(first.queued_s == 0);
  CHECK(first.first_token_s == 0.25);
  CHECK(first.last_token_s == 1.25);
  CHECK(second.queued_s == 0.875);
  CHECK(second.first_token_s == 1.75);
  CHECK(second.blocks == std::vector<std::uint64_t>{7, 9});
  CHECK(second.place == "requests.jsonl:2");
}

TEST_CASE("a recording that contradicts itself is refused with file and line") {
  Recorded recorded;
  SECTION("a request out of order") {
    recorded.requests = replaced(kRequests, "bench-1", "bench-7");
    CHECK(recorded.refusal().find("requests.jsonl:2") != std::string::npos);
  }
  SECTION("an end before the first token") {
    recorded.requests = replaced(kRequests, "\"last_token_ts\": 52.0", "\"last_token_ts\": 51.9");
    CHECK(recorded.refusal().find("last_token_ts") != std::string::npos);
  }
  SECTION("another prompt than the workload's") {
    recorded.workload = replaced(kWorkload, "40", "41");
    CHECK(recorded.refusal().find("w.jsonl:2") != std::string::npos);
  }
  SECTION("a workload that ends early") {
    recorded.workload = kWorkload.substr(0, kWorkload.find('\n') + 1);
    CHECK(recorded.refusal().find("there are 2 requests") != std::string::npos);
  }
  SECTION("a count that is none") {
    recorded.requests = replaced(kRequests, "\"output_toks\": 3", "\"output_toks\": 0");
    CHECK(recorded.refusal().find("output_toks") != std::string::npos);
  }
  SECTION("no request") {
    recorded.requests = "\n";
    CHECK(recorded.refusal().find("there is no request") != std::string::npos);
  }
  SECTION("no engine argument") {
    recorded.meta = replaced(kMeta, "\"max_num_seqs\": 128,", "");
    CHECK(recorded.refusal().find("max_num_seqs") != std::string::npos);
  }
  SECTION("a line that is no JSON") {
    recorded.requests += "{\"request_id\"";
    CHECK(recorded.refusal().find("requests.jsonl:3") != std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll
