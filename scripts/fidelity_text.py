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
    "tokens_per_s_per_gpu": "tokens per second and GPU",
    "disaggregated_tpot_ms": "time per output token with separate prefill workers, ms",
    "disaggregated_ttft_ms": "time to first token with separate prefill workers, ms",
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
Before anchoring, steps are 2 to 4 % too short. A batch is known by its sequences and the sum of their contexts;
what contexts of different lengths add, by how many tiles keep the GPU busy, and what decoding costs in a batch
that also prefills are those of profiled batches whose lengths vary as in live ones. Left are attention's law, a
straight line in the contexts where the measured curve bends (5 to 8 % below it at 64 sequences of 500 to 1,000
tokens), and how unevenly two ranks share the experts of the mixture. Of the single requests, the time to the
first token is too short by about half a step where the engine is not full: with asynchronous scheduling a request
waits for the step that is already planned. The first one of a run took 70 ms more.
""",
        pictures=("request_tpot_ms", "request_ttft_ms"), slices=("mean_tpot_ms", "mean_ttft_ms", "mean_e2e_s")),
    "aic_silicon": SetText(
        what="""\
Mean times per output token and to the first token of TensorRT-LLM, vLLM and SGLang on H100, H200 and B200, by
model, precision, parallelism, prompt and answer length and number of clients. Each row is a closed loop of as
many simulated clients. An anchored deployment has seen two of its loads: one in the lower quartile of clients among
the loads with the longer answers, one in the upper quartile among those with the longer prompts. The rule looks at
loads only, but it was chosen from thirteen by its result on these rows: under the others the median on Hopper lay
up to 9.1 %. TensorRT-LLM's host time per step, too, was chosen on these rows.
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
gpt-oss-120b on eight H200 under SGLang, with prefill and decode on separate workers of two GPUs each in several
ratios. The runs are closed loops of vllm bench serve with the same prompts, one after another on the same
servers, so that a later run finds prompts of an earlier one in the prefix cache; consecutive runs are simulated
as one session. A ratio is a deployment; its two anchor points are those of the middle number of clients with
the shortest and with the longest prompts. The host's time and the handshake of a hand-over have no published
source: they were fitted to eight of these rows, seven of which are scored.
""",
        missed="""\
Time to the first token: the first burst of a run on two or three prefill workers takes seconds where the
computation takes a third of one, and hand-overs slow down after long prompts; neither is modelled. The ranking
compares output tokens per second of ratios under the same load: nearly all pairs in the wrong order have 1p1d
in them, whose two workers' GPUs are not documented (four each are assumed) and whose runs with answers of 7,000
tokens take up to 2.5 times as long as the sum of the contexts explains. Without it the ranking is right in 38
of 39 pairs. The note below has the figures.
""",
        pictures=("output_tokens_per_s", "tpot_ms", "ttft_ms"), slices=("output_tokens_per_s", "tpot_ms")),
    "mlperf_training": SetText(
        what="""\
Steps of Llama 3.1 405B in MLPerf Training on 256 to 8,192 H100, H200 and GB200, as tokens per second and GPU. One
efficiency per generation of GPUs (workloads/catalog/training) was fitted to these rows; how submitters cut the model is
taken from the names of their configurations.
""",
        missed="""\
From 512 to 8,192 H100 a GPU loses 11.3 % of its tokens per second as measured, 13.1 % as predicted.
""",
        pictures=("tokens_per_s_per_gpu",), slices=("tokens_per_s_per_gpu",)),
    "mlperf_inference": SetText(
        what="""\
Published results of MLPerf Inference, closed division: tokens per second of whole systems, Offline and Server.
Each submission is taken for the best of the settings that published ones share: fp8 or fp4 weights and an fp8 KV
cache, 0.95 of the memory, batches as large as it holds up to 2,048, 1,024 to 16,384 tokens per step, the fewest GPUs
that hold the model or the next number of them, cut by tensor or into two pipeline stages. AMD's run on vLLM's V0
engine, the others, where they do not name vLLM, on TensorRT-LLM.

Ranked are, within each benchmark and scenario, the systems that differ in kind or number of GPUs, all kinds
together: a system's figure is the median of its results, its prediction is not anchored, and tau counts the pairs of
all benchmarks and scenarios alike.
""",
        missed="""\
TensorRT-LLM on H100 and H200 stays too slow by 15 to 20 % with Llama 2 70B and by 40 % with Mixtral: the operator
tables were measured under vLLM, whose attention reads an fp8 KV cache of short contexts on Hopper at a third of the
bandwidth, and whose fp8 experts multiply more slowly than bf16 ones, so that block-scaled fp8 stands in for them; and
the fitted products of Llama 2 70B's widths are up to 20 % slower than the rows next to them. Pairs of MI300X with H100
and H200 systems that lie within a tenth of each other are therefore ranked by little more than chance. MI300X under
the limits of Interactive is twice too fast: the several steps that V0 schedules at once are not modelled. For
GPUs without operator tables only the ranking is meant to hold. A deployment is a GPU, engine and model, anchored to
its first Offline and first Server result, and most rows that are scored are the same hardware of another vendor: the
anchored error is largely the scatter between vendors.
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
