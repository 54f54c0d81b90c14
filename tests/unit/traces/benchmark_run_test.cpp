// Results of vLLM's benchmark, of guidellm, and scrapes of vLLM's metrics: what is read, and what is refused.
#include "traces/measurements/benchmark_run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

using namespace plimsoll;
using test::TemporaryFolder;

namespace {

std::string message_of(const std::function<void()>& read) {
  try {
    read();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& message, const std::string& part) {
  INFO(message);
  const bool found = message.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

std::string list(std::size_t count, const std::function<std::string(std::size_t)>& element) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + element(i);
  return text + "]";
}

constexpr const char* kSummary =
    R"({"model_id": "m", "num_prompts": 100, "completed": 98, "total_input_tokens": 98000,
        "total_output_tokens": 19600, "request_rate": RATE, "max_concurrency": CLIENTS,
        "mean_ttft_ms": 120.5, "median_ttft_ms": 100.0, "mean_tpot_ms": 14.25})";

std::string summary(const std::string& rate, const std::string& clients) {
  std::string text = kSummary;
  text.replace(text.find("RATE"), 4, rate);
  text.replace(text.find("CLIENTS"), 7, clients);
  return text;
}

/// Ten requests of which the fourth failed; the gap after the first token of request i is 10 + i ms.
std::string detailed() {
  const auto whole = [](const char* format) {
    return [format](std::size_t i) { return fmt::format(fmt::runtime(format), i); };
  };
  return R"({"completed": 9, "num_prompts": 10, "request_rate": 2.5, "max_concurrency": null,)"
         R"("input_lens": )" +
         list(10, whole("10{}")) + R"(, "output_lens": )" +
         list(10, [](std::size_t i) { return std::string(i == 3 ? "0" : "3"); }) +
         R"(, "ttfts": )" + list(10, whole("0.{}1")) + R"(, "itls": )" +
         list(10, whole("[0.01{0}, 0.01{0}]")) + R"(, "start_times": )" + list(10, whole("50.{}")) +
         R"(, "errors": )" +
         list(10, [](std::size_t i) { return std::string(i == 3 ? "\"timeout\"" : "\"\""); }) + "}";
}

std::string guidellm(const std::string& strategy, std::size_t requests) {
  return R"({"benchmarks": [{"config": {"strategy": )" + strategy +
         R"(}, "requests": {"errored": [{}], "incomplete": [], "successful": )" +
         list(requests,
              [](std::size_t i) {
                return fmt::format(
                    R"({{"prompt_tokens": {}, "output_tokens": 5, "request_start_time": {},)"
                    R"( "time_to_first_token_ms": 200.0, "inter_token_latency_ms": 30.0}})",
                    100 + i, 1000.5 - static_cast<double>(i));
              }) +
         "}}]}";
}

std::string histogram(const char* name, double count, double sum, const std::string& label = "") {
  return fmt::format(
      "# TYPE {0} histogram\n{0}_bucket{{le=\"100\"{3}}} {1}\n{0}_bucket{{le=\"1000\"{3}}} {2}\n"
      "{0}_bucket{{le=\"+Inf\"{3}}} {2}\n{0}_sum{{{4}}} {5}\n{0}_count{{{4}}} {2}\n",
      name, count / 2, count, label.empty() ? "" : "," + label, label, sum);
}

std::string scrape(double requests, double running) {
  return histogram("vllm:request_prompt_tokens", requests, requests * 400, "engine=\"0\"") +
         histogram("vllm:request_generation_tokens", requests, requests * 90) +
         histogram("vllm:time_to_first_token_seconds", requests, requests * 0.25) +
         histogram("vllm:inter_token_latency_seconds", requests * 89, requests * 89 * 0.02) +
         fmt::format("vllm:num_requests_running{{model_name=\"a \\\"b\\\"\"}} {}\n", running) +
         "vllm:num_requests_waiting 1\npython_gc_nan NaN\n";
}

}  // namespace

TEST_CASE("a summary of vllm bench serve stands for requests of the mean lengths",
          "[traces][measurements]") {
  TemporaryFolder folder;
  const auto runs = read_vllm_bench(folder.write("a.json", summary("\"inf\"", "16")));
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].requests.size() == 98);
  CHECK(runs[0].requests[7].prompt_tokens == 1000);
  CHECK(runs[0].requests[7].output_tokens == 200);
  CHECK(runs[0].concurrency == 16);
  CHECK(runs[0].ttft_s == Approx(0.1205));
  CHECK(runs[0].tpot_s == Approx(0.01425));
  CHECK(runs[0].notes.size() == 2);  // mean lengths, two failed
}

TEST_CASE("without max_concurrency a finite rate is an open loop and an infinite one a burst",
          "[traces][measurements]") {
  TemporaryFolder folder;
  const auto open = read_vllm_bench(folder.write("a.json", summary("4.0", "null")))[0];
  CHECK(open.concurrency == 0);
  CHECK(open.requests.back().start_s == Approx(97 / 4.0).epsilon(0.4));
  CHECK(read_vllm_bench(folder.write("b.json", summary("\"inf\"", "null")))[0].concurrency == 98);
}

TEST_CASE("details of vllm bench serve are read request by request, failed ones left out",
          "[traces][measurements]") {
  TemporaryFolder folder;
  const BenchmarkRun run = read_vllm_bench(folder.write("a.json", detailed()))[0];
  REQUIRE(run.requests.size() == 9);
  CHECK(run.concurrency == 0);
  CHECK(run.requests[3].prompt_tokens == 104);
  CHECK(run.requests[3].start_s == Approx(0.4));
  CHECK(run.ttft_s == Approx((0.01 * 9 + 0.1 * (45 - 3)) / 9));
  CHECK(run.tpot_s == Approx((0.010 * 9 + 0.001 * (45 - 3)) / 9 * 2 / 2));
}

TEST_CASE("results appended to one file are one run each", "[traces][measurements]") {
  TemporaryFolder folder;
  std::string line = summary("\"inf\"", "4");
  std::erase(line, '\n');
  const auto runs = read_vllm_bench(folder.write("a.jsonl", line + "\n" + line + "\n"));
  REQUIRE(runs.size() == 2);
  CHECK(runs[1].name == folder.path("a.jsonl") + ":2");
}

TEST_CASE("faults of a vllm bench result are told with file and key", "[traces][measurements]") {
  TemporaryFolder folder;
  const auto fault = [&](std::string text, const std::string& what, const std::string& with) {
    text.replace(text.find(what), what.size(), with);
    const std::string path = folder.write("a.json", text);
    return message_of([&] { read_vllm_bench(path); });
  };
  const std::string good = summary("\"inf\"", "16");
  says(fault(good, "mean_ttft_ms", "mean_ttft"), "a.json: has no \"mean_ttft_ms\"");
  says(fault(good, "14.25", "-1"), "mean_tpot_ms: -1 is no number of at least 0");
  says(fault(good, "14.25", "NaN"), "a.json:3:73: is no JSON here: \"NaN");
  says(fault(good, "14.25", "\"fast\""), "mean_tpot_ms: \"fast\" is no number");
  says(fault(good, "98,", "5,"), "5 completed requests are too few for a fit; 8 are needed");
  says(fault(good, "16", "1.5"), "max_concurrency: 1.5 is no whole number");
  says(fault(detailed(), "0.11,", "-0.5,"), "ttfts[1]: -0.5 is no number of at least 0");
  says(fault(detailed(), "\"ttfts\": [0.01, ", "\"ttfts\": ["),
       "ttfts: has 9 elements, but input_lens has 10");
  says(message_of([&] { read_vllm_bench(folder.write("e.json", "[1, 2]")); }), "is no object");
}

TEST_CASE("guidellm's strategies are open and closed loops", "[traces][measurements]") {
  TemporaryFolder folder;
  const auto read = [&](const std::string& strategy) {
    return read_guidellm(folder.write("g.json", guidellm(strategy, 12)))[0];
  };
  CHECK(read(R"({"type_": "synchronous"})").concurrency == 1);
  CHECK(read(R"({"type_": "concurrent", "streams": 6})").concurrency == 6);
  CHECK(read(R"({"type_": "throughput", "max_concurrency": null})").concurrency == 12);
  const BenchmarkRun open = read(R"({"type_": "constant", "rate": 1})");
  CHECK(open.concurrency == 0);
  CHECK(open.requests[0].start_s == 0);
  CHECK(open.requests[0].prompt_tokens == 111);  // listed last, sent first
  CHECK(open.requests[11].start_s == Approx(11));
  CHECK(open.ttft_s == Approx(0.2));
  CHECK(open.tpot_s == Approx(0.03));
  CHECK(open.notes == std::vector<std::string>{"1 errored requests are left out."});
}

TEST_CASE("faults of a guidellm report are told with file and key", "[traces][measurements]") {
  TemporaryFolder folder;
  const auto fault = [&](const std::string& text) {
    const std::string path = folder.write("g.json", text);
    return message_of([&] { read_guidellm(path); });
  };
  says(fault(guidellm(R"({"type_": "synchronous"})", 3)),
       "benchmarks[0]: 3 completed requests are too few");
  says(fault(guidellm(R"({"type_": "zigzag"})", 9)),
       "benchmarks[0].config.strategy: \"zigzag\" is unknown. Known: synchronous");
  says(fault(R"({"benchmarks": []})"), "benchmarks: holds no benchmark");
  says(fault(R"({"benchmark": []})"), "has no \"benchmarks\"");
  std::string text = guidellm(R"({"type_": "synchronous"})", 9);
  text.replace(text.find("\"output_tokens\": 5"), 18, "\"output_tokens\": 0");
  says(fault(text), "requests.successful[0].output_tokens: 0 is no number of at least 1");
}

TEST_CASE("a sweep that guidellm measured on an H100 is read whole", "[traces][measurements]") {
  const std::string path =
      test::data_path("vllm_guidellm_h100/jan20-codellama-prefill-1/guidellm-results.json.zst");
  if (path.empty()) return;
  const auto runs = read_guidellm(path);
  REQUIRE(runs.size() == 5);
  CHECK(runs[0].concurrency == 1);
  CHECK(runs[0].requests.size() == 40);
  CHECK(runs[0].tool == "guidellm 0.6.0.dev5");
  CHECK(runs[0].prefix_tokens == 1024);
  for (const BenchmarkRun& run : runs) {
    CHECK(run.ttft_s > 0.05);
    CHECK(run.tpot_s > 0.01);
    CHECK(run.tpot_s < 0.2);
  }
  CHECK(runs[2].concurrency == 0);
  CHECK(result_kind(path) == ResultKind::guidellm);
}

TEST_CASE("two scrapes tell the load between them", "[traces][measurements]") {
  TemporaryFolder folder;
  const BenchmarkRun run =
      read_scrapes(folder.write("1.txt", scrape(100, 6)), folder.write("2.txt", scrape(300, 8)));
  CHECK(run.concurrency == 8);  // (6 + 8) / 2 running and 1 waiting
  CHECK(run.ttft_s == Approx(0.25));
  CHECK(run.tpot_s == Approx(0.02));
  double prompts = 0;
  double shorter = 0;
  for (const BenchmarkRequest& request : run.requests) {
    prompts += request.prompt_tokens;
    if (request.prompt_tokens < 150) ++shorter;
  }
  const auto count = static_cast<double>(run.requests.size());
  CHECK(prompts / count == Approx(400).epsilon(0.01));
  CHECK(shorter / count == Approx(0.5).margin(0.06));
}

TEST_CASE("answers of Prometheus are scrapes too", "[traces][measurements]") {
  TemporaryFolder folder;
  const auto answer = [](double requests) {
    std::string text = R"({"status": "success", "data": {"resultType": "vector", "result": [)";
    const auto add = [&](const std::string& name, double value) {
      text += fmt::format(R"({{"metric": {{"__name__": "{}", "instance": "a:8000"}}, )"
                          R"("value": [1700000000.1, "{}"]}},)",
                          name, value);
    };
    for (const char* name :
         {"vllm:request_prompt_tokens", "vllm:request_generation_tokens",
          "vllm:time_to_first_token_seconds", "vllm:request_time_per_output_token_seconds"}) {
      add(std::string(name) + "_count", requests);
      add(std::string(name) + "_sum", requests * 2);
    }
    add("vllm:num_requests_running", 3);
    add("vllm:num_requests_waiting", 0);
    text.back() = ']';
    return text + "}}";
  };
  const std::string before = folder.write("1.json", answer(0));
  const std::string after = folder.write("2.json", answer(50));
  const BenchmarkRun run = read_scrapes(before, after);
  CHECK(run.concurrency == 3);
  CHECK(run.ttft_s == Approx(2));
  CHECK(run.requests[0].prompt_tokens == 2);
  CHECK(result_kind(after) == ResultKind::prometheus);
}

TEST_CASE("faults of scrapes are told with file and line", "[traces][measurements]") {
  TemporaryFolder folder;
  const auto fault = [&](const std::string& before, const std::string& after) {
    const std::string first = folder.write("1.txt", before);
    const std::string second = folder.write("2.txt", after);
    return message_of([&] { read_scrapes(first, second); });
  };
  says(fault(scrape(300, 6), scrape(100, 6)), "the server was restarted between the scrapes");
  says(fault(scrape(100, 6), scrape(100, 6)), "counts nothing since");
  says(fault(scrape(100, 6), scrape(104, 6)), "4 completed requests since");
  says(fault(scrape(1, 6), "vllm:num_requests_running 5\n"),
       "2.txt: has no histogram vllm:request_prompt_tokens");
  says(fault(scrape(1, 6), "a 1\n"), "holds no metric of vLLM");
  says(fault(scrape(1, 6), "# x\nvllm:y{le=\"1} 3\n"), "2.txt:2");
  says(fault(scrape(1, 6), "vllm:y NaN\n"), "vllm:y = \"NaN\" is no finite number");
}
