#include "sim/replica_setup.hpp"

namespace plimsoll {

ReplicaSetup replica_setup(const ServingDeployment& deployment) {
  ReplicaSetup setup;
  setup.step_time = deployment.step_time;
  setup.scheduler = deployment.scheduler;
  setup.ranks = deployment.parallelism.data;
  setup.front_end = deployment.front_end;
  setup.front_end_per_token_s = deployment.front_end_per_token_s;
  setup.hand_over = deployment.hand_over;
  setup.hand_over_per_token_s = deployment.hand_over_per_token_s;
  setup.decode_reserve_tokens = deployment.decode_reserve_tokens;
  setup.max_num_seqs = deployment.max_num_seqs;
  setup.max_num_batched_tokens = deployment.max_num_batched_tokens;
  setup.block_tokens = deployment.block_size;
  setup.kv_blocks = deployment.kv_blocks;
  setup.measured = deployment.measured;
  return setup;
}

}  // namespace plimsoll
