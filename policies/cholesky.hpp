// Symmetric positive definite systems of a few unknowns, solved in place: of thousands of them per decision, a library
// made for large ones spends most of its time on the call.
#pragma once

#include <cmath>
#include <cstddef>

namespace plimsoll {

/// Replaces the lower half of `matrix`, n x n row by row, by its Cholesky factor.
inline void factor(double* matrix, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double rest = matrix[i * n + j];
      for (std::size_t l = 0; l < j; ++l) rest -= matrix[i * n + l] * matrix[j * n + l];
      matrix[i * n + j] = i == j ? std::sqrt(rest) : rest / matrix[j * n + j];
    }
  }
}

/// Replaces the right-hand side `x` by the solution; `matrix` as factor() leaves it.
inline void solve(const double* matrix, std::size_t n, double* x) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t l = 0; l < i; ++l) x[i] -= matrix[i * n + l] * x[l];
    x[i] /= matrix[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t l = i + 1; l < n; ++l) x[i] -= matrix[l * n + i] * x[l];
    x[i] /= matrix[i * n + i];
  }
}

}  // namespace plimsoll
