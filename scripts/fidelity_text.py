"""What docs/fidelity.md says around its tables and pictures: the levels, and each set in words."""

from typing import NamedTuple


class SetText(NamedTuple):
    what: str  # what was measured, and how it is compared
    missed: str  # what the models miss, and which term
    pictures: tuple  # metrics with a picture
    slices: tuple  # metrics with a table by slice
    by_load: tuple = ()  # metrics whose errors are drawn against the number of clients


METRICS = {
    "tpot_ms": "time per output token, ms",
    "ttft_ms": "time to first token, ms",
    "mean_ttft_ms": "mean time to first token, ms",
    "p50_ttft_ms": "median time to first token, ms",
    "p90_ttft_ms": "p90 time to first token, ms",
    "p99_ttft_ms": "p99 time to first token, ms",
    "request_ttft_ms": "time to first token of a request, ms",
    "mean_tpot_ms": "mean time per output token, ms",
    "p50_tpot_ms": "median time per output token, ms",
    "p90_tpot_ms": "p90 time per output token, ms",
    "p99_tpot_ms": "p99 time per output token, ms",
    "request_tpot_ms": "time per output token of a request, ms",
    "mean_e2e_s": "mean latency, s",
    "p50_e2e_s": "median latency, s",
    "p90_e2e_s": "p90 latency, s",
    "p99_e2e_s": "p99 latency, s",
    "request_e2e_s": "latency of a request, s",
    "step_period_ms": "step period, ms",
    "pass_ms": "forward pass, ms",
    "power_w": "power of all GPUs, W",
    "j_per_token": "energy per output token, J",
    "itl_p50_ms": "median inter-token latency, ms",
    "itl_p99_ms": "p99 inter-token latency, ms",
    "output_tokens_per_s": "output tokens per second",
    "system_tokens_per_s": "output tokens per second of a system",
    "token_ms": "token time, ms",
    "prompt_ms": "prompt time, ms",
}

LEVELS = """# How far the serving models are from measurements

This page is made by `scripts/fidelity.sh` from what `plimsoll validate serving --json` shows; it is not written by
hand. The measurements were made and published by others and are not part of the project: `$PLIMSOLL_DATA` names their
folder.

```sh
PLIMSOLL_DATA=/path/to/data plimsoll validate serving          # one table
PLIMSOLL_DATA=/path/to/data scripts/fidelity.sh                # this page
```

Each prediction has a **level**, which says what it rests on:

- **datasheet**: the GPU's rates and usual shares of them. Nothing was measured on that GPU.
- **operator tables**: laws fitted to measured matrix products, attention, experts and collectives of that GPU, and the
  host time of the engine's version. No measurement of the deployment itself.
- **anchored**: the same, and at most two measured load points of the deployment, which correct its scale and its
  offset. These points are not scored. In the tables "catalogue" stands for the first two levels.

An error is predicted / measured - 1. *median* and *p90* are of its size, *signed* is the median of the error itself:
below zero the model is too fast. A star marks slices that rest on a measurement of something else (another GPU, model
or a larger size), which every output of the program says as well.
"""

SETS = {
    "vllm_requests": SetText(
        what="""\
Recorded runs of vLLM 0.19 on RTX PRO 6000 with the times of each request. The requests, with their recorded
prefixes, are sent to one simulated replica of the same deployment when the engine's scheduler had them, and
times count from then. A run is one deployment under one load that rises, stays and falls. It is anchored to the
mean time per output token of two groups of requests: the first tenth, while the engine fills up, and the tenth
in the middle, when it is full. The other eight tenths are scored.
""",
        missed="""\
Before anchoring, two terms are missing, both in attention. Sequences of a batch differ in length, and one long
sequence keeps a kernel that does not split the KV cache busy after the others are done: up to 30 % of attention
between 33 and 80 sequences, 6 % at 128. The step-time model knows the sum of the contexts and not the longest.
And in mixed batches a KV token costs 1.4 times as much as in pure ones at 32 sequences and 2 times at 128,
which the law holds for one factor. Of the single requests, the time to the first token is too short by about
half a step where the engine is not full: with asynchronous scheduling a request waits for the step that is
already planned. The first one of a run took 70 ms more.
""",
        pictures=("request_tpot_ms", "request_ttft_ms"), slices=("mean_tpot_ms", "mean_ttft_ms", "mean_e2e_s")),
    "aic_silicon": SetText(
        what="""\
Mean times per output token and to the first token of TensorRT-LLM, vLLM and SGLang on H100, H200 and B200, by
model, precision, parallelism, prompt and answer length and number of clients. Each row is a closed loop of as
many simulated clients. An anchored deployment has seen two of its loads: one in the lower quartile of clients among
the loads with the longer answers, one in the upper quartile among those with the longer prompts. The rule looks at
loads only, but it was chosen from thirteen by its result on these rows: under the others the median on Hopper lay
between 4.5 and 9.1 %. TensorRT-LLM's host time per step, too, was chosen on these rows.
""",
        missed="""\
Time to the first token depends on details that the rows do not state: how prompts are timed, queued and
admitted. Its errors are largest at high loads, where it is mostly queueing. Mixtures in block-scaled fp8 and
nvfp4 stand out in the operator tables: their kernels differ between the engines, and only one engine's were
measured.
""",
        pictures=("tpot_ms", "ttft_ms"), slices=("tpot_ms", "ttft_ms"), by_load=("tpot_ms", "ttft_ms")),
    "pd_ratio_h200": SetText(
        what="""\
gpt-oss-120b on eight H200 under SGLang, with prefill and decode on separate workers in several ratios, at
several request rates and lengths.
""",
        missed="""\
Time to the first token is far too short: it contains the hand-over between workers and the queues before them,
of which the data record nothing but the sum. The data do not state the tensor parallelism of the workers: they
are taken to share the eight GPUs evenly.
""",
        pictures=("output_tokens_per_s", "tpot_ms", "ttft_ms"), slices=()),
    "mlperf_inference": SetText(
        what="""\
Published results of MLPerf Inference, closed division: tokens per second of whole systems, Offline and Server.
The submissions are tuned by their vendors and say little about how, so rankings between systems count besides
figures.
""",
        missed="""\
Before anchoring the models are too slow: submissions use batches, kernels and formats that the defaults of the
engines do not. For GPUs without operator tables only the ranking is meant to hold. A deployment is a GPU, engine
and model, anchored to its first Offline and first Server result, and most rows that are scored are the same hardware
of another vendor: the anchored error is largely the scatter between vendors. The mean prompt lengths of Llama 2 70B
and Mixtral are estimates, since none is published.
""",
        pictures=("output_tokens_per_s",), slices=("output_tokens_per_s",)),
    "vllm_steps_h100": SetText(
        what="""\
Sampled engine steps of vLLM 0.15.1 on H100. The measured period is the time between two sampled steps over the
number of steps between them. The first step's batch is known; the others are taken to decode what runs half-
way. A point that anchors is the median of a twentieth of the steps, those at the 20th (80th) percentile of
batch sizes.
""",
        missed="""\
The steps of one deployment scatter by about 1 % around any function of the batch, so little is left to explain.
Unanchored, the host's time per layer is the term that is off: 26 us a layer were measured on another model, 16
here.
""",
        pictures=("step_period_ms",), slices=("step_period_ms",)),
    "fpm_b200_gptoss": SetText(
        what="""\
Forward passes of TensorRT-LLM on B200 that only prefill gpt-oss-120b in mxfp4: wall time against the number of
prompts, their tokens and those cached. A point that anchors is the median of a twentieth of the passes, those
at the 20th (80th) percentile of prompt tokens.
""",
        missed="""\
The data scatter more than the target allows. Passes of the same shape took between 27 and 60 ms: with fewer
than 2,000 tokens the GPU's part is a fifth of the wall time, and what the host does in the rest is not
recorded. The notes below state how far a pass is from the median of its neighbours; no model of the shape goes
much below that. Beyond 8,000 tokens, where the GPU dominates, the anchored errors are in line with other sets.
""",
        pictures=("pass_ms",), slices=("pass_ms",)),
    "ml_energy": SetText(
        what="""\
Runs of vLLM on H100 and B200 with a fixed limit of running requests: power of the GPUs, energy per output
token, inter-token latency and throughput, for text tasks. A steady load is computed from the step-time model:
prompts join steps at random as answers end. Prompt lengths are not in the data; they are estimated per task,
and the throughput of the anchor points corrects their weight. A deployment is anchored to two of its batch
sizes, in latency, throughput and power.
""",
        missed="""\
The power curves of the catalogue were fitted to rows of this set, so power before anchoring is no independent
prediction; neither is the host time of vLLM 0.11 per layer and sequence. The largest errors of latency are of
mixtures at large batches on several GPUs, where experts are exchanged between GPUs, and of code completion,
where half of the steps prefill and prompts differ most in length. The p99 of latency is reported and not aimed
at: it is made of bursts of prompts, about which the data say nothing.
""",
        pictures=("power_w", "j_per_token", "itl_p50_ms"),
        slices=("power_w", "j_per_token", "itl_p50_ms", "itl_p99_ms")),
    "splitwise_perf": SetText(
        what="""\
Token and prompt times of vLLM of late 2023, Llama 2 70B and BLOOM 176B on A100 and H100. Repetitions count as
one row. BLOOM's attention and MLP are taken for those of the same widths and weights. Rows with a power cap are
copies of others with scaled prompt times and are left out, as are the prompt times of larger batches, which
that version cut up.
""",
        missed="""\
That engine spent about 20 ms of every step, and 0.2 ms more per sequence, between steps in Python. So these
rows say little about GPUs. At 64 sequences token times jump by another 10 ms or more, because steps that
prefill are counted in. Prompt times are reported and not aimed at.
""",
        pictures=("token_ms",), slices=("token_ms", "prompt_ms")),
}
