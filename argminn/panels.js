// Rule cards and designs that answer: Python computed and drew them (argminn.reader.rules_element, studio_element); here a gap is moved and a design opened.
"use strict";
var ArgminnPanels = (() => { // var: a page of a notebook may hold it twice
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) k in node ? node[k] = v : node.setAttribute(k, v);
    node.append(...children);
    return node;
  }

  // [of positives, of negatives]: { n, holds, inside, outside }: sequences, those in which the rule holds, and what the network says of these and of the others on average.
  function count(told, rule, least, most) {
    const holds = Uint8Array.from(rule.holds || told.positive, b => rule.holds ? +b : 0);
    if (!rule.holds) rule.gaps.forEach((gap, k) => { if (least <= gap && gap <= most) holds[rule.rows[k]] = 1; });
    return ["1", "0"].map(label => {
      const n = [0, 0], sum = [0, 0];
      told.says.forEach((said, i) => { if (told.positive[i] === label) { n[holds[i]]++; sum[holds[i]] += said; } });
      return { n: n[0] + n[1], holds: n[1], inside: sum[1] / n[1], outside: sum[0] / n[0] };
    });
  }

  const number = (x, digits = 3) => Number.isFinite(x) ? x.toFixed(digits) : "–";

  function support(told, rule, least, most) { // as a table
    const head = make("tr", {}, ...["", "sequences", "it holds in", "share", "network says, where it holds", "elsewhere"].map(textContent => make("th", { textContent, scope: "col" })));
    return make("table", { className: "support" }, head, ...count(told, rule, least, most).map((t, k) => {
      const fill = make("b"), share = t.holds / t.n;
      fill.style.width = `${100 * share || 0}%`;
      return make("tr", {}, make("th", { textContent: ["positives", "negatives"][k], scope: "row" }), ...[t.n, t.holds].map(n => make("td", { textContent: n.toLocaleString("en") })),
        make("td", {}, make("span", { className: "share" }, fill), `${number(100 * share, 1)} %`), ...[t.inside, t.outside].map(x => make("td", { textContent: number(x) })));
    }));
  }

  function card(box, told, rule) { // its counts; of a pair, with a window that moves
    const place = make("div", { className: "counts" });
    box.querySelector(".facts").after(place);
    if (!rule.gap) return place.append(support(told, rule));
    const svg = box.querySelector("svg.gaps"), shade = svg.querySelector(".window"), code = box.querySelector("code"), formula = code.textContent, [first, last] = rule.shown, step = svg.viewBox.baseVal.width / (last - first + 1);
    const ends = rule.gap.map((value, k) => make("input", { type: "range", min: Math.min(first, rule.gap[0]), max: Math.max(last, rule.gap[1]), value, "aria-label": ["least gap, bp", "most gap, bp"][k] })), shown = ends.map(() => make("output"));
    const back = make("button", { type: "button", textContent: "as found" }), counts = make("div");
    place.append(make("div", { className: "bar" }, ...["gap from", "to"].map((word, k) => make("label", {}, word, ends[k], shown[k])), back), counts);
    svg.classList.add("live");

    function move(k, value) { // an end; the other one gives way
      ends[k].value = value;
      const [least, most] = ends.map(e => +e.value);
      if (least > most) ends[1 - k].value = ends[k].value;
      show();
    }
    function show() {
      const [least, most] = ends.map(e => +e.value);
      shown.forEach((o, k) => { o.textContent = `${ends[k].value} bp`; });
      shade.setAttribute("x", (least - first) * step); shade.setAttribute("width", (most - least + 1) * step);
      code.textContent = formula.replace(/in \[-?\d+,-?\d+\]/, `in [${least},${most}]`);
      back.disabled = least === rule.gap[0] && most === rule.gap[1];
      box.classList.toggle("moved", !back.disabled);
      counts.replaceChildren(support(told, rule, least, most));
    }
    ends.forEach((e, k) => { e.oninput = () => move(k, e.value); });
    back.onclick = () => { ends.forEach((e, k) => { e.value = rule.gap[k]; }); ends[0].focus(); show(); };
    let held = 0; // the end that the pointer holds
    svg.onpointerdown = svg.onpointermove = e => {
      if (!(e.buttons & 1)) return;
      const frame = svg.getBoundingClientRect(), gap = first + Math.floor((e.clientX - frame.left) / frame.width * (last - first + 1));
      if (e.type === "pointerdown") { svg.setPointerCapture(e.pointerId); held = Math.abs(gap - ends[0].value) <= Math.abs(gap - ends[1].value) ? 0 : 1; }
      move(held, gap);
      e.preventDefault();
    };
    show();
  }

  function letters(design) { // the sequence, with its instances
    const owner = Array.from(design.sequence, (_, i) => design.sites.findIndex(s => s.start <= i && i < s.end)), parts = [];
    for (let i = 0, j = 0; i < owner.length; i = j) {
      while (j < owner.length && owner[j] === owner[i]) j++;
      const site = design.sites[owner[i]], part = make("span", { textContent: design.sequence.slice(i, j) });
      if (site) { part.className = "site"; part.title = `${site.name} (${site.strand}), bases ${site.start} to ${site.end}`; part.style.background = site.colour; }
      parts.push(part);
    }
    return make("div", { className: "letters" }, ...parts);
  }

  function studio(box, told) { // parts, a rule's designs each
    const parts = [...box.querySelectorAll("[data-part]")], opened = make("div", { role: "status" }), rows = parts.map(p => [...p.querySelectorAll(".design")]);
    const choice = make("select", {}, ...told.map((t, value) => make("option", { value, textContent: t.label })));
    if (told.length > 1) box.prepend(make("label", {}, "rule", choice));
    box.append(opened);
    function open(p, k, focus = true) {
      const design = told[p].designs[k], sites = design.sites.map(s => `${s.name} ${s.strand} at ${s.start}`).join(", ");
      parts.forEach((part, i) => { part.hidden = i !== p; });
      rows[p].forEach((row, i) => { row.setAttribute("aria-pressed", i === k); row.setAttribute("tabindex", i === k ? 0 : -1); });
      if (focus) rows[p][k].focus();
      const reader = document.querySelector(".argminn-reader"), go = reader && reader.reader && make("button", { type: "button", textContent: "Open in the reader", onclick: () => { reader.reader.sequence = design.sequence; reader.scrollIntoView(); } });
      opened.replaceChildren(make("div", { className: "bar" }, make("b", { textContent: design.name }), make("span", { textContent: `${design.says}; ${sites || "no instance"}` }), ...(go ? [go] : [])), letters(design));
    }
    rows.forEach((mine, p) => mine.forEach((row, k) => {
      row.setAttribute("role", "button"); row.setAttribute("aria-label", `${told[p].designs[k].name}: ${told[p].designs[k].says}`);
      row.onclick = () => open(p, k);
      row.onkeydown = e => {
        const next = k + ({ ArrowDown: 1, ArrowUp: -1, Enter: 0, " ": 0 }[e.key] ?? NaN);
        if (!mine[next]) return;
        open(p, next);
        e.preventDefault();
      };
    }));
    choice.onchange = () => open(+choice.value, 0, false);
    open(0, 0, false);
  }

  function cards(box, told) { box.querySelectorAll("[data-rule]").forEach(x => { if (told.rules[x.dataset.rule]) card(x, told, told.rules[x.dataset.rule]); }); }

  function start() { // all of the page, once each
    for (const [name, mount] of [["argminn-rules", cards], ["argminn-studio", studio]])
      for (const data of document.querySelectorAll(`.${name} > script[type="application/json"]`)) {
        const box = data.parentElement;
        data.remove();
        mount(box, JSON.parse(data.textContent));
      }
  }

  return { count, start };
})();
if (typeof document !== "undefined") ArgminnPanels.start();
if (typeof module !== "undefined") module.exports = ArgminnPanels;
