// From what is open to what is drawn: leaves, clusters, the edges between them; and its DOT, in
// which there is nothing of the spec but the sizes of texts.

const RANK = { flow: 0, shortcut: 1, projection: 2 };

// What a link of a child of `scope` carries. All that is inside an arm that projects belongs to it.
function roleOf(scope, link) {
  if (projects(scope)) return "projection";
  const role = link.role || "flow";
  if (link.box >= 0 || !scope.parent) return role;
  const outer = roleOf(scope.parent, scope.inputs[link.port]);
  return RANK[outer] > RANK[role] ? outer : role;
}

function projects(box) {
  const isArm = (link) => roleOf(box.parent, link) === "projection";
  box.projects ??= box.parent !== null && box.inputs.length > 0 && box.inputs.every(isArm);
  return box.projects;
}

function plan(net, isOpen) {
  const leaves = [], clusters = [], edges = new Map();
  const opened = (box) => box.children.length > 0 && isOpen(box);

  // The leaf that makes what a link of a child of `scope` (or of `scope` itself) leads to.
  function maker(scope, link) {
    if (link.box < 0) return maker(scope.parent, scope.inputs[link.port]);
    const box = scope.children[link.box];
    return opened(box) ? maker(box, box.outputs[link.port]) : [box, link.port];
  }

  function visit(box) {
    if (opened(box)) {
      if (box.parent) clusters.push(box);
      box.children.forEach(visit);
      return;
    }
    leaves.push(box);
    for (const link of box.parent ? box.inputs : []) {
      const [source, port] = maker(box.parent, link), role = roleOf(box.parent, link);
      const key = `${source.id}.${port}.${box.id}.${role}`;
      if (!edges.has(key)) {
        edges.set(key, { source, target: box, role, train: source.train || box.train });
      }
    }
  }
  visit(net.root);
  return { leaves, clusters, edges: [...edges.values()], opened };
}

const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const SIZES = { title: 13, text: 11, shape: 10.5 };
const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();

function textWidth(text, role) {
  const font = `${role === "title" ? "600 " : ""}${SIZES[role]}px ${FAMILY}`;
  const key = font + text;
  if (!widths.has(key)) {
    pen.font = font;
    widths.set(key, Math.ceil(pen.measureText(text).width));
  }
  return widths.get(key);
}

const GLYPHS = { add: "+", mul: "×" };
const STUB = 20; // below a box, where the shape of its output stands
const PILE = 6; // what shows of the others behind a box that stands for several
const isRound = (box) => box.family === "merge" && box.kind in GLYPHS && !box.children.length;

// Whether the shape is worth saying: it was not handed on as it came in.
function saysShape(box) {
  if (box.role === "output" || !box.parent) return false;
  const [link] = box.inputs, came = link && (link.shape || box.parent.children[link.box].shape);
  return box.role !== "op" || !came || shapeText(came) !== shapeText(box.shape);
}

// The lines of a leaf and its size: `width` × `height` of the box, `across` with the shape below,
// `above` for the others of its pile, `below` for the shape.
function measure(box, isUsed) {
  if (isRound(box)) {
    return { lines: [[GLYPHS[box.kind], "title"]], width: 26, across: 26, height: 26, above: 0, below: 0, round: true };
  }
  const [title, text] = heading(box);
  const lines = [[cut(title, 40), "title"]];
  const badge = box.times > 1 ? `× ${box.times}` : "";
  if (text) lines.push([cut(text, 52), "text"]);
  if (box.opens) {
    const params = ownParams(box);
    const figures = [params && `${human(params)} params`, box.macs && `${human(box.macs)} MACs`];
    const said = figures.filter(Boolean).join(" · ");
    if (said) lines.push([said + (badge ? " each" : ""), "text"]);
  }
  const room = box.children.length ? 44 : box.role === "op" ? 22 : 30;
  const longest = lines.map(([line, role], i) => textWidth(i ? line : `${line} ${badge}`, role));
  const shape = isUsed && saysShape(box) ? shapeText(box.shape) : "";
  const width = Math.max(64, ...longest.map((w) => w + room));
  const across = Math.max(width + (box.times > 1 ? 2 * PILE : 0), shape && 2 * textWidth(shape, "shape") + 16);
  const height = lines.length === 1 ? 27 : 12 + 15 * lines.length + (box.opens ? 4 : 0);
  const above = box.times > 1 ? PILE : 0;
  return { lines, badge, width, across, height, shape, above, below: shape ? STUB : 0, round: false };
}

function cut(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const inches = (px) => (px / 72).toFixed(4);

function clusterHead(box) {
  const [title, text] = heading(box);
  const badge = box.times > 1 ? `× ${box.times}` : "";
  return { title: cut(title, 40), text: cut(text, 52), badge,
    width: 26 + textWidth(`${title} ${badge}`, "title") + (text ? 10 + textWidth(text, "text") : 0) };
}

function toDot(scene) {
  const used = new Set(scene.edges.map((edge) => edge.source));
  scene.sizes = new Map(scene.leaves.map((box) => [box, measure(box, used.has(box))]));
  scene.heads = new Map(scene.clusters.map((box) => [box, clusterHead(box)]));
  const big = scene.leaves.length > 400;
  const lines = [
    `digraph {graph [nodesep=0.3, ranksep=0.36${big ? ", nslimit=3, nslimit1=3, mclimit=0.5" : ""}];`,
    'node [shape=box, fixedsize=true, label=""]; edge [arrowhead=none];',
  ];
  const inside = new Map([...scene.clusters, null].map((box) => [box, []]));
  const group = (box) => (inside.has(box.parent) ? box.parent : null);
  for (const box of scene.leaves) inside.get(group(box)).push(box);
  for (const box of scene.clusters) inside.get(group(box)).push(box);
  function put(members) {
    for (const box of members.sort((a, b) => a.id - b.id)) {
      const size = scene.sizes.get(box);
      if (size) {
        const height = size.above + size.height + size.below;
        lines.push(`n${box.id} [width=${inches(size.across)}, height=${inches(height)}];`);
        continue;
      }
      const width = Math.ceil(scene.heads.get(box).width);
      const cell = `<TR><TD WIDTH="${width}" HEIGHT="20" FIXEDSIZE="TRUE"></TD></TR>`;
      const room = `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">${cell}</TABLE>`;
      lines.push(`subgraph cluster_${box.id} {label=<${room}>; labeljust=l; margin=12;`);
      put(inside.get(box));
      lines.push("}");
    }
  }
  put(inside.get(null));
  // what goes on alone goes on straight: that is worth more than a narrow cluster, which is worth 128
  const main = scene.edges.filter(isMain), straight = new Set([...alone(main), ...alone(scene.edges)]);
  for (const edge of scene.edges) {
    const weight = straight.has(edge) ? 300 : isMain(edge) ? 12 : 1;
    lines.push(`n${edge.source.id}:s -> n${edge.target.id}:n [weight=${weight}];`);
  }
  return [...lines, "}"].join("\n");
}

const isMain = (edge) => edge.role === "flow" && !edge.train;

// Those of the edges with whose source none of the others begins, and with whose target none ends.
function alone(edges) {
  const count = (end) => edges.reduce((sum, edge) => sum.set(edge[end], (sum.get(edge[end]) || 0) + 1), new Map());
  const out = count("source"), into = count("target");
  return edges.filter(({ source, target }) => out.get(source) === 1 && into.get(target) === 1);
}
