// plimsoll calibrate operators: the laws of a GPU's operators from tables of measured kernels, layers and power.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/calibrate.hpp"
#include "core/config/yaml.hpp"
#include "core/config/yaml_writer.hpp"
#include "core/error.hpp"
#include "core/portable_math.hpp"
#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"
#include "traces/measurements/measurement_files.hpp"
#include "workloads/calibration/operator_calibration.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr const char* kLatentModel = "deepseek-v3";  // whose widths tables of latent attention have

Options declare() {
  Options options(
      "calibrate operators --gpu NAME MEASUREMENTS... --out FILE",
      "Fits the laws of a GPU's operators to measurements (files, or folders with all that is\n"
      "below them) and writes a calibration. Files may be in the layout of aiconfigurator's perf\n"
      "tables (scripts/measure_gpu.py writes it), LLMServingSim's layer profiles or ML.ENERGY's\n"
      "configurations, as .csv or .csv.zst. Errors are of configurations held out of the fits.");
  options.add()("gpu", po::value<std::string>()->value_name("NAME"), "GPU of the catalogue")(
      "out,o", po::value<std::string>()->value_name("FILE"), "calibration to write")(
      "system", po::value<Words>()->value_name("NAME"),
      "name of the GPU in the measurements; may be repeated; default: the catalogue's")(
      "origin", po::value<Words>()->value_name("FOLDER=TEXT"),
      "where the measurements in that folder are from, and their licence; may be repeated")(
      "catalog", po::value<Words>()->value_name("DIR"), "further catalogue folders");
  options.positionals("measurements", "files or folders");
  return options;
}

const std::string& required_option(const Options& options, const char* name) {
  if (!options.given(name))
    throw ConfigError(Position{}, fmt::format("--{} is missing. See plimsoll calibrate operators "
                                              "--help.",
                                              name));
  return options.get(name);
}

/// The origin whose folder is a part of the path.
std::string origin_of(const fs::path& path, const Words& origins) {
  for (const std::string& origin : origins) {
    const std::size_t equals = origin.find('=');
    if (equals == std::string::npos || equals == 0)
      throw ConfigError(Position{"--origin " + origin}, "is not FOLDER=TEXT.");
    const std::string folder = origin.substr(0, equals);
    for (const fs::path& part : fs::absolute(path))
      if (part == folder) return origin.substr(equals + 1);
  }
  return {};
}

Measurements read_all(const Words& paths, const Words& systems, const Words& origins) {
  Measurements measurements;
  for (const std::string& path : paths)
    for (const MeasurementReport& report :
         read_measurements(path, {systems, origin_of(path, origins)}, measurements)) {
      if (report.layout.empty()) {
        std::cerr << fmt::format("{}: not used: columns of no known layout\n", report.path);
        continue;
      }
      std::cerr << fmt::format(
          "{}: {}: {} rows taken, {} of other GPUs, {} of kinds without a law\n", report.path,
          report.layout, report.taken, report.other_systems, report.other_kinds);
    }
  return measurements;
}

/// As typed, with the folder of the measured data under its variable's name.
std::string command_text(const Words& line) {
  const char* data = std::getenv("PLIMSOLL_DATA");
  std::string text = "plimsoll";
  for (std::size_t i = 1; i < line.size(); ++i) {
    std::string word = line[i];
    if (data && *data && word.starts_with(data))
      word.replace(0, std::string(data).size(), "$PLIMSOLL_DATA");
    text += word.find_first_of(" ()") == std::string::npos ? " " + word : " \"" + word + '"';
  }
  return text;
}

std::string range_of(const FittedGrid& grid) {
  Words ranges;
  for (const GridAxis& axis : grid.axes)
    if (axis.knots.size() > 1)
      ranges.push_back(
          fmt::format("{} {:.6g}-{:.6g}", axis.name, axis.knots.front(), axis.knots.back()));
  return fmt::format("{}", fmt::join(ranges, ", "));
}

void print_law(const std::string& name, const FitQuality& quality, const std::string& range) {
  if (quality.rows == 0) {
    std::cout << fmt::format("{:<34} {:>7}  {:>6}  {:>6}  {}\n", name, "-", "-", "-", "datasheet");
    return;
  }
  std::cout << fmt::format("{:<34} {:>7}  {:>5.1f}%  {:>5.1f}%  {}\n", name, quality.rows,
                           100 * quality.median_error, 100 * quality.p90_error, range);
}

std::string kind_text(const AttentionKind& kind) {
  return fmt::format("{} {}{}", kind.kv, kind.head_dim,
                     kind.window > 0 ? fmt::format(" window {}", kind.window) : "");
}

std::string mixed_text(const DecodeAttentionLaw& law) {
  if (law.mixed_read.axes.empty()) return "";
  const auto [least, most] =
      std::minmax_element(law.mixed_read.log_factors.begin(), law.mixed_read.log_factors.end());
  return fmt::format(", mixed x{:.2f}-{:.2f}", portable::exp(*least), portable::exp(*most));
}

void print_laws(const Calibration& calibration) {
  const OperatorLaws& laws = calibration.laws;
  std::cout << fmt::format("{:<34} {:>7}  {:>6}  {:>6}  {}\n", "law", "rows", "median", "p90",
                           "range");
  for (const auto& [name, law] : laws.gemm)
    print_law("gemm " + name, law.quality, range_of(law.grid));
  for (const DecodeAttentionLaw& law : laws.decode_attention)
    print_law("decode attention " + kind_text(law.kind), law.quality,
              range_of(law.base_us) + mixed_text(law));
  for (const PrefillAttentionLaw& law : laws.prefill_attention)
    print_law("prefill attention " + kind_text(law.kind), law.quality, range_of(law.slowdown));
  for (const LatentAttentionLaw& law : laws.latent_attention)
    print_law("latent attention " + law.kv, law.quality, range_of(law.decode_base_us));
  for (const auto& [name, law] : laws.mixture)
    print_law("mixture " + name, law.quality, range_of(law.grid));
  for (const CollectiveLaw& law : laws.collectives)
    print_law(fmt::format("{} of {}", law.operation, law.gpus), law.quality, range_of(law.time_us));
  for (const LayerCurve& law : laws.layer_curves)
    print_law(fmt::format("layer {} {} tp{}", law.model, law.dtype, law.tensor), law.quality,
              range_of(law.layer_us));
  for (const PowerCoefficients& law : calibration.power)
    print_law(fmt::format("power {} {} x{}", law.model, law.dtype, law.tensor_parallel),
              law.quality, "");
}

/// Errors of whole predictions are stated by validation: those of a file that is written again stay.
void keep_errors(const std::string& file, Calibration& calibration) {
  if (!fs::exists(file)) return;
  const std::string text = read_text_file(file);
  calibration.errors =
      read_calibration({"calibrations", calibration.name, text, parse_yaml(text, file)}).errors;
}

void write(const Calibration& calibration, const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  out << "# Operator laws of " << calibration.name
      << ", fitted by `plimsoll calibrate operators`.\n"
      << to_yaml(write_calibration(calibration));
  out.close();
  if (!out) throw IoError(file + ": could not be written");
}

}  // namespace

int calibrate_operators_command(const Call& call) {
  Options options = declare();
  if (!options.parse(call.words)) return 0;
  const std::string gpu = required_option(options, "gpu");
  const std::string out = required_option(options, "out");
  const Words folders = options.get_or<Words>("catalog", {});
  const auto roots = catalog_roots({folders.begin(), folders.end()}, fs::current_path());
  HardwareCatalog hardware(roots);
  WorkloadCatalog workloads(roots);
  const GpuSpec spec = hardware.gpu(gpu, Position{"--gpu"});
  const ModelLookup lookup = [&](const std::string& name) -> std::optional<ModelSpec> {
    try {
      return workloads.model(name, Position{});
    } catch (const ConfigError&) {
      return std::nullopt;
    }
  };
  const std::optional<ModelSpec> latent = lookup(kLatentModel);
  const Measurements measurements =
      read_all(options.get<Words>("measurements"), options.get_or<Words>("system", {spec.name}),
               options.get_or<Words>("origin", {}));
  Calibration calibration = calibrate_operators(
      measurements, spec, lookup,
      latent && latent->latent_attention ? *latent->latent_attention : LatentAttentionSpec{});
  calibration.command = command_text(call.line);
  keep_errors(out, calibration);
  write(calibration, out);
  print_laws(calibration);
  return 0;
}

}  // namespace plimsoll::cli
