// The spec's text, coloured, each line linked with the boxes that come from it.

const WORDS = /^(block|model|default|drop|expect|for|init|input|let|note|output|param|require|share|stage|use|when)(?=\s)/;
const TOKENS = [
  ["comment", /^#.*/],
  ["string", /^@?"(?:[^"\\]|\\.)*"?/],
  ["number", /^\d[\d_]*(?:x\d+)+\b|^\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?[kMGT]?\b/],
  ["times", /^x\d+\b/],
  ["keyword", /^(?:if|else|match|and|or|not|in|from|with|stride|true|false)\b(?!\s*[:=](?!=))/],
  ["call", /^[A-Za-z_]\w*(?=\()/],
  ["", /^@?[A-Za-z_]\w*/],
  ["", /^[^#"@\w]+/],
  ["", /^./u],
];

function coloured(line) {
  const parts = [];
  const put = (kind, text) => parts.push(kind ? html("span", { class: `is-${kind}` }, text) : text);
  const indent = /^[\s|]*/.exec(line)[0];
  if (indent) parts.push(indent);
  let rest = line.slice(indent.length);
  const label = WORDS.exec(rest) || /^(?:[A-Za-z_]\w*|"[^"]*")(?=\s*:)/.exec(rest);
  if (label) {
    put(WORDS.test(rest) ? "keyword" : "label", label[0]);
    rest = rest.slice(label[0].length);
  }
  while (rest) {
    for (const [kind, form] of TOKENS) {
      const found = form.exec(rest);
      if (!found) continue;
      put(kind, found[0]);
      rest = rest.slice(found[0].length);
      break;
    }
  }
  return parts;
}

// line number -> the outermost boxes that come from it
function linesOf(net) {
  const found = new Map();
  for (const box of net.boxes) {
    if (!box.line || box.parent?.line === box.line) continue;
    found.set(box.line, [...(found.get(box.line) || []), box]);
  }
  return found;
}

function drawText(text, linked) {
  document.querySelector("#text h2").textContent = text.name;
  const digits = String(text.lines.length).length;
  $("lines").replaceChildren(...text.lines.map((line, i) => {
    const number = i + 1, boxes = linked.get(number);
    const facts = { role: "listitem", class: boxes ? "line linked" : "line", "data-line": number };
    if (boxes) facts.tabindex = -1;
    const code = html("code", {}, ...coloured(line));
    const margin = html("span", { class: "number", "aria-hidden": "true" }, String(number).padStart(digits));
    return html("div", facts, margin, code);
  }));
  const first = $("lines").querySelector(".linked");
  if (first) first.tabIndex = 0;
}
