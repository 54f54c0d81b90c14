// How many KV blocks are left beside the weights.
#include "workloads/kv_capacity.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

/// Two layers of four heads, small enough to count by hand.
ModelSpec tiny() {
  return {.name = "tiny",
          .layers = 2,
          .hidden = 8,
          .heads = 4,
          .kv_heads = 2,
          .head_dim = 2,
          .intermediate = 16,
          .vocab = 10,
          .max_context = 64};
}

// per layer: hidden (query 8 + key and value 8) + query hidden 64 + three matrices of 8 x 16; then 5 norms of 8 and
// embedding and head of 8 x 10
constexpr std::int64_t kMatrices = 2 * (8 * 16 + 64 + 3 * 128);
constexpr std::int64_t kOther = 5 * 8 + 2 * 80;

}  // namespace

TEST_CASE("weights count every matrix once, and fp8 halves only the layers' matrices", "[kv]") {
  CHECK(weight_bytes(tiny(), quantization_of(Precision::bf16)).count() == 2 * (kMatrices + kOther));
  CHECK(weight_bytes(tiny(), quantization_of(Precision::fp8)).count() == kMatrices + 2 * kOther);
}

TEST_CASE("KV heads are shared out among ranks until each holds one", "[kv]") {
  // keys and values of 2 layers, 2 bytes each, head_dim 2: 16 bytes for each KV head
  CHECK(kv_bytes_per_token(tiny(), {}, 1).count() == 32);
  CHECK(kv_bytes_per_token(tiny(), {}, 2).count() == 16);
  CHECK(kv_bytes_per_token(tiny(), {}, 4).count() == 16);
}

TEST_CASE("KV blocks fill exactly what weights and reserve leave", "[kv]") {
  const std::int64_t weights = 2 * (kMatrices + kOther);
  MemoryPlan plan{.gpu_memory = Bytes{2 * (weights + 100 + 5 * 4 * 32)},
                  .utilization = 0.5,
                  .reserve = Bytes{100},
                  .block_size = 4,
                  .max_model_len = 20};
  KvCapacity capacity = kv_capacity(tiny(), plan);
  CHECK(capacity.blocks == 5);
  CHECK(capacity.blocks_needed == 5);
  CHECK(capacity.fits());
  CHECK(capacity.needed() == capacity.usable);

  plan.gpu_memory = plan.gpu_memory - Bytes{2};
  capacity = kv_capacity(tiny(), plan);
  CHECK(capacity.blocks == 4);
  CHECK_FALSE(capacity.fits());
  CHECK(capacity.needed() - capacity.usable == Bytes{1});
}

TEST_CASE("a model larger than the memory leaves no blocks and says what it needs", "[kv]") {
  const KvCapacity capacity = kv_capacity(tiny(), {.gpu_memory = Bytes{1000}, .max_model_len = 1});
  CHECK(capacity.blocks == 0);
  CHECK_FALSE(capacity.fits());
  CHECK(capacity.needed() > capacity.usable);
}
