// The laid-out scene as SVG: clusters below, then edges, then boxes.

function drawScene(scene, layout) {
  const parts = new Map(); // box -> its element
  const groups = { clusters: svg("g"), edges: svg("g"), boxes: svg("g") };
  for (const box of scene.clusters) {
    parts.set(box, groups.clusters.appendChild(drawCluster(box, scene, layout)));
  }
  for (const box of scene.leaves) {
    parts.set(box, groups.boxes.appendChild(drawLeaf(box, scene, layout)));
  }
  const byEnds = new Map();
  for (const edge of scene.edges) {
    const key = `${edge.source.id}-${edge.target.id}`;
    byEnds.set(key, [...(byEnds.get(key) || []), edge]);
  }
  for (const { source, target, points } of layout.edges) {
    const edge = byEnds.get(`${source}-${target}`).shift();
    groups.edges.append(drawEdge(edge, points));
  }
  for (const box of scene.leaves) {
    const { below, shape, height } = scene.sizes.get(box);
    if (!below) continue;
    const { x, y, w } = layout.boxes.get(box.id);
    const middle = x + w / 2, end = y + height + below;
    groups.edges.append(svg("path", { class: `edge flow${box.train ? " train" : ""}`, d: `M${middle} ${y + height}V${end}` }));
    groups.edges.append(svg("text", { class: "shape", x: middle + 6, y: end - 6 }, shape));
  }
  return { parts, groups, width: layout.width, height: layout.height };
}

function named(box, isOpen) {
  const [title, text] = heading(box);
  return [
    title, text, box.times > 1 ? `${box.times} times` : "", `output ${box.shape.join(" by ")}`,
    box.train ? "in training only" : "", box.opens ? (isOpen ? "open" : "closed") : "",
  ].filter(Boolean).join(", ");
}

function frame(box, isOpen, children) {
  const classes = ["box", box.family || box.role, isOpen ? "open" : "leaf"];
  if (box.train) classes.push("train");
  if (box.opens) classes.push("opens");
  const facts = { class: classes.join(" "), "data-id": box.id, tabindex: -1, "aria-label": named(box, isOpen) };
  facts.role = box.opens ? "button" : "img";
  if (box.opens) facts["aria-expanded"] = String(isOpen);
  return svg("g", facts, ...children);
}

const fixed = (n) => Math.round(n * 100) / 100;
const rect = (c, x, y, w, h, r) =>
  svg("rect", { class: c, x: fixed(x), y: fixed(y), width: fixed(w), height: fixed(h), rx: r });
const sign = (x, y, isOpen) =>
  svg("path", { class: "sign", d: isOpen ? `M${x - 4} ${y - 2}l4 4 4-4` : `M${x - 2} ${y - 4}l4 4-4 4` });

function drawCluster(box, scene, layout) {
  const { x, y, w, h } = layout.boxes.get(box.id);
  const { title, text, badge, width } = scene.heads.get(box);
  const left = x + 12, base = y + 25;
  const words = svg("text", { class: "title", x: left + 14, y: base }, title);
  if (badge) words.append(svg("tspan", { class: "badge" }, badge));
  if (text) words.append(svg("tspan", { class: "aside", dx: 8 }, text));
  const handle = rect("handle", x + 6, y + 7, width + 22, 26, 6);
  return frame(box, true, [rect("frame", x, y, w, h, 10), handle, sign(left + 3, base - 4, true), words]);
}

function drawLeaf(box, scene, layout) {
  const place = layout.boxes.get(box.id);
  const { lines, badge, width, height, round } = scene.sizes.get(box);
  const x = place.x + (place.w - width) / 2, y = place.y, middle = x + width / 2;
  const shapes = [];
  if (box.times > 1) {
    shapes.push(rect("behind", x + 6, y - 6, width, height, 7), rect("behind", x + 3, y - 3, width, height, 7));
  }
  const isEnd = box.role === "input" || box.role === "output";
  shapes.push(rect("frame", x, y, width, height, round || isEnd ? height / 2 : 7));
  const step = 15, first = y + height / 2 - ((lines.length - 1) * step) / 2 + 4.5;
  const shift = box.opens ? 6 : 0;
  lines.forEach(([line, role], i) => {
    const words = svg("text", { class: `${role}${round ? " glyph" : ""}`, x: fixed(middle + shift), y: fixed(first + i * step), "text-anchor": "middle" }, line);
    if (!i && badge) words.append(svg("tspan", { class: "badge" }, badge));
    shapes.push(words);
  });
  if (box.opens) shapes.push(sign(x + 14, y + height / 2, false));
  return frame(box, false, shapes);
}

function drawEdge(edge, points) {
  const classes = `edge ${edge.role}${edge.train ? " train" : ""}`;
  const [x, y] = points[points.length - 1];
  const [fromX, fromY] = points[points.length - 2];
  const angle = Math.atan2(y - fromY, x - fromX);
  const back = (turn, length) => `${fixed(x - length * Math.cos(angle + turn))} ${fixed(y - length * Math.sin(angle + turn))}`;
  const path = points.map(([px, py]) => `${fixed(px)} ${fixed(py)}`);
  const line = svg("path", { class: "line", d: `M${path[0]}C${path.slice(1).join(" ")}` });
  const tip = svg("path", { class: "tip", d: `M${fixed(x)} ${fixed(y)}L${back(0.42, 8)}L${back(-0.42, 8)}Z` });
  return svg("g", { class: classes, "data-ends": `${edge.source.id} ${edge.target.id}` }, line, tip);
}
