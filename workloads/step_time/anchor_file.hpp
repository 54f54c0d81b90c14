// An anchor as `plimsoll calibrate deployment` writes it: what it is for, what it rests on, how far it holds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/config/fields.hpp"
#include "workloads/step_time/anchor.hpp"

namespace plimsoll {

/// The values of an Anchor, as the file has them.
struct AnchorFigures {
  double decode_scale = 1;
  double prefill_scale = 1;
  double step_offset_s = 0;
  double prefill_floor_s = 0;
  double front_end_s = 0;
  double front_end_per_token_s = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("decode_scale", &AnchorFigures::decode_scale, "Factor of the time of decode work.",
          required, 1e-3, 10.0);
    visit("prefill_scale", &AnchorFigures::prefill_scale,
          "Factor of the time that prompt tokens add.", required, 1e-3, 10.0);
    visit("step_offset_s", &AnchorFigures::step_offset_s, "Added to every step.", required, -1.0,
          1.0);
    visit("prefill_floor_s", &AnchorFigures::prefill_floor_s, "Least time of a step that prefills.",
          0.0, 10.0);
    visit("front_end_s", &AnchorFigures::front_end_s, "Added to every request's front end.",
          required, -10.0, 10.0);
    visit("front_end_per_token_s", &AnchorFigures::front_end_per_token_s,
          "The same, per prompt token.", required, -1.0, 1.0);
  }
};

/// The deployment that was measured, by the names of the catalogue.
struct AnchoredDeployment {
  std::string model;
  std::string gpu;
  std::string engine;
  std::string dtype;
  std::int32_t tensor_parallel = 1;
  std::int32_t pipeline_parallel = 1;
  std::int32_t expert_parallel = 1;
  std::int32_t data_parallel = 1;

  friend bool operator==(const AnchoredDeployment&, const AnchoredDeployment&) = default;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &AnchoredDeployment::model, "Model.", required);
    visit("gpu", &AnchoredDeployment::gpu, "GPU.", required);
    visit("engine", &AnchoredDeployment::engine, "Serving engine.", required);
    visit("dtype", &AnchoredDeployment::dtype, "Number format.", required);
    visit("tensor_parallel", &AnchoredDeployment::tensor_parallel, "Ranks of a layer.", 1, 1024);
    visit("pipeline_parallel", &AnchoredDeployment::pipeline_parallel, "Stages.", 1, 1024);
    visit("expert_parallel", &AnchoredDeployment::expert_parallel, "Groups of experts.", 1, 1024);
    visit("data_parallel", &AnchoredDeployment::data_parallel, "Attention ranks.", 1, 1024);
  }
};

/// One measured load point and the residuals there; what was not measured is left out.
struct AnchorPoint {
  std::string measurement;
  double concurrency = 0;  ///< mean requests in flight; of an open loop, under the model
  double prompt_tokens = 0;
  double output_tokens = 0;
  std::optional<double> ttft_s;
  std::optional<double> tpot_s;
  std::optional<double> ttft_error;
  std::optional<double> tpot_error;
  std::optional<double> held_out_ttft_error;
  std::optional<double> held_out_tpot_error;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("measurement", &AnchorPoint::measurement, "File, and where in it.", required);
    visit("concurrency", &AnchorPoint::concurrency, "Mean requests in flight.", required, 0.0, 1e9);
    visit("prompt_tokens", &AnchorPoint::prompt_tokens, "Mean length of prompts.", required, 0.0,
          1e9);
    visit("output_tokens", &AnchorPoint::output_tokens, "Mean length of answers.", required, 0.0,
          1e9);
    visit("ttft_s", &AnchorPoint::ttft_s, "Measured time to the first token.", 0.0, 1e6);
    visit("tpot_s", &AnchorPoint::tpot_s, "Measured time per further token.", 0.0, 1e6);
    visit("ttft_error", &AnchorPoint::ttft_error, "Predicted / measured - 1.", -1.0, 1e6);
    visit("tpot_error", &AnchorPoint::tpot_error, "Predicted / measured - 1.", -1.0, 1e6);
    visit("held_out_ttft_error", &AnchorPoint::held_out_ttft_error,
          "The same, were this point left out of the fit.", -1.0, 1e6);
    visit("held_out_tpot_error", &AnchorPoint::held_out_tpot_error,
          "The same, were this point left out of the fit.", -1.0, 1e6);
  }
};

struct AnchorFile {
  std::string source;   ///< the measurements' tools and files
  std::string command;  ///< that fits it again
  AnchoredDeployment deployment;
  AnchorFigures anchor;
  std::optional<double> ttft_error;  ///< median |held-out error|
  std::optional<double> tpot_error;
  AnchorRange concurrency;
  AnchorRange prompt_tokens;  ///< of means
  AnchorRange output_tokens;
  std::vector<AnchorPoint> points;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("source", &AnchorFile::source, "What was measured, with what.", required);
    visit("command", &AnchorFile::command, "Command that fits it again.", required);
    visit("deployment", &AnchorFile::deployment, "What it is for.", required);
    visit("anchor", &AnchorFile::anchor, "What was fitted.", required);
    visit("ttft_error", &AnchorFile::ttft_error, "Median of held-out errors of TTFT.", 0.0, 1e6);
    visit("tpot_error", &AnchorFile::tpot_error, "Median of held-out errors of TPOT.", 0.0, 1e6);
    visit("concurrency", &AnchorFile::concurrency, "Range of validity.", required);
    visit("prompt_tokens", &AnchorFile::prompt_tokens, "Range of validity.", required);
    visit("output_tokens", &AnchorFile::output_tokens, "Range of validity.", required);
    visit("points", &AnchorFile::points, "Load points that it rests on.", required);
  }
};

/// With as many points as the file has.
Anchor anchor_of(const AnchorFile& file);
AnchorFigures figures_of(const Anchor& anchor);

/// Throws ConfigError with all faults: fields, no points, a range whose ends are reversed.
AnchorFile read_anchor(const std::filesystem::path& path);
/// The file's text.
std::string anchor_yaml(const AnchorFile& file);

}  // namespace plimsoll
