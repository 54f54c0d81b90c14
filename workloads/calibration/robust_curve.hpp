// Robust fits of formulas with a few parameters: damped Gauss-Newton under Huber's loss.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace plimsoll {

/// A parameter's first guess and the bounds that it stays within.
struct Parameter {
  double start = 0;
  double least = 0;
  double most = 0;
};

/// Parameters that make `residual(row, parameters)` (dimensionless, a logarithm of predicted / measured) small over the
/// rows; beyond `huber` a residual counts linearly. Derivatives by differences. Deterministic. No rows: the starts.
std::vector<double> fit_parameters(
    const std::vector<Parameter>& parameters, std::size_t rows,
    const std::function<double(std::size_t, const std::vector<double>&)>& residual, double huber);

}  // namespace plimsoll
