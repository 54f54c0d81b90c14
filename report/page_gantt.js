// The Gantt chart: runs of jobs over the GPUs of nodes, on a canvas. Where a GPU's row is too thin to be seen, rows of
// pixels stand for several GPUs and show the mean of what is on them.

const palette = ["#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#e15759", "#76b7b2", "#d4a72c", "#ff9da7", "#9c755f", "#7f8fa6"];
const sizePalette = ["#b9cfe6", "#86b3dc", "#4f8fc9", "#3fa58a", "#8fbf55", "#e6b93c", "#ee8b3a", "#d9534f", "#a8407e", "#5b3b8c"];
const statusNames = ["pending", "running", "finished", "rejected"];

// ---- what is drawn: blocks of neighbouring GPUs that one run holds ----
function ganttBlocks(gantt) {
  const nodes = gantt.nodes, laneOf = [];
  let lanes = 0;
  for (const gpus of nodes.gpus) {
    laneOf.push(lanes);
    lanes += gpus;
  }
  const blocks = [], ofNode = nodes.gpus.map(() => []), free = new Map();
  let share = 0;
  const add = (node, run, lane, height) => {
    ofNode[node].push(blocks.length);
    blocks.push({run, lane, height});
  };
  gantt.runs.job.forEach((_, run) => {
    for (let i = 0; i < gantt.runs.shares[run]; ++i, ++share) {
      const node = gantt.shares.node[share], mask = gantt.shares.mask[share];
      const milli = gantt.shares.milli ? gantt.shares.milli[share] : 1000;
      for (let gpu = 0; gpu < nodes.gpus[node]; ++gpu) {
        if (!(mask >>> gpu & 1)) continue;
        const first = gpu;
        if (milli === 1000) while (gpu + 1 < nodes.gpus[node] && mask >>> (gpu + 1) & 1) ++gpu;
        const offset = milli === 1000 ? 0 : placeInLane(free, laneOf[node] + gpu, gantt.runs.from[run], gantt.runs.from[run] + gantt.runs.length[run], milli);
        add(node, run, laneOf[node] + first + offset / 1000, milli === 1000 ? gpu - first + 1 : milli / 1000);
      }
    }
  });
  return {blocks, ofNode, laneOf, lanes};
}
/** Where in a shared GPU's row, in thousandths, a run is drawn: the lowest place that is free. */
function placeInLane(free, lane, from, until, milli) {
  const held = (free.get(lane) || []).filter(each => each.until > from).sort((a, b) => a.offset - b.offset);
  let offset = 0;
  for (const each of held) if (each.offset < offset + milli) offset = each.offset + each.milli;
  if (offset + milli > 1000) offset = 0;
  held.push({until, offset, milli});
  free.set(lane, held);
  return offset;
}
/** Runs that ended because their job was evicted. */
function evictedRuns(gantt) {
  const open = new Set(gantt.runs.open), last = new Map();
  gantt.runs.job.forEach((job, run) => last.set(job, run));
  return gantt.runs.job.map((job, run) => !open.has(run) && !(last.get(job) === run && gantt.jobs.status[job] === 2));
}

// ---- colours ----
function ganttColours(gantt, jobs) {
  const byIndex = (column, names) => ({
    of: run => palette[gantt.jobs[column][gantt.runs.job[run]] % palette.length],
    legend: names.slice(0, palette.length).map((name, i) => [palette[i], name || "(none)"]).concat(names.length > palette.length ? [["", `${names.length} in all: colours repeat`]] : []),
  });
  const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 512, 2048], sizeOf = gpus => sizes.findLastIndex(size => gpus >= size);
  const used = [...new Set(gantt.jobs.gpus.map(gpus => Math.max(0, sizeOf(gpus))))].sort((a, b) => a - b);
  const colours = {
    "size of the job": {of: run => sizePalette[Math.max(0, sizeOf(gantt.jobs.gpus[gantt.runs.job[run]]))],
      legend: used.map(i => [sizePalette[i], `${sizes[i]}${sizes[i + 1] === sizes[i] * 2 ? "" : "+"} GPU${sizes[i] > 1 ? "s" : ""}`])},
    job: {of: run => `hsl(${(gantt.runs.job[run] * 137.508) % 360}, 52%, ${50 + gantt.runs.job[run] % 3 * 8}%)`, legend: []},
  };
  if (jobs.users.length > 1) colours.user = byIndex("user", jobs.users);
  if (jobs.sources.length > 1) colours.source = byIndex("source", jobs.sources);
  if (jobs.queues.length > 1) colours.queue = byIndex("queue", jobs.queues);
  return colours;
}
/** The colours to begin with: by queue or by source, unless nearly all runs have the same one. */
function tellingColour(gantt, colours) {
  const one = column => {
    const runs = new Map();
    for (const job of gantt.runs.job) runs.set(gantt.jobs[column][job], (runs.get(gantt.jobs[column][job]) || 0) + 1);
    return Math.max(...runs.values()) / gantt.runs.job.length;
  };
  return ["queue", "source", "user"].find(name => colours[name] && one(name) < 0.9) || "size of the job";
}
const rgbOf = (() => {
  const known = new Map(), context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  return colour => {
    if (!known.has(colour)) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      known.set(colour, [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
    }
    return known.get(colour);
  };
})();

// ---- drawing ----
function drawBlocks(context, box, view, chart) {
  const {gantt, blocks, colour, evicted} = chart;
  const perTick = (box.right - box.left) / (view.t1 - view.t0), perLane = (box.bottom - box.top) / (view.l1 - view.l0);
  const gap = perLane >= 5 ? 1 : 0;
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const {run, lane, height} of blocks) {
    const from = gantt.runs.from[run], until = from + gantt.runs.length[run];
    if (until < view.t0 || from > view.t1 || lane + height <= view.l0 || lane >= view.l1) continue;
    const x = box.left + (from - view.t0) * perTick, w = Math.max(0.6, (until - from) * perTick - ((until - from) * perTick > 4 ? 1 : 0));
    const y = box.top + (lane - view.l0) * perLane, h = Math.max(0.6, height * perLane - gap);
    context.fillStyle = colour.of(run);
    context.fillRect(x, y, w, h);
    if (evicted[run] && perLane >= 2) {
      const edge = Math.min(3, w / 4);
      context.fillStyle = chart.theme.bad;
      context.fillRect(x + w - edge, y, edge, h);
    }
    if (h >= 12 && w >= 36) drawName(context, gantt.jobs.name[gantt.runs.job[run]], colour.of(run), Math.max(x, box.left) + 4, y + h / 2, Math.min(x + w, box.right) - Math.max(x, box.left) - 10);
  }
}
/** As much of a name as there is room for: its beginning or its end. */
function fitting(context, name, room, end = false) {
  let text = name;
  while (text.length > 1 && context.measureText(text).width > room)
    text = end ? "\u2026" + text.slice(text.startsWith("\u2026") ? 2 : 1) : text.slice(0, -1);
  return text;
}
function drawName(context, name, colour, x, y, room) {
  const text = fitting(context, name, room);
  if (text.length < Math.min(4, name.length)) return;
  const [red, green, blue] = rgbOf(colour);
  context.fillStyle = 0.3 * red + 0.59 * green + 0.11 * blue > 165 ? "#17202b" : "#fff";
  context.fillText(text, x, y);
}
/** Each pixel's mean over time and GPUs: how much is held, in the mixed colour of what holds it. */
function drawDensity(context, box, view, chart) {
  const {gantt, blocks, colour} = chart, columns = Math.max(1, Math.round(box.right - box.left)), rows = Math.max(1, Math.floor((box.bottom - box.top) / 2));
  const perTick = columns / (view.t1 - view.t0), perLane = rows / (view.l1 - view.l0), stride = columns + 2;
  const held = [0, 1, 2, 3].map(() => new Float32Array(rows * stride)), slope = [0, 1, 2, 3].map(() => new Float32Array(rows * stride));
  for (const {run, lane, height} of blocks) {
    const x0 = Math.max(0, (gantt.runs.from[run] - view.t0) * perTick), x1 = Math.min(columns, (gantt.runs.from[run] + gantt.runs.length[run] - view.t0) * perTick);
    const y0 = Math.max(0, (lane - view.l0) * perLane), y1 = Math.min(rows, (lane + height - view.l0) * perLane);
    if (x1 <= x0 || y1 <= y0) continue;
    const rgb = rgbOf(colour.of(run)), c0 = Math.floor(x0), c1 = Math.floor(x1);
    for (let row = Math.floor(y0); row < y1; ++row) {
      const weight = Math.min(y1, row + 1) - Math.max(y0, row), at = row * stride;
      for (let channel = 0; channel < 4; ++channel) {
        const value = channel ? weight * rgb[channel - 1] : weight;
        if (c0 === c1) held[channel][at + c0] += value * (x1 - x0);
        else {
          held[channel][at + c0] += value * (c0 + 1 - x0);
          held[channel][at + c1] += value * (x1 - c1);
          slope[channel][at + c0 + 1] += value;
          slope[channel][at + c1] -= value;
        }
      }
    }
  }
  const image = new ImageData(columns, rows), sum = [0, 0, 0, 0];
  for (let row = 0; row < rows; ++row) {
    sum.fill(0);
    for (let column = 0; column < columns; ++column) {
      const at = row * stride + column, pixel = (row * columns + column) * 4;
      for (let channel = 0; channel < 4; ++channel) sum[channel] += slope[channel][at];
      const weight = sum[0] + held[0][at];
      if (weight < 1e-4) continue;
      for (let channel = 0; channel < 3; ++channel) image.data[pixel + channel] = (sum[channel + 1] + held[channel + 1][at]) / weight;
      image.data[pixel + 3] = 255 * Math.min(1, weight);
    }
  }
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = rows;
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, box.left, box.top, box.right - box.left, box.bottom - box.top);
}
function drawGanttAxes(context, box, view, chart) {
  const {gantt, laneOf, theme} = chart, tick_s = gantt.tick_s, from_s = view.t0 * tick_s, span_s = (view.t1 - view.t0) * tick_s;
  const x = seconds => box.left + (seconds - from_s) / span_s * (box.right - box.left);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  const steps = timeTicks(span_s, Math.max(2, Math.floor((box.right - box.left) / 96))), step = steps.length > 1 ? steps[1] : span_s;
  for (let at = Math.ceil(from_s / step) * step; at <= from_s + span_s * (1 + 1e-9); at += step) {
    context.globalAlpha = 0.5;
    context.fillStyle = theme.grid;
    context.fillRect(x(at), box.top, 1, box.bottom - box.top);
    context.globalAlpha = 1;
    context.fillStyle = theme.soft;
    context.fillText(step < 60 ? `${clock(at)}, ${round(at % 60)} s` : step % 86400 && run.end_s > 4 * 86400 ? clock(at) : axisTime(at, run.end_s), x(at), box.bottom + 16);
  }
  context.textAlign = "right";
  context.textBaseline = "top";
  const perLane = (box.bottom - box.top) / (view.l1 - view.l0);
  let lowest = box.top - 20;
  gantt.nodes.gpus.forEach((gpus, node) => {
    if (!gpus || laneOf[node] + gpus <= view.l0 || laneOf[node] >= view.l1) return;
    const y = box.top + Math.max(0, laneOf[node] - view.l0) * perLane;
    if (gpus * perLane >= 8 && laneOf[node] > view.l0) {
      context.fillStyle = theme.line;
      context.fillRect(box.left, y - 0.5, box.right - box.left, 1);
    }
    if (y < lowest + 14 || y > box.bottom - 10) return;
    lowest = gpus * perLane >= 14 ? y : y + 14;  // thin rows: every so many
    context.fillStyle = theme.soft;
    context.fillText(fitting(context, gantt.nodes.name[node], box.left - 12, true), box.left - 8, y + 1);
  });
  context.textAlign = "left";
}

// ---- the card ----
function ganttTip(chart, jobs, hit) {
  const {gantt, laneOf} = chart, {run, node, lane} = hit, job = gantt.runs.job[run], tick = gantt.tick_s;
  const from = gantt.runs.from[run] * tick, length = gantt.runs.length[run] * tick, open = gantt.runs.open.includes(run);
  const runsOf = gantt.runs.job.reduce((found, each, i) => (each === job ? found.concat(i) : found), []);
  const of = (column, names, label) => (names[gantt.jobs[column][job]] ? `, ${label}${names[gantt.jobs[column][job]]}` : "");
  const line = text => html("div", {}, text);
  return html("div", {class: "tip", role: "status"}, html("b", {}, gantt.jobs.name[job]),
    line(`${count(gantt.jobs.gpus[job])} GPUs${of("queue", jobs.queues, "queue ")}${of("user", jobs.users, "user ")}${of("source", jobs.sources, "")}`),
    line(`runs ${clock(from)} to ${open ? "the end, still running" : clock(from + length)} (${longTime(length)})` + (chart.evicted[run] ? ", then evicted" : "")),
    line(`submitted ${clock(gantt.jobs.submit[job] * tick)}; run ${runsOf.indexOf(run) + 1} of ${runsOf.length}; evicted ${gantt.jobs.preemptions[job]} \u00d7; ${statusNames[gantt.jobs.status[job]]}`),
    html("div", {class: "soft"}, `${gantt.nodes.name[node]}, ${gantt.nodes.kinds[gantt.nodes.gpu[node]]}, GPU ${gantt.nodes.first_gpu[node] + Math.floor(lane) - laneOf[node]}`));
}
function ganttHit(chart, time, lane, slack) {
  const {gantt, laneOf, ofNode, blocks} = chart;
  let low = 0, high = laneOf.length - 1;  // the last node that starts at or before the lane
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (laneOf[middle] <= lane) low = middle; else high = middle - 1;
  }
  const within = index => {
    const {run, lane: top, height} = blocks[index], from = gantt.runs.from[run];
    return lane >= top && lane < top + height && time >= from - slack && time <= from + gantt.runs.length[run] + slack;
  };
  const index = ofNode[low].findLast(within);
  return index === undefined ? null : {run: blocks[index].run, node: low, lane};
}
function ganttCard(jobs) {
  const gantt = jobs.gantt, end = Math.round(run.end_s / gantt.tick_s), colours = ganttColours(gantt, jobs);
  const chart = {gantt, ...ganttBlocks(gantt), evicted: evictedRuns(gantt), colour: null, theme: {}};
  const first = tellingColour(gantt, colours);
  chart.colour = colours[first];
  const whole = {t0: 0, t1: end, l0: 0, l1: chart.lanes};
  let view = {...whole}, box = null;
  const height = Math.min(640, Math.max(140, chart.lanes * 9)) + 30;
  const canvas = html("canvas", {tabindex: "0", role: "img", "aria-label": `Gantt chart: ${count(gantt.runs.job.length)} runs of ${count(gantt.jobs.name.length)} jobs on ${count(chart.lanes)} GPUs`});
  const over = html("canvas", {class: "over"}), host = html("div", {class: "gantt"}, canvas, over);
  const pen = canvas.getContext("2d");
  pen.font = "12px system-ui, sans-serif";
  const longestName = gantt.nodes.name.reduce((most, name) => Math.max(most, pen.measureText(name).width), 40);
  const note = html("p", {class: "soft small"}), legend = html("div", {class: "legend small"});
  const fit = each => {
    const context = each.getContext("2d"), ratio = window.devicePixelRatio || 1;
    each.width = Math.round(host.clientWidth * ratio);
    each.height = Math.round(height * ratio);
    each.style.height = height + "px";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  };
  const draw = () => {
    if (!host.clientWidth) return;
    const style = getComputedStyle(document.documentElement);
    for (const name of ["grid", "line", "soft", "bad", "idle", "ink"]) chart.theme[name] = style.getPropertyValue("--" + name).trim();
    box = {left: Math.min(longestName + 16, host.clientWidth < 600 ? 70 : 170), right: host.clientWidth - 26, top: 4, bottom: height - 26};
    const context = fit(canvas), perLane = (box.bottom - box.top) / (view.l1 - view.l0);
    fit(over);
    context.fillStyle = chart.theme.idle;
    context.fillRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.clip();
    if (perLane >= 1.5) drawBlocks(context, box, view, chart); else drawDensity(context, box, view, chart);
    context.restore();
    drawGanttAxes(context, box, view, chart);
    const perRow = number((view.l1 - view.l0) / Math.floor((box.bottom - box.top) / 2));
    note.textContent = perLane >= 1.5 ? "" : `A row of pixels stands for ${perRow} GPUs: mixed colours are several jobs, faint ones partly free. Zoom in to see each run.`;
    const extra = chart.evicted.some(Boolean) && perLane >= 2 ? [[chart.theme.bad, "red edge: evicted"]] : [];
    legend.replaceChildren(...chart.colour.legend.concat(extra).map(([colour, name]) => {
      const item = html("span", {class: colour ? "area" : "plain"}, name);
      item.style.setProperty("--color", colour || "transparent");
      return item;
    }));
  };
  const show = next => {
    const keep = (from, until, least, most) => {
      const span = Math.min(most, Math.max(least, until - from)), start = Math.min(Math.max(0, (from + until - span) / 2), most - span);
      return [start, start + span];
    };
    const [t0, t1] = keep(next.t0, next.t1, Math.min(end, 20), end), [l0, l1] = keep(next.l0, next.l1, Math.min(chart.lanes, 4), chart.lanes);
    view = {t0, t1, l0, l1};
    draw();
  };
  const zoom = (factor, x = 0.5, y = 0.5) => {
    const time = view.t0 + x * (view.t1 - view.t0), lane = view.l0 + y * (view.l1 - view.l0);
    show({t0: time - (time - view.t0) * factor, t1: time + (view.t1 - time) * factor, l0: lane - (lane - view.l0) * factor, l1: lane + (view.l1 - lane) * factor});
  };
  const move = (x, y) => {
    const dt = Math.max(-view.t0, Math.min(end - view.t1, x * (view.t1 - view.t0))), dl = Math.max(-view.l0, Math.min(chart.lanes - view.l1, y * (view.l1 - view.l0)));
    show({t0: view.t0 + dt, t1: view.t1 + dt, l0: view.l0 + dl, l1: view.l1 + dl});
  };
  const actions = {draw, show, zoom, move, view: () => view, box: () => box, reset: () => show(whole)};
  ganttPointer({canvas, over, host, chart, jobs, ...actions});
  new ResizeObserver(draw).observe(host);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const bare = gantt.nodes.gpus.filter(gpus => !gpus).length;
  return html("section", {class: "card"}, html("h3", {}, "Jobs over GPUs"),
    ganttControls(chart, colours, first, actions), legend, host, note,
    html("p", {class: "soft small"}, "Drag over an area to zoom into it, shift-drag to move, double-click for the whole run; ctrl-wheel, arrow keys, + and \u2212 do the same."),
    gantt.left_out.runs ? html("p", {class: "small warn"}, `Left out to keep this page small: ${count(gantt.left_out.runs)} runs of the least GPU time ` +
      `(${share(gantt.left_out.gpu_time_share)} of all GPU time). run.h5 has them all.`) : null,
    bare ? html("p", {class: "soft small"}, `${count(bare)} nodes without GPUs for jobs are not shown.`) : null);
}
/** Colours, nodes and zoom by hand. */
function ganttControls(chart, colours, first, {draw, show, zoom, view, reset}) {
  const {nodes} = chart.gantt;
  const choose = html("select", {"aria-label": "Colour by"}, ...Object.keys(colours).reverse().map(name => html("option", {value: name}, name)));
  choose.value = first;
  choose.addEventListener("change", () => {
    chart.colour = colours[choose.value];
    draw();
  });
  const find = html("input", {type: "search", placeholder: "node name", size: "16", "aria-label": "Show nodes whose name contains"});
  const found = html("span", {class: "soft small"});
  find.addEventListener("input", () => {
    const matches = find.value ? nodes.name.flatMap((name, node) => name.includes(find.value) && nodes.gpus[node] ? [node] : []) : [];
    found.textContent = find.value ? `${count(matches.length)} nodes` : "";
    if (matches.length) show({...view(), l0: chart.laneOf[matches[0]], l1: chart.laneOf[matches.at(-1)] + nodes.gpus[matches.at(-1)]});
    else if (!find.value) show({...view(), l0: 0, l1: chart.lanes});
  });
  const button = (name, act) => {
    const made = html("button", {type: "button"}, name);
    made.addEventListener("click", act);
    return made;
  };
  return html("div", {class: "controls small"}, html("label", {}, "Colour by ", choose), html("label", {}, "Nodes ", find), found,
    button("Zoom in", () => zoom(0.5)), button("Zoom out", () => zoom(2)), button("Whole run", reset));
}
/** Zooming, moving and pointing at runs. */
function ganttPointer(gantt) {
  const {canvas, over, host, chart, jobs, show, zoom, move, reset} = gantt;
  let start = null;
  const at = event => {
    const frame = canvas.getBoundingClientRect(), box = gantt.box();
    const clamp = value => Math.min(1, Math.max(0, value));
    const px = event.clientX - frame.left, py = event.clientY - frame.top;
    return {px, py, x: clamp((px - box.left) / (box.right - box.left)), y: clamp((py - box.top) / (box.bottom - box.top))};
  };
  const clear = () => {
    over.getContext("2d").clearRect(0, 0, over.width, over.height);
    host.querySelectorAll(".tip").forEach(node => node.remove());
  };
  const outline = job => {
    const context = over.getContext("2d"), box = gantt.box(), view = gantt.view(), {runs} = chart.gantt;
    context.strokeStyle = chart.theme.ink;
    context.lineWidth = 1.5;
    for (const {run: each, lane, height} of chart.blocks) {
      if (runs.job[each] !== job) continue;
      const x = value => box.left + Math.min(1, Math.max(0, (value - view.t0) / (view.t1 - view.t0))) * (box.right - box.left);
      const y = value => box.top + Math.min(1, Math.max(0, (value - view.l0) / (view.l1 - view.l0))) * (box.bottom - box.top);
      const left = x(runs.from[each]), top = y(lane), w = x(runs.from[each] + runs.length[each]) - left, h = y(lane + height) - top;
      if (w > 0 && h > 0) context.strokeRect(left, top, Math.max(w, 2), Math.max(h, 2));
    }
  };
  const point = where => {
    clear();
    const view = gantt.view(), box = gantt.box();
    if (where.px < box.left || where.px > box.right || where.py > box.bottom) return;
    const slack = 2 * (view.t1 - view.t0) / (box.right - box.left);
    const hit = ganttHit(chart, view.t0 + where.x * (view.t1 - view.t0), view.l0 + where.y * (view.l1 - view.l0), slack);
    if (!hit) return;
    outline(chart.gantt.runs.job[hit.run]);
    const tip = ganttTip(chart, jobs, hit);
    host.append(tip);
    tip.style.left = Math.max(0, where.px + tip.offsetWidth + 20 > host.clientWidth ? where.px - tip.offsetWidth - 14 : where.px + 14) + "px";
    tip.style.top = Math.max(0, Math.min(where.py + 14, host.clientHeight - tip.offsetHeight)) + "px";
  };
  canvas.addEventListener("pointermove", event => {
    const where = at(event);
    if (!start) return point(where);
    if (event.shiftKey) {
      move(start.x - where.x, start.y - where.y);
      start = where;
      return;
    }
    clear();
    const context = over.getContext("2d");
    context.fillStyle = "#7a9cc655";
    context.fillRect(Math.min(start.px, where.px), Math.min(start.py, where.py), Math.abs(start.px - where.px), Math.abs(start.py - where.py));
  });
  canvas.addEventListener("pointerdown", event => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    start = at(event);
  });
  canvas.addEventListener("pointerup", event => {
    const where = at(event), from = start, view = gantt.view();
    start = null;
    clear();
    if (!from || event.shiftKey || (Math.abs(from.px - where.px) < 5 && Math.abs(from.py - where.py) < 5)) return;
    const time = part => view.t0 + part * (view.t1 - view.t0), lane = part => view.l0 + part * (view.l1 - view.l0);
    const flat = Math.abs(from.py - where.py) < 12, narrow = Math.abs(from.px - where.px) < 12;  // a stroke along one axis
    show({t0: narrow ? view.t0 : time(Math.min(from.x, where.x)), t1: narrow ? view.t1 : time(Math.max(from.x, where.x)),
      l0: flat ? view.l0 : lane(Math.min(from.y, where.y)), l1: flat ? view.l1 : lane(Math.max(from.y, where.y))});
  });
  canvas.addEventListener("pointercancel", () => { start = null; clear(); });
  canvas.addEventListener("pointerleave", () => { if (!start) clear(); });
  canvas.addEventListener("dblclick", reset);
  canvas.addEventListener("wheel", event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const where = at(event);
    zoom(event.deltaY > 0 ? 1.25 : 0.8, where.x, where.y);
  }, {passive: false});
  canvas.addEventListener("keydown", event => {
    const act = {ArrowLeft: () => move(-0.15, 0), ArrowRight: () => move(0.15, 0), ArrowUp: () => move(0, -0.15), ArrowDown: () => move(0, 0.15),
      "+": () => zoom(0.6), "-": () => zoom(1 / 0.6), Home: reset}[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
