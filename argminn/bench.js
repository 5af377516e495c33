// A motif on the bench: letters up and down, ends, threshold; its logo, its best match, its sites and what the network makes of it follow.
// The same numbers as argminn.widgets.MotifBench; tested against it. The network is that of reader.js, which stands before this script where there is one.
"use strict";
var ArgminnBench = (() => { // var: a page of a notebook may hold it twice
  const LETTERS = "ACGT", DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", GRID = .1, SAMPLED = 8, COLUMN = 19, HEIGHT = 76;
  const IUPAC = { A: "A", C: "C", G: "G", T: "T", R: "AG", Y: "CT", S: "CG", W: "AT", K: "GT", M: "AC", B: "CGT", D: "AGT", H: "ACT", V: "ACG", N: "ACGT" };
  const sum = x => x.reduce((a, b) => a + b, 0), clip = (x, least, most) => Math.min(most, Math.max(least, x));

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) k in node ? node[k] = v : node.setAttribute(k, v);
    node.append(...children);
    return node;
  }

  // ---- a motif: { id, name, sites, ppm }, ppm a list of columns [A, C, G, T]

  function unpack(text) { // six digits a column: A, C, G in 4095ths
    return Array.from({ length: text.length / 6 }, (_, k) => {
      const [a, c, g] = [0, 2, 4].map(i => (64 * DIGITS.indexOf(text[6 * k + i]) + DIGITS.indexOf(text[6 * k + i + 1])) / 4095), t = Math.max(0, 1 - a - c - g), all = a + c + g + t;
      return [a / all, c / all, g / all, t / all];
    });
  }

  const turned = ppm => ppm.map(c => [...c].reverse()).reverse();
  const pwm = (motif, pseudo = .8) => motif.ppm.map(c => c.map(p => Math.log2((p * motif.sites + pseudo / 4) / (motif.sites + pseudo) / .25)));
  const bits = column => 2 + sum(column.map(p => p * Math.log2(Math.max(p, 1e-12))));

  function cavener(column) {
    const order = [0, 1, 2, 3].sort((i, j) => column[j] - column[i]), [first, second] = order.map(b => column[b]);
    if (first > .5 && first > 2 * second) return LETTERS[order[0]];
    const two = [LETTERS[order[0]], LETTERS[order[1]]].sort().join("");
    return first + second > .75 ? Object.keys(IUPAC).find(k => IUPAC[k] === two) : "N";
  }

  function consensusMotif(text) {
    const letters = text.toUpperCase();
    if (!letters || [...letters].some(c => !IUPAC[c])) return null;
    return { id: letters, name: letters, sites: 20, ppm: [...letters].map(c => [...LETTERS].map(b => .94 * (IUPAC[c].includes(b) ? 1 / IUPAC[c].length : 0) + .015)) };
  }

  function nudged(ppm, letter, share, column) { // a copy in which a letter has so much more, or less, of a column
    const b = LETTERS.indexOf(letter), out = ppm.map(c => [...c]), x = out[column];
    x[b] = clip(x[b] + share, .001, .997);
    const rest = sum(x) - x[b], left = 1 - x[b];
    [0, 1, 2, 3].forEach(i => { if (i !== b) x[i] = rest > 1e-9 ? x[i] * left / rest : left / 3; }); // of a column of one letter: alike
    return out;
  }

  // ---- sites: scores in whole units of GRID bits, their exact distribution over random windows; as argminn.sites

  function scoreThreshold(scores, p_value) { // [the least score, the share of random windows that reach it]
    let low = 0, spread = [1];
    for (const column of scores) {
      const least = Math.min(...column), next = new Float64Array(spread.length + Math.max(...column) - least);
      for (const s of column) for (let k = 0; k < spread.length; k++) next[k + s - least] += .25 * spread[k];
      low += least; spread = next;
    }
    let tail = 0, k = spread.length;
    while (k > 0 && tail + spread[k - 1] <= p_value) tail += spread[--k];
    k = Math.max(Math.min(k, spread.length - 1), 1 - low);
    return [low + k, sum(spread.slice(k))];
  }

  function sites(motif, p_value, sequences) { // [how many, in lists of codes; their largest p-value: more than asked for where the motif's best word has more]
    const scores = pwm(motif).map(c => c.map(s => Math.round(s / GRID))), other = turned(scores), [least, reached] = scoreThreshold(scores, p_value), W = scores.length;
    let n = 0;
    for (const codes of sequences) for (const strand of [scores, other]) for (let p = 0; p + W <= codes.length; p++) {
      let s = 0;
      for (let k = 0; k < W; k++) if (codes[p + k] < 4) s += strand[k][codes[p + k]];
      n += s >= least;
    }
    return [n, reached];
  }

  // ---- the best match: TOMTOM (Gupta et al. 2007), distances of columns less their median, every span's null distribution, the best of all offsets and of both strands

  function bestMatch(ppm, targets, background, n_targets) { // { target, q_value }; background: one of `SAMPLED` columns of the database
    const W = ppm.length, own = 1 / SAMPLED, columns = background.concat(turned(background)), distance = (x, y) => -Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2], x[3] - y[3]);
    const all = ppm.map(x => Float64Array.from([...columns, x], y => distance(x, y)).sort()); // and a column like itself, of which the whole database has one
    const median = all.map(d => d[d.length >> 1]);
    const lowest = Math.floor(Math.min(...all.map((d, i) => d[0] - median[i]))), highest = Math.max(...all.map((d, i) => d[d.length - 1] - median[i]));
    const scale = Math.floor(100 / Math.max(highest - lowest, 1)), score = (d, i) => Math.round((d - median[i]) * scale), edge = -lowest * scale + 1; // a column's score is at least -edge
    const single = all.map((row, i) => { const h = new Float64Array(edge + scale * Math.max(1, Math.ceil(highest)) + 2); row.forEach((d, k) => { h[score(d, i) + edge] += (k < row.length - 1 ? 1 : own) / (row.length - 1 + own); }); return h; });
    const tails = ppm.map(() => []); // of the span from column a to b: tails[a][b][k] = P(score >= k - edge * columns)
    for (let a = 0; a < W; a++) for (let b = a, spread = [1]; b < W; b++) {
      const next = new Float64Array(spread.length + single[b].length - 1);
      for (let i = 0; i < spread.length; i++) if (spread[i]) for (let k = 0; k < single[b].length; k++) next[i + k] += spread[i] * single[b][k];
      spread = next;
      const tail = spread.slice();
      for (let k = tail.length - 2; k >= 0; k--) tail[k] += tail[k + 1];
      tails[a][b] = tail;
    }
    const p_of = (target, strand) => {
      const T = strand.length, s = strand.map(y => ppm.map((x, i) => score(distance(x, y), i)));
      let best = -Infinity, miss = 0;
      for (let d = 1 - W; d < T; d++) { let x = 0; for (let i = Math.max(0, -d); i < Math.min(W, T - d); i++) x += s[d + i][i]; best = Math.max(best, x); }
      for (let d = 1 - W; d < T; d++) {
        const a = Math.max(0, -d), b = Math.min(W, T - d) - 1, tail = tails[a][b], k = best + edge * (b - a + 1);
        miss += Math.log1p(-Math.min(1, k < 0 ? 1 : k < tail.length ? tail[k] : 0));
      }
      return -Math.expm1(miss);
    };
    const found = targets.map(target => { const p = Math.min(p_of(target, target.ppm), p_of(target, turned(target.ppm))); return { target, p: p * (2 - p) }; }).sort((x, y) => x.p - y.p);
    return { target: found[0].target, q_value: Math.min(1, ...found.map((x, k) => x.p * n_targets / (k + 1))) };
  }

  // ---- what the network makes of it

  function scoresOf(m, filter, f, codes, out) { // of readable windows, one strand, without bias
    const W = m.width;
    for (let p = 0; p + W <= codes.length; p++) {
      let s = 0, k = 0;
      for (; k < W && codes[p + k] < 4; k++) s += filter[(f * 4 + codes[p + k]) * W + k];
      if (k === W) out.push(s);
    }
  }

  function withMotif(m, on, motif, start, sequences) { // a copy of the network whose filter has the motif's form and fires in as many windows as before; on: the motif that it replaces, with filter and start
    const W = m.width, f = on.filter, size = 4 * W, filter = m.weights.filter.slice(), bias = m.weights.scanner_bias.slice(), old = filter.slice(f * size, (f + 1) * size), before = [], after = [];
    if (motif.ppm.length > W) throw new Error(`the motif has ${motif.ppm.length} columns, the network's filters ${W}; expected a narrower one: move its ends in`);
    const form = new Float64Array(size), at = Math.min(start, W - motif.ppm.length);
    pwm(motif, .02 * motif.sites).forEach((c, k) => { const mean = m.unit_norm ? sum(c) / 4 : 0; c.forEach((v, b) => { form[b * W + at + k] = v - mean; }); });
    const norm = Math.hypot(...old) / Math.max(Math.hypot(...form), 1e-9);
    for (const codes of sequences) scoresOf(m, filter, f, codes, before);
    form.forEach((v, i) => { filter[f * size + i] = v * norm; });
    for (const codes of sequences) scoresOf(m, filter, f, codes, after);
    const fires = Math.max(before.filter(s => s + bias[f] > 0).length / before.length + 1e-9, 1e-4), rank = Math.max(1, Math.ceil((1 - fires) * after.length));
    bias[f] = -Float64Array.from(after).sort()[rank - 1];
    return { ...m, weights: { ...m.weights, filter, scanner_bias: bias } };
  }

  function auroc(says, labels) {
    const order = says.map((_, i) => i).sort((i, j) => says[i] - says[j]);
    let ranks = 0, yes = 0;
    for (let i = 0, j = 0; i < order.length; i = j) {
      while (j < order.length && says[order[j]] === says[order[i]]) j++;
      for (let k = i; k < j; k++) if (labels[order[k]]) { ranks += (i + j + 1) / 2; yes++; }
    }
    return (ranks - yes * (yes + 1) / 2) / (yes * (order.length - yes));
  }

  // ---- the panel

  function logo(told, motif, column, first) { // SVG text; column: the chosen one, from 1, of the motif before its ends were moved; first: the end that is shown first
    const floor = HEIGHT + 5, parts = [0, 1, 2].map(b => `<path d="M20 ${floor - HEIGHT * b / 2}h4" stroke="#8a969d"/><text x="17" y="${floor - HEIGHT * b / 2 + 3.5}" text-anchor="end">${b}</text>`);
    motif.ppm.forEach((c, i) => {
      let y = floor;
      parts.push(`<rect class="hit" data-column="${first + i}" x="${26 + COLUMN * i}" y="5" width="${COLUMN}" height="${HEIGHT}"/>`);
      for (const b of [0, 1, 2, 3].sort((j, k) => c[j] - c[k])) {
        const h = HEIGHT / 2 * c[b] * bits(c);
        if (h < .4) continue;
        y -= h;
        parts.push(`<path class="glyph" fill="${told.colours[LETTERS[b]]}" fill-rule="evenodd" d="${told.glyphs[LETTERS[b]]}" transform="translate(${26 + COLUMN * i} ${y.toFixed(1)})scale(${(COLUMN - 1) / 100} ${(h / 100).toFixed(4)})"/>`);
      }
      if (first + i === column) parts.push(`<rect class="chosen" x="${25 + COLUMN * i}" y="2" width="${COLUMN + 1}" height="${HEIGHT + 6}" rx="3"/>`);
    });
    const width = 30 + COLUMN * motif.ppm.length;
    return `<svg class="bench" width="${width}" height="${HEIGHT + 10}" viewBox="0 0 ${width} ${HEIGHT + 10}" role="img" aria-label="logo of ${motif.ppm.map(cavener).join("")}"><path d="M24 5V${floor}" stroke="#8a969d"/>${parts.join("")}</svg>`;
  }

  const power = q => q <= 0 ? "below 1e-300" : q < .001 ? q.toExponential(0) : q.toPrecision(1);

  function mount(box, told, reader) { // told: what argminn.panels.bench_element wrote; reader: that of the page, whose network is taken where told has none
    const targets = told.targets.map(([id, name, sites, text]) => ({ id, name, sites, ppm: unpack(text) })), background = unpack(told.background);
    const sequences = told.sequences.map(s => Uint8Array.from(s, b => { const k = LETTERS.indexOf(b); return k < 0 ? 4 : k; })), labels = Array.from(told.labels, b => b === "1"), judged = labels.includes(true) && labels.includes(false);
    const m = told.motifs[0].filter === undefined || !judged ? null : told.model ? ArgminnReader.load(told.model) : reader && reader.network;
    const state = { on: 0, motif: null, ends: [1, 1], column: 1, exponent: Math.log10(told.p_value), turn: 0, first: {} };

    const range = (label, min, max, step = 1) => make("input", { type: "range", min, max, step, "aria-label": label });
    const choice = make("select", { "aria-label": "motif on the bench" }, ...told.motifs.map((x, value) => make("option", { value, textContent: `${x.id} ${x.name}` })));
    const asked = make("input", { type: "text", placeholder: targets.length < told.n_targets && targets.length ? `${targets[0].name}, ${targets[0].id.split(".")[0]} or WGATAR` : "GATA1, MA0035 or WGATAR", "aria-label": "another motif: a name, an id or a consensus", spellcheck: false }), back = make("button", { type: "button", textContent: "as it was" });
    const picture = make("div", { className: "scroll", tabIndex: 0, role: "group", "aria-label": "the logo: arrow keys choose a column, a letter gives it more of that letter, with shift less" });
    const column = range("column", 1, 1), ends = [range("from column", 1, 1), range("to column", 1, 1)], threshold = range("p-value of a site, power of ten", -6, -2, .25);
    const shown = [column, ...ends, threshold].map(() => make("output")), message = make("p", { className: "said", role: "status" }), facts = make("p", { className: "facts", role: "group", "aria-label": "what follows" });
    const letters = [...LETTERS].flatMap(b => [1, -1].map(sign => make("button", { type: "button", textContent: `${b} ${sign > 0 ? "+" : "−"}`, title: `${sign > 0 ? "more" : "less"} ${b} in this column`, onclick: () => change(() => { state.motif = { ...state.motif, ppm: nudged(state.motif.ppm, b, .1 * sign, state.column - 1) }; }) })));
    const labelled = (word, control, k) => make("label", {}, word, control, shown[k]);
    box.classList.add("live");
    box.replaceChildren(make("div", { className: "bar" }, ...(told.motifs.length > 1 ? [choice] : []), asked, back), picture, make("div", { className: "bar" }, labelled("column", column, 0), make("div", { className: "letters" }, ...letters)),
      make("div", { className: "bar" }, labelled("from", ends[0], 1), labelled("to", ends[1], 2), labelled("p-value", threshold, 3)), facts, message);

    const motif = () => ({ ...state.motif, ppm: state.motif.ppm.slice(state.ends[0] - 1, state.ends[1]) });
    function put(x) { state.motif = { ...x, ppm: x.ppm.map(c => [...c]) }; state.ends = [1, x.ppm.length]; }
    function change(how) { // what is asked for; a fault is told, and changes nothing
      const before = { ...state };
      message.className = "said"; message.textContent = "";
      try { how(); tell(); } catch (e) {
        Object.assign(state, before, { turn: state.turn });
        message.className = "said wrong"; message.textContent = e.message;
        draw();
      }
    }
    function draw() {
      const width = state.motif.ppm.length;
      state.column = clip(state.column, ...state.ends); // one that is shown
      picture.innerHTML = logo(told, motif(), state.column, state.ends[0]);
      for (const x of ends) x.max = width;
      [column.min, column.max] = state.ends;
      column.value = state.column; ends.forEach((x, k) => { x.value = state.ends[k]; }); threshold.value = state.exponent;
      [state.column, ...state.ends].forEach((x, k) => { shown[k].textContent = x; });
      shown[3].textContent = (10 ** state.exponent).toExponential(0);
      letters.forEach((x, k) => { x.title = `${LETTERS[k >> 1]}: ${state.motif.ppm[state.column - 1][k >> 1].toFixed(2)} of column ${state.column}`; });
    }
    function tell() {
      const now = motif(), on = told.motifs[state.on], changed = m && withMotif(m, on, now, on.start + state.ends[0] - 1, sequences), match = targets.length && bestMatch(now.ppm, targets, background, told.n_targets), turn = ++state.turn;
      const pairs = [["columns", now.ppm.length], ["bits", sum(now.ppm.map(bits)).toFixed(1)], ["consensus", now.ppm.map(cavener).join("")]];
      if (match) pairs.push([targets.length < told.n_targets ? `best match of ${targets.length}` : "best match", match.q_value <= .1 ? `${match.target.name} (${match.target.id}), q ${power(match.q_value)}` : "none"]);
      if (sequences.length) {
        const [n, reached] = sites(now, 10 ** state.exponent, sequences);
        state.n_calls = n;
        pairs.push([`sites in ${sequences.length.toLocaleString("en")} sequences`, n.toLocaleString("en") + (reached > 10 ** state.exponent * 1.000001 ? ` (its best words, p ${reached.toExponential(0)})` : "")]);
      }
      Object.assign(state, { match, auroc: null });
      draw();
      const said = make("b", { textContent: "…" });
      facts.replaceChildren(...pairs.map(([k, v]) => make("span", {}, make("i", { textContent: `${k} ` }), make("b", { textContent: v }))), ...(m ? [make("span", {}, make("i", { textContent: "the network's auROC " }), said)] : []));
      const last = () => follow(changed, turn, x => { state.auroc = x; said.textContent = `${x.toFixed(3)} (at first ${state.first[state.on].toFixed(3)})`; });
      if (m && state.first[state.on] === undefined) follow(withMotif(m, on, on, on.start, sequences), turn, x => { state.first[state.on] = x; last(); });
      else if (m) last();
    }
    function follow(network, turn, done) { // a few sequences at a time, so that the page stays awake; a newer change ends it
      const says = [];
      (function some() {
        if (turn !== state.turn) return;
        const until = performance.now() + 25;
        while (says.length < sequences.length && performance.now() < until) says.push(ArgminnReader.predict(network, sequences[says.length]).logits[0]);
        if (says.length < sequences.length) setTimeout(some); else done(auroc(says, labels));
      })();
    }
    function named(text) {
      const word = text.trim().toUpperCase(), found = targets.find(t => [t.name.toUpperCase(), t.id.toUpperCase(), t.id.toUpperCase().split(".")[0]].includes(word)) || consensusMotif(word);
      if (!found) throw new Error(`"${text.trim()}" is ${targets.length < told.n_targets ? `none of the ${targets.length} motifs of JASPAR that this page holds` : "no motif of JASPAR"} and no consensus; expected a name (GATA1), an id (MA0035) or IUPAC letters (WGATAR)`);
      if (m && found.ppm.length > m.width) throw new Error(`the motif has ${found.ppm.length} columns, the network's filters ${m.width}; expected a narrower one`);
      return found;
    }
    function end(k, value) { // the other one gives way
      state.ends = [...state.ends];
      state.ends[k] = clip(value, 1, state.motif.ppm.length);
      if (state.ends[0] > state.ends[1]) state.ends[1 - k] = state.ends[k];
    }
    const choose = k => { state.column = Math.round(k) || 1; draw(); };

    choice.onchange = () => change(() => { state.on = +choice.value; put(told.motifs[state.on]); });
    asked.onchange = () => { if (asked.value.trim()) change(() => { put(named(asked.value)); asked.value = ""; }); };
    back.onclick = () => change(() => put(told.motifs[state.on]));
    column.oninput = () => choose(+column.value);
    ends.forEach((x, k) => { x.oninput = () => change(() => end(k, +x.value)); });
    threshold.oninput = () => change(() => { state.exponent = +threshold.value; });
    picture.onclick = e => { const hit = e.target.closest("[data-column]"); if (hit) choose(+hit.dataset.column); };
    picture.onkeydown = e => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key], b = e.key.toUpperCase();
      if (step) choose(state.column + step);
      else if (b.length === 1 && LETTERS.includes(b)) change(() => { state.motif = { ...state.motif, ppm: nudged(state.motif.ppm, b, e.shiftKey ? -.1 : .1, state.column - 1) }; });
      else return;
      e.preventDefault();
    };
    box.bench = {
      get motif() { return motif(); }, set motif(text) { change(() => put(named(text))); },
      get p_value() { return 10 ** state.exponent; }, set p_value(p) { change(() => { state.exponent = clip(Math.log10(p), -6, -2); }); },
      get ends() { return state.ends; }, set ends([first, last]) { change(() => { end(0, first); end(1, last); }); },
      get n_calls() { return state.n_calls; }, get auroc() { return state.auroc; }, get match() { return state.match; }, get message() { return message.textContent; },
      nudge: (letter, share, k = state.column) => change(() => { state.motif = { ...state.motif, ppm: nudged(state.motif.ppm, letter, share, k - 1) }; }),
    };
    change(() => put(told.motifs[0]));
    return box.bench;
  }

  function start() { // every bench of the page, once each
    for (const data of document.querySelectorAll('.argminn-bench > script[type="application/json"]')) {
      const reader = document.querySelector(".argminn-reader");
      mount(data.parentElement, JSON.parse(data.textContent), reader && reader.reader);
    }
  }

  return { unpack, nudged, consensusMotif, cavener, pwm, sites, bestMatch, withMotif, auroc, mount, start };
})();
if (typeof document !== "undefined") ArgminnBench.start();
if (typeof module !== "undefined") module.exports = ArgminnBench;
