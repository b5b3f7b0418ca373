// The laid-out scene as SVG: clusters below, then edges, then boxes and the clusters' headings.

function drawScene(scene, layout) {
  const parts = new Map(); // box -> its element
  const groups = { clusters: svg("g"), edges: svg("g"), boxes: svg("g"), heads: svg("g") };
  for (const box of scene.clusters) {
    const { x, y, w, h } = layout.boxes.get(box.id);
    parts.set(box, groups.clusters.appendChild(frame(box, true, [rect("frame", x, y, w, h, 10)])));
    groups.heads.append(drawHead(box, scene, x, y));
  }
  for (const box of scene.leaves) {
    parts.set(box, groups.boxes.appendChild(drawLeaf(box, scene, layout)));
  }
  const byEnds = new Map();
  for (const edge of scene.edges) {
    const key = `${edge.source.id}-${edge.target.id}`;
    byEnds.set(key, [...(byEnds.get(key) || []), edge]);
  }
  const trunks = new Map(); // the edge that begins at its box; what else leaves, does at the fork below
  for (const edge of scene.edges) {
    const trunk = trunks.get(edge.source);
    if (!trunk || rank(edge) < rank(trunk)) trunks.set(edge.source, edge);
  }
  for (const { source, target, points } of layout.edges) {
    const edge = byEnds.get(`${source}-${target}`).shift();
    const [[x, y]] = points, { below } = scene.sizes.get(edge.source);
    const begin = edge === trunks.get(edge.source) ? [x, y - below] : [x, y];
    groups.edges.append(drawEdge(edge, begin, points));
  }
  for (const box of scene.leaves) {
    const { below, shape } = scene.sizes.get(box);
    if (!below) continue;
    const { x, y, w, h } = layout.boxes.get(box.id);
    groups.edges.append(svg("text", { class: "shape", x: fixed(x + w / 2 + 6), y: fixed(y + h - 6) }, shape));
  }
  return { parts, groups, width: layout.width, height: layout.height };
}

function named(box, isOpen) {
  const [title, text] = heading(box);
  return [
    title, text, box.times > 1 ? `${box.times} times` : "", `output ${box.shape.join(" by ")}`,
    box.train ? "in training only" : "", box.children.length ? (isOpen ? "open" : "closed") : "",
  ].filter(Boolean).join(", ");
}

function frame(box, isOpen, children) {
  const classes = ["box", box.family || box.role, isOpen ? "open" : "leaf"];
  if (box.train) classes.push("train");
  if (box.children.length) classes.push("opens");
  const facts = { class: classes.join(" "), "data-id": box.id, tabindex: -1, "aria-label": named(box, isOpen) };
  facts.role = box.children.length ? "button" : "img";
  if (box.children.length) facts["aria-expanded"] = String(isOpen);
  return svg("g", facts, ...children);
}

const fixed = (n) => Math.round(n * 100) / 100;
const rect = (c, x, y, w, h, r) =>
  svg("rect", { class: c, x: fixed(x), y: fixed(y), width: fixed(w), height: fixed(h), rx: r });
const sign = (x, y, isOpen) =>
  svg("path", { class: "sign", d: isOpen ? `M${x - 4} ${y - 2}l4 4 4-4` : `M${x - 2} ${y - 4}l4 4-4 4` });

// The heading of an open box, on a plate under which edges pass.
function drawHead(box, scene, x, y) {
  const { title, text, badge, width } = scene.heads.get(box);
  const left = x + 12, base = y + 25;
  const words = svg("text", { class: "title", x: left + 14, y: base }, title);
  if (badge) words.append(svg("tspan", { class: "badge", dx: 4 }, badge));
  if (text) words.append(svg("tspan", { class: "aside", dx: 8 }, text));
  const plate = rect("plate", x + 6, y + 9, width + 6, 23, 6);
  const facts = { class: `head ${box.role}`, "data-id": box.id, "aria-hidden": "true" };
  return svg("g", facts, plate, sign(left + 3, base - 4, true), words);
}

function drawLeaf(box, scene, layout) {
  const place = layout.boxes.get(box.id);
  const { lines, badge, width, height, above, round } = scene.sizes.get(box);
  const x = place.x + (place.w - width) / 2, y = place.y + above, middle = x + width / 2;
  const shapes = [];
  if (box.times > 1) {
    for (const by of [PILE, PILE / 2]) shapes.push(rect("behind", x + by, y - by, width, height, 7));
  }
  const isEnd = box.role === "input" || box.role === "output";
  shapes.push(rect("frame", x, y, width, height, round || isEnd ? height / 2 : 7));
  const step = 15, first = y + height / 2 - ((lines.length - 1) * step) / 2 + 4.5;
  const shift = box.children.length ? 6 : 0;
  lines.forEach(([line, role], i) => {
    const at = { x: fixed(middle + shift), y: fixed(first + i * step), "text-anchor": "middle" };
    const words = svg("text", { class: round ? `${role} glyph` : role, ...at }, line);
    if (!i && badge) words.append(svg("tspan", { class: "badge", dx: 4 }, badge));
    shapes.push(words);
  });
  if (box.children.length) shapes.push(sign(x + 14, y + height / 2, false));
  return frame(box, false, shapes);
}

const rank = (edge) => RANK[edge.role] + (edge.train ? 3 : 0);

// From `begin`, above the first of the points of its curve.
function drawEdge(edge, begin, points) {
  const classes = `edge ${edge.role}${edge.train ? " train" : ""}`;
  const [x, y] = points[points.length - 1];
  const [fromX, fromY] = points[points.length - 2];
  const angle = Math.atan2(y - fromY, x - fromX);
  const point = (px, py) => `${fixed(px)} ${fixed(py)}`;
  const back = (turn) => point(x - 8 * Math.cos(angle + turn), y - 8 * Math.sin(angle + turn));
  const path = points.map(([px, py]) => point(px, py));
  const line = svg("path", { class: "line", d: `M${point(...begin)}L${path[0]}C${path.slice(1).join(" ")}` });
  const tip = svg("path", { class: "tip", d: `M${point(x, y)}L${back(0.42)}L${back(-0.42)}Z` });
  return svg("g", { class: classes, "data-ends": `${edge.source.id} ${edge.target.id}` }, line, tip);
}
