// The part of the page about serving pools: tiles, tables, distributions and the course over time.

// ---- the charts of a pool ----
const names = {ttft: "TTFT", itl: "ITL", tpot: "TPOT", e2e: "E2E"};
const meanings = {ttft: "arrival to first token", itl: "every gap between tokens", tpot: "mean gap of a request", e2e: "arrival to last token"};
const colors = {ttft: "var(--c1)", itl: "var(--c3)", tpot: "var(--c2)", e2e: "var(--c4)"};

/** The share of values at or below `value`, from the drawn points. */
function shareBelow(points, value) {
  let low = 0, high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle] <= value) low = middle + 1; else high = middle;
  }
  if (low === 0) return 0;
  if (low === points.length) return 1;
  const part = (value - points[low - 1]) / (points[low] - points[low - 1]);
  return run.cdf_shares[low - 1] + part * (run.cdf_shares[low] - run.cdf_shares[low - 1]);
}
function distributionChart(pool) {
  const drawn = Object.keys(names).filter(name => pool.curves_s[name].length);
  if (!drawn.length) return html("p", {class: "soft"}, "No request was completed.");
  const marks = ["ttft", "tpot"].filter(name => pool.metrics[`slo_${name}_s`].value !== null).map(name => ({
    x: pool.metrics[`slo_${name}_s`].value, color: colors[name], name: `${names[name]} objective ${tickLatency(pool.metrics[`slo_${name}_s`].value)}`}));
  const floor = 1e-6;
  const positive = drawn.flatMap(name => pool.curves_s[name]).concat(marks.map(mark => mark.x)).map(value => Math.max(value, floor));
  const from = Math.min(...positive) * 0.9, to = Math.max(...positive) * 1.1;
  return chart({
    label: `Latency distributions of pool ${pool.name}: ` + drawn.map(name => `${names[name]} median ${shown(pool.metrics[`${name}_p50_s`], latency)}`).join(", "),
    height: 320, keys: Array.from({length: 41}, (_, i) => from * (to / from) ** (i / 40)),
    x: {from, to, log: true, ticks: most => logTicks(from, to, most), text: tickLatency},
    y: {top: 1, tick: value => Math.round(value * 100) + "\u00a0%"},
    series: drawn.map(name => ({name: `${names[name]} (${meanings[name]})`, color: colors[name], x: pool.curves_s[name], y: run.cdf_shares})),
    marks,
    tip: value => ["within " + latency(value), drawn.map(name => [colors[name], `${names[name]}  ${share(shareBelow(pool.curves_s[name], value))}`])],
  });
}
function timeChart(pool, what, series, y) {
  const line = pool.time_line, end = line.time_s[line.time_s.length - 1];
  const peak = Math.max(...series.flatMap(each => line[each.key]));
  const step = niceStep(peak || 1, 3);
  const top = y.top || Math.ceil((peak || 1) / step) * step;
  const drains = run.horizon_s > 0 && run.horizon_s < end * 0.995;
  const row = value => {
    const i = line.time_s.findIndex(time => time >= value);
    return i < 0 ? line.time_s.length - 1 : i;
  };
  return chart({
    label: `${what} of pool ${pool.name} over time: ` + series.map(each => `${each.name} up to ${y.text(Math.max(...line[each.key]))}`).join(", "),
    height: 170, keys: line.time_s,
    x: {from: 0, to: end, ticks: most => timeTicks(end, most), text: value => timeLabel(value, end)},
    y: {top, tick: y.top ? y.text : value => value >= 1000 ? count(value) : round(value)},
    series: series.map(each => ({name: each.name, color: each.color, x: line.time_s, y: line[each.key]})),
    marks: drains ? [{x: run.horizon_s, name: what === "Load" ? "arrivals end" : "", color: "var(--soft)"}] : [],
    tip: value => [duration(line.time_s[row(value)]), series.map(each => [each.color, `${each.name}  ${y.text(line[each.key][row(value)])}`])],
  });
}
function timeCharts(pool) {
  if (!pool.time_line.time_s.length) return [html("p", {class: "soft"}, "No time passed.")];
  const percent = value => (value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0) + "\u00a0%";
  return [
    html("h3", {}, "Load, requests per second"),
    timeChart(pool, "Load", [{key: "arrived_per_s", name: "arrived", color: "var(--c1)"}, {key: "completed_per_s", name: "completed", color: "var(--c2)"}], {text: number}),
    html("h3", {}, "Requests in the engines"),
    timeChart(pool, "Requests", [{key: "queued", name: "queued", color: "var(--c2)"}, {key: "running", name: "running", color: "var(--c3)"},
      ...(pool.prefill_replicas ? [{key: "transferring", name: "between prefill and decode", color: "var(--c4)"}] : [])], {text: number}),
    html("h3", {}, "Share of time busy, share of KV cache in use"),
    timeChart(pool, "Use", [{key: "utilization_share", name: "replicas busy", color: "var(--c1)"}, {key: "kv_use_share", name: "KV cache", color: "var(--c4)"}], {top: 1, text: percent}),
  ];
}

// ---- tables ----
function intervalText(metric) {
  if (metric.low === undefined && metric.high === undefined) return "";
  const [size] = latencyUnit(metric.value), end = value => value === undefined ? ".." : number(value / size);
  return `${end(metric.low)} to ${end(metric.high)}`;
}
function latencyTable(metrics) {
  const cell = metric => metric.value === null
    ? html("td", {}, html("span", {class: "soft small"}, metric.absent))
    : html("td", {}, latency(metric.value), html("div", {class: "soft small interval"}, intervalText(metric)));
  return html("div", {class: "wide"}, html("table", {},
    html("thead", {}, html("tr", {}, ...["Latency", "p50", "p90", "p99"].map(text => html("th", {scope: "col"}, text)))),
    html("tbody", {}, ...Object.keys(names).map(name => html("tr", {},
      html("th", {scope: "row"}, names[name], html("div", {class: "soft small"}, meanings[name])),
      ...["p50", "p90", "p99"].map(quantile => cell(metrics[`${name}_${quantile}_s`])))))));
}
// How far the figures may be off: by chance, by the model, and where nothing was measured.
function errorTable(metrics, level, extrapolations) {
  const error = metrics.step_time_error_share, tail = metrics.step_time_error_p90_share, rows = [];
  const row = (name, ...text) => rows.push(html("tr", {}, html("th", {scope: "row"}, name), html("td", {class: "left"}, ...text)));
  row("Chance", "small figures: 95 % interval over completed requests; correlation over time is allowed for");
  row("Model", html("span", {}, level ? `calibration level "${level}": ` : ""),
    error.value === null ? `error of step times ${error.absent}`
      : `step times err by a median of ${share(error.value)}` + (tail.value === null ? "" : `, 90th percentile ${share(tail.value)}`) + "; the intervals do not hold it");
  const beyond = (extrapolations || "").split("\n").filter(Boolean);
  if (beyond.length) row("Beyond", ...beyond.map(line => html("div", {class: line.startsWith("extrapolating") ? "warn" : ""}, line)));
  return html("div", {class: "wide"}, html("table", {class: "small errors"}, html("tbody", {}, ...rows)));
}
function lines(metrics) {
  const m = metrics, rows = [];
  const row = (name, ...text) => rows.push(html("tr", {}, html("th", {scope: "row"}, name), html("td", {class: "left"}, text.filter(Boolean).join("; "))));
  row("Requests", `${shown(m.requests_arrived, count)} arrived`, `${shown(m.requests_completed, count)} completed`,
    `${shown(m.requests_rejected, count)} rejected`, `${shown(m.requests_unfinished, count)} unfinished`);
  if (m.slo_attainment_share.value === null) row("Objectives", m.slo_attainment_share.absent);
  else row("Objectives", `${shown(m.slo_attainment_share, share)} of arrived requests met every one`,
    ...["ttft", "tpot"].filter(name => m[`slo_${name}_attainment_share`].value !== null).map(name =>
      `${names[name]} ${m[`slo_${name}_s`].value === null ? "of its pool" : "\u2264 " + tickLatency(m[`slo_${name}_s`].value)}: ${shown(m[`slo_${name}_attainment_share`], share)}`),
    `goodput ${shown(m.goodput_requests_per_s, number)} of ${shown(m.requests_per_s, number)} completed requests/s`);
  row("Load", `${shown(m.prompt_tokens_per_s, number)} prompt tokens/s`, `${shown(m.output_tokens_per_s, number)} output tokens/s`,
    `mean batch ${shown(m.batch_mean_requests, number)} requests`);
  row("KV cache", m.kv_use_mean_share.value !== null && `${share(m.kv_use_mean_share.value)} in use on average`, `${shown(m.kv_use_peak_share, share)} at the fullest`,
    `${shown(m.preemptions, count)} preemptions`);
  if (m.kv_transfer_mean_s.value !== null)
    row("KV transfer", `from prefill to decode replica ${latency(m.kv_transfer_mean_s.value)} on average, p99 ${shown(m.kv_transfer_p99_s, latency)}`,
      `before it, waiting for blocks ${latency(m.kv_transfer_wait_mean_s.value)} on average, p99 ${shown(m.kv_transfer_wait_p99_s, latency)}`);
  row("GPUs", `${shown(m.pool_gpus, count)} serving, in an iteration ${shown(m.gpu_utilization_share, share)} of the time`,
    m.provisioned_gpus.value !== m.pool_gpus.value && `of all ${shown(m.provisioned_gpus, count)} in the cluster ${shown(m.provisioned_gpu_utilization_share, share)}`);
  row("Cost", shown(m.cost_usd, usd), `${shown(m.cost_usd_per_million_output_tokens, usd)} per million output tokens`,
    `${shown(m.cost_usd_per_million_total_tokens, usd)} per million tokens in all`);
  row("Energy", `${shown(m.energy_kwh, number)} kWh`, `${shown(m.energy_kwh_per_million_output_tokens, number)} kWh per million output tokens`);
  return html("div", {class: "wide"}, html("table", {}, html("tbody", {}, ...rows)));
}
function everyNumber(metrics) {
  const text = value => value === undefined ? "" : String(value);
  return html("details", {}, html("summary", {}, "Every number, unrounded"), html("div", {class: "wide"}, html("table", {class: "small"},
    html("thead", {}, html("tr", {}, ...["metric", "value", "95 % from", "95 % to"].map(name => html("th", {scope: "col"}, name)))),
    html("tbody", {}, ...Object.entries(metrics).map(([key, metric]) => html("tr", {}, html("td", {class: "mono"}, key),
      html("td", {}, metric.value === null ? metric.absent : text(metric.value)), html("td", {}, text(metric.low)), html("td", {}, text(metric.high))))))));
}
function tiles(m) {
  const tile = (name, value, note, bad) => html("div", {class: bad ? "tile bad" : "tile"}, html("span", {class: "soft small"}, name), html("b", {}, value), html("span", {class: "soft small"}, note));
  const late = name => m[`slo_${name}_s`].value !== null && m[`${name}_p99_s`].value > m[`slo_${name}_s`].value;
  const objective = name => m[`slo_${name}_s`].value === null ? "p50 " + shown(m[`${name}_p50_s`], latency) : `${late(name) ? "above its objective" : "objective"} ${tickLatency(m[`slo_${name}_s`].value)}`;
  return html("div", {class: "tiles"},
    tile("Completed", shown(m.requests_completed, count), `of ${shown(m.requests_arrived, count)} requests`),
    tile("TTFT p99", shown(m.ttft_p99_s, latency), objective("ttft"), late("ttft")),
    tile("TPOT p99", shown(m.tpot_p99_s, latency), objective("tpot"), late("tpot")),
    m.slo_attainment_share.value === null ? null : tile("Met objectives", shown(m.slo_attainment_share, share), `goodput ${shown(m.goodput_requests_per_s, number)}/s`),
    tile("GPUs busy", shown(m.gpu_utilization_share, share), `${shown(m.pool_gpus, count)} GPUs; busy: in an iteration, of any size`),
    tile("Cost", shown(m.cost_usd_per_million_output_tokens, usd), `and ${shown(m.energy_kwh_per_million_output_tokens, number)} kWh per million output tokens`));
}

