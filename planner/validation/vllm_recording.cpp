#include "planner/validation/vllm_recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "traces/text_lines.hpp"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json parse(std::string_view text, const Position& at) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw ConfigError(at, "is no JSON object.");
  return json;
}

const Json& member(const Json& json, const char* key, const Position& at) {
  const auto found = json.find(key);
  if (found == json.end()) throw ConfigError(at, fmt::format("there is no \"{}\".", key));
  return *found;
}

double number(const Json& json, const char* key, const Position& at) {
  const Json& value = member(json, key, at);
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    throw ConfigError(at, fmt::format("{} = {} is not a finite number.", key, value.dump()));
  return value.get<double>();
}

std::int32_t count(const Json& json, const char* key, const Position& at) {
  const double value = number(json, key, at);
  if (value < 1 || value > 1e9 || value != std::floor(value))
    throw ConfigError(at, fmt::format("{} = {} is not a whole number from 1 to 1000000000.", key,
                                      member(json, key, at).dump()));
  return static_cast<std::int32_t>(value);
}

std::string text(const Json& json, const char* key, const Position& at) {
  const Json& value = member(json, key, at);
  if (!value.is_string())
    throw ConfigError(at, fmt::format("{} = {} is no text.", key, value.dump()));
  return value.get<std::string>();
}

/// The file, or the same compressed.
std::string plain_or_zstd(const fs::path& file) {
  return fs::exists(file) ? file.string() : file.string() + ".zst";
}

/// "0.19.0" is the profile "vllm-0.19".
std::string engine_of(const std::string& version, const Position& at) {
  const std::size_t minor = version.find('.');
  if (minor == std::string::npos)
    throw ConfigError(at, fmt::format("vllm_version = \"{}\" has no minor version.", version));
  return "vllm-" + version.substr(0, version.find('.', minor + 1));
}

std::int32_t count_or(const Json& json, const char* key, std::int32_t otherwise,
                      const Position& at) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? otherwise : count(json, key, at);
}

ServingSpec spec_of(const Json& meta, const std::string& gpu, const Position& at) {
  const Json& arguments = member(meta, "engine_kwargs", at);
  if (!arguments.is_object()) throw ConfigError(at, "engine_kwargs is no JSON object.");
  ServingSpec spec;
  spec.model = text(arguments, "model", at);
  spec.gpu = gpu;
  spec.engine = engine_of(text(meta, "vllm_version", at), at);
  const std::string dtype = text(arguments, "dtype", at);
  spec.dtype = dtype == "bfloat16" || dtype == "auto" ? "bf16" : dtype;
  spec.kv_cache_dtype = text(arguments, "kv_cache_dtype", at);
  spec.parallelism.tensor = count_or(arguments, "tensor_parallel_size", 1, at);
  spec.parallelism.pipeline = count_or(arguments, "pipeline_parallel_size", 1, at);
  spec.parallelism.data = count_or(arguments, "data_parallel_size", 1, at);
  if (arguments.value("enable_expert_parallel", false))
    spec.parallelism.expert = spec.parallelism.tensor * spec.parallelism.data;
  spec.max_num_seqs = count(arguments, "max_num_seqs", at);
  spec.max_num_batched_tokens = count(arguments, "max_num_batched_tokens", at);
  const std::int32_t longest = count_or(arguments, "max_model_len", 0, at);
  if (longest > 0) spec.max_model_len = longest;
  return spec;
}

RecordedRequest request_of(const Json& json, const Position& at, std::size_t index) {
  const std::string id = text(json, "request_id", at);
  if (id != fmt::format("bench-{}", index))
    throw ConfigError(at, fmt::format("request_id = \"{}\" where \"bench-{}\" is due.", id, index));
  RecordedRequest request;
  request.place = fmt::format("{}:{}", fs::path(at.source).filename().string(), at.line);
  request.prompt_tokens = count(json, "input_toks", at);
  request.output_tokens = count(json, "output_toks", at);
  request.queued_s = number(json, "queued_ts", at);
  request.first_token_s = number(json, "first_token_ts", at);
  request.last_token_s = number(json, "last_token_ts", at);
  if (request.first_token_s <= request.queued_s)
    throw ConfigError(at, "first_token_ts is not after queued_ts.");
  if (request.last_token_s < request.first_token_s)
    throw ConfigError(at, "last_token_ts is before first_token_ts.");
  return request;
}

std::vector<RecordedRequest> read_requests(const std::string& file) {
  std::vector<RecordedRequest> requests;
  TextLines lines(file);
  std::string_view line;
  while (lines.next(line)) {
    const Position at = lines.at(1);
    requests.push_back(request_of(parse(line, at), at, requests.size()));
  }
  if (requests.empty()) throw ConfigError(Position{file, 0, 0}, "there is no request.");
  return requests;
}

void add_blocks(const std::string& file, std::vector<RecordedRequest>& requests) {
  TextLines lines(file);
  std::string_view line;
  for (RecordedRequest& request : requests) {
    if (!lines.next(line))
      throw ConfigError(lines.at(1), fmt::format("there are {} requests, but no line for \"{}\".",
                                                 requests.size(), request.place));
    const Position at = lines.at(1);
    const Json json = parse(line, at);
    if (count(json, "input_toks", at) != request.prompt_tokens)
      throw ConfigError(at, fmt::format("input_toks differs from the {} of {}.",
                                        request.prompt_tokens, request.place));
    const Json& blocks = member(json, "block16_hashes", at);
    const bool hashes = blocks.is_array() &&
                        std::all_of(blocks.begin(), blocks.end(),
                                    [](const Json& block) { return block.is_number_unsigned(); });
    if (!hashes) throw ConfigError(at, "block16_hashes is no list of whole numbers.");
    request.blocks = blocks.get<std::vector<std::uint64_t>>();
  }
}

/// From the engine's clock, of unknown start, to seconds since the first request was queued.
void start_at_zero(std::vector<RecordedRequest>& requests) {
  double start = requests.front().queued_s;
  for (const RecordedRequest& request : requests) start = std::min(start, request.queued_s);
  for (RecordedRequest& request : requests) {
    request.queued_s -= start;
    request.first_token_s -= start;
    request.last_token_s -= start;
  }
}

}  // namespace

VllmRecording read_vllm_recording(const fs::path& folder) {
  VllmRecording recording;
  recording.name = folder.filename().string();
  const fs::path meta_file = folder / "vllm" / "meta.json";
  const Position at{meta_file.string(), 0, 0};
  std::string all;
  TextLines lines(meta_file.string());
  for (std::string_view line; lines.next(line);) all.append(line).push_back('\n');
  const Json meta = parse(all, at);
  recording.spec = spec_of(meta, recording.name.substr(0, recording.name.find('_')), at);
  recording.requests = read_requests(plain_or_zstd(folder / "vllm" / "requests.jsonl"));
  add_blocks(plain_or_zstd(folder.parent_path() / text(meta, "dataset_path", at)),
             recording.requests);
  start_at_zero(recording.requests);
  return recording;
}

}  // namespace plimsoll
