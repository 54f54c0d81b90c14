// The central ones of equally good shares of time.
#include "policies/central_shares.hpp"

#include <numeric>

#include "tests/catch.hpp"

namespace plimsoll {

namespace {

Shares central(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus) {
  const BestShares best = best_shares(classes, gpus);
  return central_shares(classes, gpus, best, best.level);
}

}  // namespace

TEST_CASE("a job that gains the same from several kinds gets the same of each",
          "[policies][scheduling]") {
  const Shares shares = central({{1, 1, {1, 1, 1}}}, {4, 4, 4});
  for (const double share : shares[0]) CHECK(share == Approx(1.0 / 3).margin(1e-3));
}

TEST_CASE("GPUs that the worst-off need not have go to the others, though no vertex says so",
          "[policies][scheduling]") {
  // A single job can be no better off than with all its time; a gang of four is as well off with a quarter of it.
  const std::vector<LikeJobs> classes{{1, 1, {1}}, {1, 4, {4}}};
  const Shares shares = central(classes, {8});
  CHECK(shares[0][0] == Approx(1).margin(1e-5));
  // The slacks of the gang: x, 1 - x, 4 x - 1, 8 - 1 - 4 x; their product is largest at x = 0.6654.
  CHECK(shares[1][0] == Approx(0.6654).margin(1e-3));
}

TEST_CASE("central shares keep all rules, and nobody is worse off than at the best vertex",
          "[policies][scheduling]") {
  const std::vector<double> gpus{6, 5, 4};
  const std::vector<LikeJobs> classes{{3, 1, max_min_rates({1, 2, 3}, 1, 1, gpus)},
                                      {2, 4, max_min_rates({2, 2, 9}, 4, 1, gpus)},
                                      {4, 2, max_min_rates({0, 1, 1}, 2, 5, gpus)},
                                      {1, 1, max_min_rates({0, 0, 0}, 1, 1, gpus)}};
  const BestShares best = best_shares(classes, gpus);
  const Shares shares = central_shares(classes, gpus, best, best.level);
  for (std::size_t k = 0; k < gpus.size(); ++k) {
    double used = 0;
    for (std::size_t c = 0; c < classes.size(); ++c)
      used += classes[c].jobs * classes[c].gpus * shares[c][k];
    CHECK(used <= gpus[k]);
  }
  for (std::size_t c = 0; c < 3; ++c) {
    for (const double share : shares[c]) CHECK(share >= 0);
    CHECK(std::accumulate(shares[c].begin(), shares[c].end(), 0.0) <= 1);
    CHECK(std::inner_product(shares[c].begin(), shares[c].end(), classes[c].rate.begin(), 0.0) >=
          best.level * (1 - 1.1e-6));
  }
  CHECK(shares[2][0] == 0);
  CHECK(shares[3] == std::vector<double>{0, 0, 0});
}

TEST_CASE("a level below the best leaves room that is shared out, too", "[policies][scheduling]") {
  const std::vector<LikeJobs> classes{{1, 1, {1}}};
  const BestShares best = best_shares(classes, {2});
  // x, 1 - x, x - 1/2, 2 - x: the largest product.
  CHECK(central_shares(classes, {2}, best, 0.5)[0][0] == Approx(0.7655).margin(1e-3));
}

}  // namespace plimsoll
