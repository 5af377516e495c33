// ARGMINN in plain JavaScript: the forward pass of a trained network over pasted DNA, and a drawing of what it read.
// The same numbers as argminn.model.ARGMINN in eval mode (float64 here, float32 there); tested against it.
"use strict";
var ArgminnReader = (() => { // var: a page of a notebook may hold it twice
  const LETTERS = "ACGT";

  // base64 of little-endian float32 -> Float64Array
  function floats(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return Float64Array.from(new Float32Array(bytes.buffer));
  }

  // Text -> codes 0..3, 4 for N and other IUPAC letters; FASTA headers and blanks are dropped. Throws an Error with one line.
  function encode(text, length) {
    if ((text.match(/^\s*>/gm) || []).length > 1) throw new Error("the text holds several FASTA records; expected one sequence: paste one of them");
    const bases = text.split(/\r?\n/).filter(l => !/^\s*>/.test(l)).join("").replace(/\s/g, "").toUpperCase().replace(/U/g, "T");
    if (!bases) throw new Error("no sequence; expected DNA letters: paste one");
    const odd = bases.match(/[^ACGTNRYSWKMBDHV]/);
    if (odd) throw new Error(`the sequence holds ${JSON.stringify(odd[0])}; expected A, C, G, T or N: check what was pasted`);
    if (bases.length > length) throw new Error(`the sequence has ${bases.length} bases; expected up to ${length}, as the network was trained: paste a part of it`);
    return Uint8Array.from(bases, b => { const k = LETTERS.indexOf(b); return k < 0 ? 4 : k; });
  }

  function pad(codes, length) { // as argminn.data does: N around it, the sequence in the middle
    const out = new Uint8Array(length).fill(4);
    out.set(codes, Math.ceil((length - codes.length) / 2));
    return out;
  }

  const complement = codes => Uint8Array.from(codes, b => b < 4 ? 3 - b : 4).reverse();

  // y = W x + b; W row-major (rows, x.length)
  function linear(weight, bias, x) {
    const rows = weight.length / x.length, y = new Float64Array(rows);
    for (let r = 0, k = 0; r < rows; r++) {
      let s = bias ? bias[r] : 0;
      for (let c = 0; c < x.length; c++, k++) s += weight[k] * x[c];
      y[r] = s;
    }
    return y;
  }

  function layerNorm(x, weight, bias) {
    let mean = 0, variance = 0;
    for (const v of x) mean += v / x.length;
    for (const v of x) variance += (v - mean) ** 2 / x.length;
    const scale = 1 / Math.sqrt(variance + 1e-5);
    return x.map((v, i) => (v - mean) * scale * weight[i] + bias[i]);
  }

  function load(told) { // what argminn.reader.web_model wrote
    const m = { ...told, weights: {} };
    for (const [name, text] of Object.entries(told.weights)) m.weights[name] = floats(text);
    return m;
  }

  // Activations (F*S arrays of P) after the ReLU, and which windows can be read.
  function scan(m, codes) {
    const { filters: F, width: W, strands: S } = m, P = codes.length - W + 1, { filter, scanner_bias } = m.weights;
    const readable = new Uint8Array(P).fill(1);
    for (let i = 0; i < codes.length; i++) if (codes[i] > 3) for (let p = Math.max(0, i - W + 1); p <= Math.min(i, P - 1); p++) readable[p] = 0;
    const y = Array.from({ length: F * S }, () => new Float64Array(P));
    for (let f = 0; f < F; f++) for (let p = 0; p < P; p++) {
      let plus = scanner_bias[f], minus = scanner_bias[f];
      for (let k = 0; k < W; k++) {
        const b = codes[p + k];
        if (b > 3) continue;
        plus += filter[(f * 4 + b) * W + k];
        minus += filter[(f * 4 + 3 - b) * W + W - 1 - k];
      }
      y[f * S][p] = Math.max(0, plus);
      if (S === 2) y[f * S + 1][p] = Math.max(0, minus);
    }
    for (const a of y) for (let p = 0; p < P; p++) if (!readable[p]) a[p] = 0;
    if (S === 2) for (let f = 0; f < F; f++) if (m.one_strand[f]) {
      const reach = Math.floor(W / 2), both = [y[2 * f].slice(), y[2 * f + 1].slice()];
      for (const s of [0, 1]) for (let p = 0; p < P; p++) {
        let other = 0;
        for (let q = Math.max(0, p - reach); q <= Math.min(P - 1, p + reach); q++) other = Math.max(other, both[1 - s][q]);
        if (both[s][p] + 1e-5 < other) y[2 * f + s][p] = 0;
      }
    }
    return { activations: y, readable };
  }

  function positions(P, dims, base) { // (P, D) rows
    return Array.from({ length: P }, (_, p) => {
      const row = new Float64Array(dims);
      for (let k = 0; k < dims; k += 2) { const angle = p / base ** (k / dims); row[k] = Math.sin(angle); row[k + 1] = Math.cos(angle); }
      return row;
    });
  }

  // One strand: { logits, activations, readable, attention[t][k] (P), streams[t] (S) }
  function forward(m, codes) {
    const { strands: S, layers: T, heads: K, hidden: H, position_dims: D } = m, w = m.weights, d = H / K;
    const { activations, readable } = scan(m, codes), P = readable.length, C = activations.length, place = positions(P, D, m.position_base);
    const normed = activations.map((a, c) => { const f = Math.floor(c / S); return a.map(v => v * w.norm_scale[f] + w.norm_shift[f]); });
    const tokens = Array.from({ length: P }, (_, p) => {
      const x = new Float64Array(C + D);
      for (let c = 0; c < C; c++) x[c] = normed[c][p];
      x.set(place[p], C);
      return x;
    });
    let stream = new Float64Array(m.stream).fill(1);
    const streams = [stream], attention = [], reads = [];
    for (let t = 0; t < T; t++) {
      const g = name => w[`layer${t}_${name}`], query = linear(g("query_weight"), g("query_bias"), stream), mean = new Float64Array(H), heads = [], means = [];
      const key = w[`layer${t}_key_weight`] || g("value_weight");
      for (let k = 0; k < K; k++) {
        const folded = new Float64Array(H), back = new Float64Array(C + D); // the query through the key map, then through the token map
        for (let j = 0; j < d; j++) for (let h = 0; h < H; h++) folded[h] += query[k * d + j] / Math.sqrt(d) * key[(k * d + j) * H + h];
        for (let h = 0; h < H; h++) for (let c = 0; c < C + D; c++) back[c] += folded[h] * w.token_weight[h * (C + D) + c];
        const logit = tokens.map((x, p) => { if (!readable[p]) return -Infinity; let s = 0; for (let c = 0; c < C + D; c++) s += back[c] * x[c]; return s; });
        const top = logit.reduce((a, b) => Math.max(a, b), -Infinity), a = Float64Array.from(logit, v => top === -Infinity ? 0 : Math.exp(v - top)), sum = a.reduce((x, y) => x + y, 0) || 1;
        const read = new Float64Array(C + D);
        for (let p = 0; p < P; p++) { a[p] /= sum; if (a[p]) for (let c = 0; c < C + D; c++) read[c] += a[p] * tokens[p][c]; }
        heads.push(a);
        means.push(read);
        value(m, t, k, read, mean);
      }
      reads.push(means);
      const step = update(m, t, mean);
      stream = stream.map((v, i) => v + step[i]);
      streams.push(stream); attention.push(heads);
    }
    const logits = linear(w.head_weight, w.head_bias, layerNorm(stream, w.head_norm_weight, w.head_norm_bias));
    if (w.words_weight) {
      const counts = new Float64Array(256), places = Math.max(1, codes.length - 3);
      for (let i = 0; i + 3 < codes.length; i++) {
        const [a, b, c, e] = codes.subarray(i, i + 4);
        if (a < 4 && b < 4 && c < 4 && e < 4) counts[64 * a + 16 * b + 4 * c + e] += 1 / places;
      }
      linear(w.words_weight, w.words_bias, counts).forEach((v, i) => { logits[i] += v; });
    }
    return { logits, activations, readable, attention, streams, tokens, reads };
  }

  // The prediction: the mean over both strands where the network reads both.
  function predict(m, codes) {
    const out = forward(m, codes);
    if (m.reads !== "both" || m.strands === 1) return out;
    const other = forward(m, complement(codes));
    return { ...out, logits: out.logits.map((v, i) => (v + other.logits[i]) / 2) };
  }

  // ---- what was read: calls, as argminn.instances.call_instances finds them in this one sequence

  const norm = (a, b) => Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0));

  // The final stream if the token of window p alone were missing; attention stays as it was.
  function without(m, out, p) {
    let stream = out.streams[0];
    for (let t = 0; t < m.layers; t++) {
      const mean = new Float64Array(m.hidden);
      out.attention[t].forEach((a, k) => value(m, t, k, out.reads[t][k].map((v, c) => v - a[p] * out.tokens[p][c]), mean));
      const step = update(m, t, mean);
      stream = stream.map((v, i) => v + step[i]);
    }
    return stream;
  }

  function value(m, t, k, read, mean) { // what head k of layer t takes from the mean token that it reads, into its part of mean
    const { hidden: H } = m, w = m.weights, d = H / m.heads, weight = w[`layer${t}_value_weight`], bias = w[`layer${t}_value_bias`], token = linear(w.token_weight, w.token_bias, read);
    for (let j = k * d; j < (k + 1) * d; j++) {
      let sum = bias[j];
      for (let h = 0; h < H; h++) sum += weight[j * H + h] * token[h];
      mean[j] = sum;
    }
  }

  function update(m, t, mean) { // what layer t adds to the stream
    const w = m.weights, g = name => w[`layer${t}_${name}`];
    const x = layerNorm(linear(g("out_weight"), g("out_bias"), mean), g("norm_weight"), g("norm_bias"));
    const add = linear(g("mlp2_weight"), g("mlp2_bias"), linear(g("mlp1_weight"), g("mlp1_bias"), x).map(v => Math.max(0, v))), shortcut = w[`layer${t}_shortcut_weight`];
    if (shortcut) linear(shortcut, null, x).forEach((v, i) => { add[i] += v; });
    return layerNorm(add, g("stream_weight"), g("stream_bias"));
  }

  function interpolate(x, xs, ys) {
    if (x <= xs[0]) return ys[0];
    for (let i = 1; i < xs.length; i++) if (x <= xs[i]) return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
    return ys[ys.length - 1];
  }

  function score(motif, codes, start, minus) {
    let s = 0;
    for (let k = 0; k < motif.width; k++) {
      const b = codes[minus ? start + motif.width - 1 - k : start + k];
      if (b < 4) s += motif.pwm[k][minus ? 3 - b : b];
    }
    return s;
  }

  function calls(m, codes, out) {
    const P = out.readable.length, tested = out.readable.reduce((a, b) => a + b, 0) * m.strands, found = [];
    m.motifs.forEach((motif, number) => {
      const windows = [];
      for (let s = 0; s < m.strands; s++) for (let p = 0; p < P; p++) {
        const a = out.activations[motif.filter * m.strands + s][p];
        if (!(a > motif.threshold) || !out.readable[p]) continue;
        const evidence = a * norm(out.streams[m.layers], without(m, out, p));
        windows.push({ at: p, minus: s === 1, evidence, activation: a, p_value: Math.exp(interpolate(evidence, motif.null_values, motif.null_tails.map(Math.log))) });
      }
      windows.sort((x, y) => x.p_value - y.p_value);
      let least = 1;
      for (let i = windows.length - 1; i >= 0; i--) windows[i].q_value = least = Math.min(least, windows[i].p_value * tested / (i + 1));
      for (const x of windows) if (x.q_value <= m.fdr) {
        const start = x.minus ? x.at + m.width - motif.start - motif.width : x.at + motif.start;
        let attention = 0, looked = 0;
        out.attention.forEach((heads, t) => heads.forEach(a => { if (a[x.at] > attention) { attention = a[x.at]; looked = t + 1; } }));
        found.push({ ...x, motif: number, start, end: start + motif.width, attention, layer: looked });
      }
    });
    found.sort((x, y) => y.evidence - x.evidence);
    const kept = [];
    for (const x of found) if (kept.every(y => Math.min(x.end, y.end) - Math.max(x.start, y.start) < Math.min(x.end - x.start, y.end - y.start) / 2)) kept.push(x);
    if (m.strands === 2) for (const x of kept) {
      const motif = m.motifs[x.motif], other = x.minus ? x.start - motif.mirror : x.start + motif.mirror;
      if (other >= 0 && other + motif.width <= codes.length && !codes.subarray(other, other + motif.width).includes(4) && score(motif, codes, other, !x.minus) > score(motif, codes, x.start, x.minus)) Object.assign(x, { start: other, end: other + motif.width, minus: !x.minus });
    }
    return kept.sort((x, y) => x.start - y.start || x.motif - y.motif);
  }

  // ---- formulas over sites { motif: id, minus, start, end }, by their definition; the form is a list, see argminn.reader.form_of

  function holds(f, sites, at) {
    const [kind, ...x] = f, site = v => sites[at[v]];
    switch (kind) {
      case "true": return x[0];
      case "is": return site(x[1]).motif === x[0] && (!x[2] || (x[2] === "-") === site(x[1]).minus);
      case "before": return site(x[0]).start < site(x[1]).start;
      case "same": return site(x[0]).start === site(x[1]).start + x[2];
      case "gap": { const gap = site(x[1]).start - site(x[0]).end; return x[2] <= gap && gap <= x[3]; }
      case "within": return x[1] <= site(x[0]).start && site(x[0]).start <= x[2];
      case "not": return !holds(x[0], sites, at);
      case "and": return x[0].every(g => holds(g, sites, at));
      case "or": return x[0].some(g => holds(g, sites, at));
      case "implies": return !holds(x[0], sites, at) || holds(x[1], sites, at);
      case "iff": return holds(x[0], sites, at) === holds(x[1], sites, at);
    }
    const [variable, body, count] = x, n = sites.reduce((s, _, i) => s + holds(body, sites, { ...at, [variable]: i }), 0);
    return { exists: n > 0, forall: n === sites.length, atleast: n >= count, exactly: n === count, atmost: n <= count }[kind];
  }

  function rulesOf(m, found, length) { // which of the run's rules hold, in either orientation; over the calls that they were found and tested on
    const sites = found.filter(c => c.q_value <= m.rule_q_value).map(c => ({ motif: m.motifs[c.motif].id, minus: c.minus, start: c.start, end: c.end }));
    const turned = sites.map(s => ({ motif: s.motif, minus: !s.minus, start: length - s.end, end: length - s.start }));
    return m.rules.map(r => holds(r.form, sites, {}) || holds(r.form, turned, {}));
  }

  function read(m, text) { // everything about one sequence
    const bare = encode(text, m.length), codes = pad(bare, m.length), first = Math.ceil((m.length - bare.length) / 2), out = forward(m, codes);
    const logits = predict(m, codes).logits, found = calls(m, codes, out);
    return { ...out, codes, first, bases: bare.length, logits, calls: found, rules: rulesOf(m, found, m.length) };
  }

  // ---- the drawing

  const SERIES = ["#1f6f8b", "#b3541e", "#5b7c1e", "#7a4b94", "#a33b5e", "#2e7d6b", "#8a6d1d", "#4f5d75"]; // as in argminn.motifs
  const STEP = 10, ARC = 46;
  const percent = x => x > .9995 ? "over 0.9995" : x < .0005 ? "below 0.0005" : x.toFixed(3), sigmoid = x => 1 / (1 + Math.exp(-x));
  const escapeText = t => String(t).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) k in node && k !== "list" ? node[k] = v : node.setAttribute(k, v);
    node.append(...children);
    return node;
  }

  // SVG of one reading; layer: 0 for all, else from 1; changed: places of mutated bases, within the pasted sequence.
  function picture(m, r, layer = 0, changed = new Set()) {
    const first = r.first, n = r.bases, layers = r.attention.map((_, t) => t).filter(t => !layer || layer === t + 1), x = i => 46 + STEP * (i - first), parts = [], width = 70 + STEP * n;
    let y = 8;
    for (const t of layers) {
      const floor = y + ARC, top = r.attention[t][0].map((_, p) => Math.max(...r.attention[t].map(a => a[p])));
      parts.push(`<line x1="46" x2="${46 + STEP * n}" y1="${floor}" y2="${floor}" stroke="currentColor" opacity=".25"/><text class="small" x="40" y="${floor}" text-anchor="end">layer ${t + 1}</text>`);
      top.forEach((a, p) => { if (a > .02) parts.push(`<path d="M${x(p)} ${floor} A${STEP * m.width / 2} ${(ARC - 4) * a} 0 0 1 ${x(p + m.width)} ${floor}" fill="#1f6f8b" fill-opacity="${(.08 + .25 * a).toFixed(3)}" stroke="#1f6f8b" stroke-opacity="${(.25 + .75 * a).toFixed(3)}"><title>layer ${t + 1}: ${a.toFixed(2)} of a head's attention on bases ${p - first} to ${p - first + m.width}</title></path>`); });
      y = floor + 10;
    }
    const boxes = strand => r.calls.filter(c => c.minus === strand).map(c => {
      const motif = m.motifs[c.motif], left = x(c.start), wide = STEP * (c.end - c.start), name = motif.name.length * 6 > wide ? motif.id : motif.name;
      return `<g><title>${escapeText(motif.name)} (${escapeText(motif.id)}), bases ${c.start - first} to ${c.end - first}, strand ${c.minus ? "-" : "+"}, p ${c.p_value.toExponential(1)}, attention ${c.attention.toFixed(2)} of layer ${c.layer}</title><rect x="${left}" y="${y}" width="${wide}" height="15" rx="3" fill="${SERIES[c.motif % SERIES.length]}"/><text class="name" x="${left + wide / 2}" y="${y + 11}" text-anchor="middle">${escapeText(c.minus ? "◀ " + name : name + " ▶")}</text></g>`;
    }).join("");
    parts.push(`<text class="small" x="40" y="${y + 11}" text-anchor="end">+</text>`, boxes(false));
    y += 30;
    for (let i = 0; i < n; i++) {
      const b = r.codes[first + i] > 3 ? "N" : LETTERS[r.codes[first + i]];
      parts.push(`<text class="base ${b}${changed.has(i) ? " changed" : ""}" data-at="${i}" tabindex="${i ? -1 : 0}" role="button" aria-label="base ${i}, ${b}; type A, C, G or T to change it" x="${46 + STEP * (i + .5)}" y="${y}" text-anchor="middle">${b}</text>`);
      if (i % 10 === 0) parts.push(`<text class="small" x="${46 + STEP * (i + .5)}" y="${y + 13}" text-anchor="middle">${i}</text>`);
    }
    y += 20;
    parts.push(`<text class="small" x="40" y="${y + 11}" text-anchor="end">-</text>`, boxes(true));
    return `<svg width="${width}" height="${y + 24}" role="group" aria-label="${n} bases, ${r.calls.length} called motif instances, attention of ${layers.length} layers">${parts.join("")}</svg>`;
  }

  // SVG strip: what each layer added to the memory stream, a cell per dimension.
  function strip(r, layer) {
    const steps = r.streams.slice(1).map((s, t) => s.map((v, i) => v - r.streams[t][i])), most = Math.max(...steps.map(s => Math.max(...s.map(Math.abs)))) || 1, wide = 700 / steps[0].length;
    const rows = steps.map((s, t) => Array.from(s, (v, i) => `<rect x="${(50 + i * wide).toFixed(1)}" y="${4 + 14 * t}" width="${wide.toFixed(1)}" height="11" fill="${v > 0 ? "#b3541e" : "#1f6f8b"}" fill-opacity="${Math.min(1, Math.abs(v) / most).toFixed(2)}"/>`).join("") + `<text class="small${layer === t + 1 ? " chosen" : ""}" x="44" y="${13 + 14 * t}" text-anchor="end">layer ${t + 1}</text>`);
    return `<svg class="streams" viewBox="0 0 760 ${8 + 14 * steps.length}" role="img" aria-label="what each layer adds to the memory stream">${rows.join("")}</svg>`;
  }

  const said = (m, logit) => m.task === "regression" ? `${logit.toFixed(3)}` : percent(sigmoid(logit));

  function sentence(m, r) {
    const sites = r.calls.map(c => `${m.motifs[c.motif].name} at ${c.start - r.first} (${c.minus ? "-" : "+"})`), on = m.rules.filter((_, k) => r.rules[k]);
    return (sites.length ? `It reads ${sites.join(", ")}` : "It calls no motif") + (on.length ? `; rule ${on[0].id} holds: ${on[0].words}.` : m.rules.length ? "; no rule of the short list holds." : ".");
  }

  // Put a live reader into an element; told: what argminn.reader.web_model wrote. Its state can be read and set: element.reader. first: a sequence to begin with; changed: called after each change. region: called with a text such as chr1:100-200, where something can look it up.
  function mount(element, told, { first = "", changed = () => {}, region = null } = {}) {
    const m = load(told), id = `argminn-${Math.random().toString(36).slice(2)}`;
    const area = make("textarea", { id, spellcheck: false, value: first || (m.examples.length ? m.examples[0].sequence : "") });
    const choice = make("select", { "aria-label": "an example" }, ...m.examples.map((e, k) => make("option", { value: k, textContent: e.name })));
    const go = make("button", { textContent: "Read" }), back = make("button", { textContent: "Undo", disabled: true }), less = make("button", { textContent: "◀", title: "the layer before", "aria-label": "the layer before" }), more = make("button", { textContent: "▶", title: "the next layer", "aria-label": "the next layer" }), which = make("span", { className: "soft" });
    const message = make("div", { className: "said", role: "status" }), words = make("div"), scroll = make("div", { className: "scroll" }), streams = make("div"), rules = make("div"), changes = make("div");
    element.classList.add("argminn", "argminn-reader");
    element.replaceChildren(make("label", { htmlFor: id, textContent: `DNA, up to ${m.length} bases (FASTA is read too)` }), area,
      make("div", { className: "bar" }, go, ...(m.examples.length > 1 ? [choice] : []), back, less, which, more), message, words, scroll,
      make("p", { className: "soft", textContent: "Arcs: windows that a layer's heads look at. Boxes: called motifs, by strand. Click a base, or move with the arrow keys and type a letter, to change it. Below: what each layer adds to the memory stream." }), streams, changes, rules);
    const state = { layer: 0, start: null, now: null, changed: new Map(), focus: null, past: [] };

    function show() {
      const r = state.now;
      which.textContent = state.layer ? `layer ${state.layer} of ${m.layers}` : `all ${m.layers} layers`;
      less.disabled = !state.layer; more.disabled = state.layer === m.layers; back.disabled = !state.past.length;
      message.className = "said";
      message.textContent = m.tasks.map((t, k) => `${m.tasks.length > 1 ? t + ": " : ""}${m.task === "regression" ? "prediction" : "probability"} ${said(m, r.logits[k])}${state.changed.size ? ` (before: ${said(m, state.start.logits[k])})` : ""}`).join("; ");
      words.textContent = sentence(m, r);
      scroll.innerHTML = picture(m, r, state.layer, new Set(state.changed.keys()));
      streams.innerHTML = strip(r, state.layer);
      rules.innerHTML = m.rules.length ? `<table><caption class="soft">Rules of the network's short list</caption>${m.rules.map((x, k) => `<tr><td>${r.rules[k] ? "✓" : "–"}</td><td>${escapeText(x.id)}</td><td>${escapeText(x.words)}</td><td><code>${escapeText(x.formula)}</code></td></tr>`).join("")}</table>` : "";
      const unknown = r.codes.subarray(r.first, r.first + r.bases).reduce((n, b) => n + (b > 3), 0);
      if (!r.readable.some(x => x)) message.textContent += `; nothing could be read: no ${m.width} bases of A, C, G and T stand together`;
      if (unknown) message.textContent += `; ${unknown} letter${unknown > 1 ? "s that are" : " that is"} not A, C, G or T read as N`;
      const listed = [...state.changed].map(([i, b]) => `${b}${i}${r.codes[r.first + i] > 3 ? "N" : LETTERS[r.codes[r.first + i]]}`), sites = x => new Set(x.calls.map(c => `${m.motifs[c.motif].name} at ${c.start - x.first} (${c.minus ? "-" : "+"})`)), old = state.start && sites(state.start), fresh = sites(r);
      changes.textContent = listed.length ? `Changed: ${listed.join(", ")}; logit ${state.start.logits[0].toFixed(2)} → ${r.logits[0].toFixed(2)}` + [...old].filter(x => !fresh.has(x)).map(x => `; lost: ${x}`).join("") + [...fresh].filter(x => !old.has(x)).map(x => `; gained: ${x}`).join("") : "";
      if (state.focus !== null) { const b = scroll.querySelector(`[data-at="${state.focus}"]`); if (b) { scroll.querySelector('[tabindex="0"]').setAttribute("tabindex", -1); b.setAttribute("tabindex", 0); b.focus(); } }
      changed();
    }
    function wrong(e) { message.className = "said wrong"; message.textContent = e.message; } // and nothing else changes
    function start() {
      if (/^\s*[^\s>:]+:[\d,]+-[\d,]+\s*$/.test(area.value)) return region ? region(area.value) : wrong(new Error("this is a region, and the page has no genome; expected DNA letters: paste those that stand there"));
      try { state.now = read(m, area.value); } catch (e) { return wrong(e); }
      state.read = area.value;
      choice.selectedIndex = m.examples.findIndex(e => e.sequence === area.value);
      Object.assign(state, { start: state.now, changed: new Map(), focus: null, past: [] });
      show();
    }
    const text = r => Array.from(r.codes.subarray(r.first, r.first + r.bases), b => b > 3 ? "N" : LETTERS[b]).join("");
    function mutate(at, letter) {
      if (area.value !== state.read) { back.disabled = false; return wrong(new Error("the text was changed and not yet read: press Read, or Undo")); }
      const old = text(state.now), before = state.changed.get(at) ?? old[at], next = letter || LETTERS[(LETTERS.indexOf(old[at]) + 1) % 4];
      if (next === old[at]) return;
      state.past.push([old, new Map(state.changed)]);
      state.now = read(m, old.slice(0, at) + next + old.slice(at + 1));
      if (next === before) state.changed.delete(at); else state.changed.set(at, before);
      area.value = state.read = text(state.now); state.focus = at;
      show();
    }
    go.onclick = start;
    choice.onchange = () => { area.value = m.examples[choice.value].sequence; start(); };
    back.onclick = () => { // the last change; first of all a text that was not read
      if (area.value !== state.read) { area.value = state.read; return show(); }
      const [old, changed] = state.past.pop();
      state.now = read(m, old);
      Object.assign(state, { changed, focus: null });
      area.value = state.read = old;
      show();
    };
    less.onclick = () => { element.reader.layer--; }; more.onclick = () => { element.reader.layer++; };
    area.onkeydown = e => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) start(); };
    scroll.onclick = e => { const b = e.target.closest("[data-at]"); if (b) mutate(+b.dataset.at); };
    scroll.onkeydown = e => {
      const b = e.target.closest("[data-at]");
      if (!b || e.ctrlKey || e.metaKey || e.altKey) return;
      const at = +b.dataset.at, step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
      if (step && at + step >= 0 && at + step < state.now.bases) { b.setAttribute("tabindex", -1); const next = scroll.querySelector(`[data-at="${at + step}"]`); next.setAttribute("tabindex", 0); next.focus(); e.preventDefault(); }
      else if (/^[acgtACGT]$/.test(e.key)) { mutate(at, e.key.toUpperCase()); e.preventDefault(); }
      else if (e.key === "Enter" || e.key === " ") { mutate(at); e.preventDefault(); }
    };
    element.reader = {
      get sequence() { return state.now && text(state.now); }, set sequence(v) { area.value = v; start(); },
      get layer() { return state.layer; }, set layer(v) { state.layer = Math.max(0, Math.min(m.layers, Math.floor(v) || 0)); if (state.now) show(); },
      get reading() { return state.now; }, get network() { return m; }, wrong: text => wrong(new Error(text)), get message() { return message.textContent; }, mutate,
    };
    if (area.value) start(); else message.textContent = "paste a sequence, and press Read";
    return element.reader;
  }

  function start() { // every reader of the page that argminn.reader.reader_element wrote
    for (const data of document.querySelectorAll('.argminn-reader > script[type="application/json"]')) mount(data.parentElement, JSON.parse(data.textContent));
  }

  return { encode, pad, complement, load, forward, predict, calls, holds, read, picture, mount, start };
})();
if (typeof document !== "undefined") ArgminnReader.start();
if (typeof module !== "undefined") module.exports = ArgminnReader;
