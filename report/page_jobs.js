// The part of the page about jobs: what became of them, how long they took, what the GPUs did and cost, what waits and why.

// ---- times of jobs as text ----
const timeUnit = seconds => seconds >= 72 * 3600 ? [86400, "d"] : seconds >= 7200 ? [3600, "h"] : seconds >= 120 ? [60, "min"] : [1, "s"];
function longTime(seconds) {
  const [size, name] = timeUnit(seconds);
  return number(seconds / size) + "\u00a0" + name;
}
/** For axes and instants: "4 min", "2 h", "1 d". */
function tickTime(seconds) {
  const [size, name] = seconds >= 86400 ? [86400, "d"] : seconds >= 3600 ? [3600, "h"] : seconds >= 60 ? [60, "min"] : [1, "s"];
  return round(seconds / size) + " " + name;
}
function clock(seconds) {
  const pad = value => String(value).padStart(2, "0");
  const whole = Math.round(seconds), days = Math.floor(whole / 86400), hours = Math.floor(whole / 3600);
  if (run.end_s < 7200) return `${Math.floor(whole / 60)}:${pad(whole % 60)} min`;
  const minutes = pad(Math.floor(whole / 60) % 60);
  return run.end_s > 4 * 86400 ? `${days} d ${pad(hours % 24)}:${minutes}` : `${hours}:${minutes} h`;
}
const axisTime = (seconds, end) => end > 4 * 86400 ? round(seconds / 86400) + " d" : timeLabel(seconds, end);
const dollars = value => value < 100 ? usd(value) : "$" + count(value);
const dollarTick = value => value >= 1e6 ? "$" + round(value / 1e6) + "M" : value >= 1e4 ? "$" + round(value / 1e3) + "k" : value >= 1 || !value ? "$" + whole(value) : usd(value);
const times = value => value.toFixed(3) + "\u00a0\u00d7";

// ---- what ran ----
function jobsTitle(jobs) {
  const kinds = Object.entries(jobs.gpu_kinds), all = kinds.reduce((sum, [, gpus]) => sum + gpus, 0);
  return "Jobs on " + (kinds.length > 3 ? `${count(all)} GPUs of ${kinds.length} kinds`
    : kinds.map(([kind, gpus]) => `${count(gpus)} ${kind}`).join(" + ") || "nodes without GPUs");
}
const jobsPolicy = jobs => `${jobs.sources.join(", ")}: scheduled by ${jobs.scheduling}` +
  (jobs.estimates === "none" ? "." : jobs.estimates === "oracle" ? ", which was told the true running times (oracle estimates)." : `, ${jobs.estimates} estimates.`);
function jobTiles(m) {
  const tile = (name, value, note, bad) => html("div", {class: bad ? "tile bad" : "tile"}, html("span", {class: "soft small"}, name), html("b", {}, value), html("span", {class: "soft small"}, note));
  const waiting = m.jobs_pending.value + m.jobs_rejected.value;
  return html("div", {class: "tiles"},
    tile("Finished", shown(m.jobs_finished, count), `of ${shown(m.jobs_submitted, count)} jobs; ${shown(m.jobs_running, count)} still run`),
    tile("Not running", count(waiting), `${shown(m.jobs_pending, count)} pending, ${shown(m.jobs_rejected, count)} rejected`, m.jobs_rejected.value > 0),
    tile("JCT, mean", shown(m.jct_mean_s, longTime), `p90 ${shown(m.jct_p90_s, longTime)}; of finished jobs`),
    tile("Queueing, mean", shown(m.queueing_mean_s, longTime), `p90 ${shown(m.queueing_p90_s, longTime)}; of finished jobs`),
    tile("GPUs allocated", shown(m.gpu_allocation_share, share), `${shown(m.allocated_gpus_mean, number)} of ${shown(m.job_gpus, count)} over the run`),
    tile("Fragmented", shown(m.fragmented_gpus_mean, number), `GPUs; ${shown(m.fragmented_usd_per_day, dollars)} of ${shown(m.unallocated_usd_per_day, dollars)} a day not allocated`));
}
function jobTimesTable(m) {
  const rows = {jct: ["JCT", "submission to finish"], queueing: ["Queueing", "pending, in all"]};
  const cell = metric => {
    if (metric.value === null) return html("td", {}, html("span", {class: "soft small"}, metric.absent));
    const [size] = timeUnit(metric.value), end = value => value === undefined ? ".." : value / size < 999.5 ? number(value / size) : longTime(value);
    const interval = metric.low === undefined && metric.high === undefined ? "" : `${end(metric.low)} to ${end(metric.high)}`;
    return html("td", {}, longTime(metric.value), html("div", {class: "soft small interval"}, interval));
  };
  return html("div", {class: "wide"}, html("table", {},
    html("thead", {}, html("tr", {}, ...["Of finished jobs", "mean", "p50", "p90", "p99"].map(text => html("th", {scope: "col"}, text)))),
    html("tbody", {}, ...Object.entries(rows).map(([key, [name, meaning]]) => html("tr", {},
      html("th", {scope: "row"}, name, html("div", {class: "soft small"}, meaning)),
      ...["mean", "p50", "p90", "p99"].map(what => cell(m[`${key}_${what}_s`])))))));
}
function jobLines(m) {
  const rows = [];
  const row = (name, ...text) => rows.push(html("tr", {}, html("th", {scope: "row"}, name), html("td", {class: "left"}, text.filter(Boolean).join("; "))));
  row("Jobs", `${shown(m.jobs_submitted, count)} submitted`, `${shown(m.jobs_finished, count)} finished`, `${shown(m.jobs_running, count)} running`,
    `${shown(m.jobs_pending, count)} pending`, `${shown(m.jobs_rejected, count)} rejected`, `${shown(m.preemptions, count)} preemptions`);
  if (m.makespan_s.value !== null) row("Makespan", `${duration(m.makespan_s.value)} from the first submission to the last finish`);
  if (m.placement_slowdown_mean_ratio.value !== null)
    row("Placement", `jobs ran ${times(m.placement_slowdown_mean_ratio.value)} as long as on the closest placement`,
      m.placement_slowdown_p99_ratio.value !== null && `p99 ${times(m.placement_slowdown_p99_ratio.value)}`);
  if (m.setup_gpu_time_share.value !== null)
    row("Running", `${shown(m.executed_gpu_hours, number)} GPU hours`, `${share(m.setup_gpu_time_share.value)} of it setup (${shown(m.setup_gpu_hours, number)} GPU hours)`,
      `${share(m.lost_gpu_time_share.value)} lost to evictions (${shown(m.lost_gpu_hours, number)} GPU hours)`);
  if (m.gpu_allocation_share.value !== null)
    row("GPUs", `${shown(m.job_gpus, count)} for jobs`, `${shown(m.allocated_gpus_mean, number)} allocated on average`, `${shown(m.unallocated_gpus_mean, number)} free`,
      `${shown(m.fragmented_gpus_mean, number)} of the free ones` +
        (m.fragmentation_share.value === null ? "" : ` (${share(m.fragmentation_share.value)})`) + " of no use to the next job's typical worker");
  row("Cost", `${shown(m.job_gpus_usd_per_day, dollars)} a day`, `${shown(m.allocated_usd_per_day, dollars)} allocated`,
    `${shown(m.unallocated_usd_per_day, dollars)} free, of which ${shown(m.fragmented_usd_per_day, dollars)} fragmented`,
    m.cost_usd_per_progress_gpu_hour.value !== null && `${shown(m.cost_usd, dollars)} in all, ${usd(m.cost_usd_per_progress_gpu_hour.value)} per GPU hour of progress`);
  row("Scheduler", `${shown(m.scheduling_cycles, count)} cycles`, `${shown(m.scheduling_conflicts, count)} decisions that no longer fitted when they took effect`);
  return html("div", {class: "wide"}, html("table", {}, html("tbody", {}, ...rows)));
}

// ---- over time ----
/** A row of the time line holds from the one before it: steps. */
function asSteps(line, values) {
  const x = [], y = [];
  line.time_s.forEach((time, i) => {
    x.push(i ? line.time_s[i - 1] : 0, time);
    y.push(values[i], values[i]);
  });
  return {x, y};
}
const sums = (a, b) => a.map((value, i) => value + b[i]);
function jobTimeChart(line, label, top, text, tick, series, tip, height) {
  const end = line.time_s[line.time_s.length - 1];
  const row = value => {
    const i = line.time_s.findIndex(time => time >= value);
    return i < 0 ? line.time_s.length - 1 : i;
  };
  return chart({
    label, height, keys: line.time_s,
    x: {from: 0, to: end, ticks: most => timeTicks(end, most), text: value => axisTime(value, end)},
    y: {top, tick},
    series: series.map(each => {
      const drawn = {name: each.name, color: each.color, ...asSteps(line, each.values)};
      if (each.base) drawn.base = asSteps(line, each.base).y;
      return drawn;
    }),
    tip: value => [clock(line.time_s[row(value)]), tip(row(value))],
  });
}
const roundTop = (peak, steps = 3) => {
  const step = niceStep(peak || 1, steps);
  return Math.ceil((peak || 1) / step) * step;
};
const whole = value => value >= 1000 ? count(value) : round(value);
function allocationChart(jobs) {
  const line = jobs.time_line, all = jobs.metrics.job_gpus.value, zero = line.time_s.map(() => 0);
  const used = sums(line.allocated, line.fragmented), free = line.time_s.map(() => all);
  const most = Math.max(...line.pending_gpus), top = roundTop(Math.min(Math.max(all, most), 2 * all), 5);
  const note = most > top ? ` (up to ${count(most)})` : "";
  return jobTimeChart(line, `GPUs over time: ${count(all)} for jobs, on average ${shown(jobs.metrics.allocated_gpus_mean, number)} allocated`,
    top, number, whole, [
      {name: "allocated", color: "var(--used)", values: line.allocated, base: zero},
      {name: "free, but of no use to a typical next worker", color: "var(--lost)", values: used, base: line.allocated},
      {name: "free", color: "var(--idle)", values: free, base: used},
      {name: "asked for by pending jobs" + note, color: "var(--bad)", values: line.pending_gpus}],
    i => [["var(--used)", `allocated  ${number(line.allocated[i])}`], ["var(--lost)", `fragmented  ${number(line.fragmented[i])}`],
      ["var(--idle)", `free  ${number(Math.max(0, all - used[i]))}`], ["var(--bad)", `asked for by pending jobs  ${number(line.pending_gpus[i])}`]], 250);
}
function moneyChart(jobs) {
  const line = jobs.time_line, all = jobs.metrics.job_gpus_usd_per_day.value;
  const lost = line.fragmented_usd_per_day, idle = line.allocated_usd_per_day.map(value => Math.max(0, all - value)), zero = lost.map(() => 0);
  return jobTimeChart(line, `Price of GPUs that are not allocated: on average ${shown(jobs.metrics.unallocated_usd_per_day, dollars)} a day`,
    roundTop(Math.max(...idle)), dollars, dollarTick, [
      {name: "fragmented", color: "var(--lost)", values: lost, base: zero},
      {name: "free beside it", color: "var(--unused)", values: idle.map((value, i) => Math.max(value, lost[i])), base: lost}],
    i => [["var(--lost)", `fragmented  ${dollars(lost[i])} a day`], ["var(--unused)", `all that is free  ${dollars(idle[i])} a day`],
      ["var(--used)", `allocated  ${dollars(line.allocated_usd_per_day[i])} a day`]], 150);
}
function jobCountChart(jobs) {
  const line = jobs.time_line;
  return jobTimeChart(line, "Jobs running and pending over time", roundTop(Math.max(...line.running, ...line.pending)), number, whole, [
    {name: "running", color: "var(--c3)", values: line.running}, {name: "pending", color: "var(--c2)", values: line.pending}],
    i => [["var(--c3)", `running  ${number(line.running[i])}`], ["var(--c2)", `pending  ${number(line.pending[i])}`]], 150);
}
function jobTimesChart(jobs) {
  const curves = jobs.curves_s;
  if (!curves.jct.length) return html("p", {class: "soft"}, "No job has finished.");
  const low = Math.max(1, Math.min(...curves.jct.filter(value => value > 0), ...curves.queued.filter(value => value > 0)) * 0.9);
  const high = Math.max(...curves.jct) * 1.1, from = Math.min(low, high / 10);
  const coarse = [1, 10, 60, 600, 3600, 21600, 86400, 604800, 2592000, 31536000], fine = coarse.concat([3, 30, 180, 300, 1200, 1800, 7200, 10800, 43200, 172800, 345600]);
  const within = ticks => ticks.filter(tick => tick >= from && tick <= high).sort((a, b) => a - b);
  return chart({
    label: `Completion and queueing times: median ${shown(jobs.metrics.jct_p50_s, longTime)} and ${shown(jobs.metrics.queueing_p50_s, longTime)}`,
    height: 250, keys: Array.from({length: 41}, (_, i) => from * (high / from) ** (i / 40)),
    x: {from, to: high, log: true, ticks: most => (within(fine).length <= most ? within(fine) : within(coarse)), text: tickTime},
    y: {top: 1, tick: value => Math.round(value * 100) + "\u00a0%"},
    series: [{name: "JCT (submission to finish)", color: "var(--c1)", x: curves.jct, y: run.cdf_shares},
      {name: "queueing (pending, in all)", color: "var(--c2)", x: curves.queued, y: run.cdf_shares}],
    tip: value => ["within " + longTime(value), [["var(--c1)", `JCT  ${share(shareBelow(curves.jct, value))}`], ["var(--c2)", `queueing  ${share(shareBelow(curves.queued, value))}`]]],
  });
}

// ---- jobs one by one ----
/** columns: [name, left-aligned]. One in which nothing stands is left out. */
function jobTable(names, lines) {
  const kept = names.map((_, i) => lines.some(line => line[i] !== ""));
  const columns = names.filter((_, i) => kept[i]), rows = lines.map(line => line.filter((_, i) => kept[i]));
  return html("div", {class: "wide"}, html("table", {class: "small jobs"},
    html("thead", {}, html("tr", {}, ...columns.map(([name, left]) => html("th", {scope: "col", class: left ? "left" : ""}, name)))),
    html("tbody", {}, ...rows.map(cells => html("tr", {}, ...cells.map((cell, i) => html("td", {class: columns[i][1] ? "left" : ""}, cell)))))));
}
function reasonsCard(jobs) {
  const reasons = jobs.reasons;
  if (!reasons.listed.length) return null;
  const counted = (name, list) => list.length ? html("p", {}, html("b", {}, name + " "), list.map(([reason, jobCount]) => `${count(jobCount)} ${reason}`).join(", ")) : null;
  const table = jobTable([["Job", true], ["GPUs"], ["Queue", true], ["Status", true], ["Waited"], ["Why it does not run", true]],
    reasons.listed.map(job => [job.name, count(job.gpus), jobs.queues[job.queue] || "", job.status, job.status === "rejected" ? "" : longTime(job.queued_s), job.text || job.reason]));
  const listed = reasons.listed.length > 12 ? html("details", {}, html("summary", {}, `${count(reasons.listed.length)} of them, job by job`), table) : table;
  return html("section", {class: "card"}, html("h3", {}, "Not running at the end, and why"),
    counted("Pending:", reasons.pending), counted("Rejected:", reasons.rejected), listed,
    reasons.left_out ? html("p", {class: "soft small"}, `${count(reasons.left_out)} more are left out here; run.h5 has them all.`) : null);
}
function longestCard(jobs) {
  if (!jobs.longest_queued.length) return null;
  return html("section", {class: "card"}, html("h3", {}, "Jobs that ran after the longest waits"),
    jobTable([["Job", true], ["GPUs"], ["Queue", true], ["User", true], ["Submitted"], ["Waited"], ["Ran"], ["Evicted"], ["Status", true]],
      jobs.longest_queued.map(job => [job.name, count(job.gpus), jobs.queues[job.queue] || "", jobs.users[job.user] || "", clock(job.submit_s), longTime(job.queued_s), longTime(job.executed_s),
        job.preemptions ? `${count(job.preemptions)} \u00d7` : "", job.status])));
}

// ---- all of it ----
function jobSections(jobs, alone) {
  const m = jobs.metrics, passed = jobs.time_line.time_s.length > 0, gpus = m.job_gpus.value > 0;
  const card = (...parts) => html("section", {class: "card"}, ...parts);
  return [
    alone ? null : html("h2", {}, jobsTitle(jobs)), alone ? null : html("p", {class: "soft"}, jobsPolicy(jobs)),
    jobTiles(m), card(jobTimesTable(m)), card(jobLines(m)),
    passed && gpus ? card(html("h3", {}, "GPUs"), allocationChart(jobs), html("h3", {}, "Price of GPUs that are not allocated, $ per day"), moneyChart(jobs),
      html("h3", {}, "Jobs"), jobCountChart(jobs)) : passed ? card(html("h3", {}, "Jobs"), jobCountChart(jobs)) : null,
    jobs.gantt.runs.job.length ? ganttCard(jobs) : null,
    card(html("h3", {}, "Share of finished jobs within a time"), jobTimesChart(jobs)),
    reasonsCard(jobs), longestCard(jobs), everyNumber(m)].filter(Boolean);
}
