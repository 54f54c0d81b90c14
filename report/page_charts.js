// Elements, numbers as text, ticks, and line and area charts: what every part of the page draws with.

// ---- elements ----
function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter(child => child !== null));
  return node;
}
const html = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

// ---- numbers as text ----
function number(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toLocaleString("en-US");
  if (size >= 9.995) return value.toFixed(1);
  return size >= 0.9995 ? value.toFixed(2) : String(Number(value.toPrecision(3)));
}
/** For axes: as short as the number is round. */
const round = value => String(Number(value.toPrecision(3)));
const count = value => Math.round(value).toLocaleString("en-US");
const share = value => value > 0.9995 && value < 1 ? (Math.floor(value * 1e5) / 1e3).toFixed(3) + "\u00a0%" : (value * 100).toFixed(1) + "\u00a0%";
const usd = value => "$" + (value < 0.995 ? String(Number(value.toPrecision(3)))
  : value.toLocaleString("en-US", {minimumFractionDigits: 2, maximumFractionDigits: 2}));
const latencyUnit = seconds => seconds >= 0.9995 ? [1, "s"] : seconds >= 0.9995e-3 ? [1e-3, "ms"] : [1e-6, "\u00b5s"];
function latency(seconds) {
  const [size, name] = latencyUnit(seconds);
  return number(seconds / size) + "\u00a0" + name;
}
function tickLatency(seconds) {
  const [size, name] = latencyUnit(seconds);
  return round(seconds / size) + " " + name;
}
function duration(seconds) {
  if (seconds < 60) return number(seconds) + " s";
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
  return (hours ? hours.toLocaleString("en-US") + " h " : "") + (minutes % 60) + " min " + (whole % 60) + " s";
}
const shown = (metric, format) => metric.value === null ? "n/a" : format(metric.value);

// ---- ticks ----
function niceStep(range, most) {
  const raw = range / most, base = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map(factor => factor * base).find(step => step >= raw);
}
function linearTicks(top, most) {
  const step = niceStep(top, most), ticks = [];
  for (let i = 0; i * step <= top * (1 + 1e-9); ++i) ticks.push(i * step);
  return ticks;
}
function timeTicks(end, most) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
  const step = end < most ? niceStep(end, most) : steps.find(each => end / each <= most) || Math.ceil(end / most / 86400) * 86400;
  const ticks = [];
  for (let i = 0; i * step <= end * (1 + 1e-9); ++i) ticks.push(i * step);
  return ticks;
}
function timeLabel(seconds, end) {
  const pad = value => String(value).padStart(2, "0");
  if (end < 120) return round(seconds) + " s";
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  if (end < 7200) return minutes + ":" + pad(whole % 60);
  return Math.floor(minutes / 60) + ":" + pad(minutes % 60) + " h";
}
function logTicks(low, high, most) {
  const factors = Math.log10(high / low) * 3 <= most + 1 ? [1, 2, 5] : [1], ticks = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e)
    for (const factor of factors) {
      const tick = factor * 10 ** e;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  const every = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % every === 0);
}

// ---- charts ----
// A series with `base` is the area between base and y; a line ends at the top of the chart.
// spec: {label, height, x: {from, to, log, ticks(width), text}, y: {top, text}, series: [{name, color, x, y, base}],
//        marks: [{x, name, color}], tip(x) -> [title, [[color, text], ...]], keys: x values to step through}
function chart(spec) {
  const host = html("div", {class: "chart"});
  const legend = html("div", {class: "legend small", "aria-hidden": "true"},
    ...spec.series.map(each => {
      const item = html("span", each.base ? {class: "area"} : {}, each.name);
      item.style.setProperty("--color", each.color);
      return item;
    }));
  let cursor = 0;
  const draw = () => {
    const width = host.clientWidth;
    if (!width) return;
    const box = {left: 52, right: width - 14, top: 10, bottom: spec.height - 24};
    const scale = spec.x.log ? Math.log : value => value;
    const x = value => box.left + (scale(value) - scale(spec.x.from)) / (scale(spec.x.to) - scale(spec.x.from)) * (box.right - box.left);
    const y = value => box.bottom - value / spec.y.top * (box.bottom - box.top);
    const root = svg("svg", {viewBox: `0 0 ${width} ${spec.height}`, height: spec.height, role: "img", tabindex: "0", "aria-label": spec.label});
    drawAxes(root, spec, box, x, y);
    for (const each of spec.series) {
      const point = (value, i, of) => `${x(Math.max(value, spec.x.from)).toFixed(1)},${y(Math.min(of[i], spec.y.top)).toFixed(1)}`;
      const points = each.x.map((value, i) => point(value, i, each.y));
      if (each.base) points.push(...each.x.map((value, i) => point(value, i, each.base)).reverse());
      root.append(each.base ? svg("polygon", {points: points.join(" "), style: `fill:${each.color}`})
        : svg("polyline", {class: "series", points: points.join(" "), style: `stroke:${each.color}`}));
    }
    drawMarks(root, spec, box, x);
    host.replaceChildren(root);
    const show = value => showTip(host, root, spec, box, x(value), value);
    const hide = () => host.querySelectorAll(".tip, .cursor").forEach(node => node.remove());
    root.addEventListener("pointermove", event => {
      const at = (event.clientX - root.getBoundingClientRect().left - box.left) / (box.right - box.left);
      if (at < 0 || at > 1) return hide();
      show(spec.x.log ? spec.x.from * (spec.x.to / spec.x.from) ** at : spec.x.from + at * (spec.x.to - spec.x.from));
    });
    root.addEventListener("pointerleave", hide);
    root.addEventListener("blur", hide);
    root.addEventListener("keydown", event => {
      const move = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!move) return;
      event.preventDefault();
      cursor = Math.min(Math.max(cursor + move, 0), spec.keys.length - 1);
      show(spec.keys[cursor]);
    });
  };
  new ResizeObserver(draw).observe(host);
  return html("div", {class: "chart-block"}, legend, host);
}
function drawAxes(root, spec, box, x, y) {
  for (const tick of linearTicks(spec.y.top, spec.height > 200 ? 5 : 3)) {
    root.append(svg("line", {class: tick ? "grid" : "axis", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick)}),
      svg("text", {x: box.left - 8, y: y(tick) + 4, "text-anchor": "end"}, spec.y.tick(tick)));
  }
  for (const tick of spec.x.ticks(Math.max(2, Math.floor((box.right - box.left) / 75)))) {
    root.append(svg("line", {class: "grid", x1: x(tick), x2: x(tick), y1: box.top, y2: box.bottom}),
      svg("text", {x: x(tick), y: box.bottom + 17, "text-anchor": "middle"}, spec.x.text(tick)));
  }
}
function drawMarks(root, spec, box, x) {
  (spec.marks || []).filter(mark => mark.x >= spec.x.from && mark.x <= spec.x.to).forEach((mark, i) => {
    const at = x(mark.x), flip = at > (box.left + box.right) / 2;
    root.append(svg("line", {class: "mark", x1: at, x2: at, y1: box.top, y2: box.bottom, style: `stroke:${mark.color}`}),
      svg("text", {class: "mark-label", x: at + (flip ? -6 : 6), y: box.top + 12 + 16 * i, "text-anchor": flip ? "end" : "start",
        style: `fill:${mark.color}`}, mark.name));
  });
}
function showTip(host, root, spec, box, at, value) {
  host.querySelectorAll(".tip, .cursor").forEach(node => node.remove());
  root.append(svg("line", {class: "cursor", x1: at, x2: at, y1: box.top, y2: box.bottom}));
  const [title, rows] = spec.tip(value);
  const tip = html("div", {class: "tip", role: "status"}, html("b", {}, title), ...rows.map(([color, text]) => {
    const swatch = html("i");
    swatch.style.background = color;
    return html("div", {}, swatch, text);
  }));
  host.append(tip);
  tip.style.left = Math.max(0, at + tip.offsetWidth + 16 > host.clientWidth ? at - tip.offsetWidth - 12 : at + 12) + "px";
}

