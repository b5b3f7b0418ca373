// What the reader has chosen, and what follows from it.

const state = {
  net: null, depth: "stage", begins: "", text: { name: "", lines: [] }, open: new Set(), selected: null, heat: "",
  matches: [], at: -1, scene: null, drawn: null, links: new Map(),
};
const layouter = new Layouter();
const camera = new Camera($("stage"), $("scene"), () => { hideCard(); remember(); });
const isOpen = (box) => state.open.has(box.key);
const boxOf = (element) => {
  const found = element.closest?.("[data-id]");
  return found ? state.net.boxes[found.dataset.id] : null;
};

// ---- opening and closing

let asked = 0, waiting = 0;

// Draw anew; the top of `anchor` stays where it is on the screen. Undefined: all of it is shown.
async function redraw(anchor, begun = performance.now()) {
  const mine = ++asked;
  const scene = plan(state.net, isOpen);
  const was = anchor && placeOf(anchor);
  drawTree();
  busy("Drawing …", 250);
  let layout;
  try {
    layout = await layouter.run(toDot(scene));
  } catch (error) {
    if (mine === asked) busy(`Not drawn: ${error.message}`, 0, true);
    return;
  }
  if (mine !== asked) return;
  const drawn = drawScene(scene, layout);
  Object.assign(state, { scene: { ...scene, layout }, drawn });
  const hadFocus = $("stage").contains(document.activeElement);
  $("scene").replaceChildren(...Object.values(drawn.groups));
  $("scene").classList.remove("fresh");
  requestAnimationFrame(() => $("scene").classList.add("fresh"));
  $("stage").setAttribute("aria-label", `Drawing of ${state.net.name}`);
  camera.size = [layout.width, layout.height];
  const now = was && placeOf(anchor);
  if (now) {
    camera.x += (was.x + was.w / 2 - now.x - now.w / 2) * camera.k;
    camera.y += (was.y - now.y) * camera.k;
    camera.keep();
    camera.apply();
    if (!camera.sees(now)) camera.show(now);
  } else if (anchor !== null) {
    lookAtAll();
  } else {
    camera.apply();
  }
  dress();
  if (hadFocus && state.selected) partOf(state.selected)?.focus({ preventScroll: true });
  busy("");
  requestAnimationFrame(() => setTimeout(() =>
    performance.measure("drawn", { start: begun, end: performance.now(), detail: scene.leaves.length })));
}

// All that is drawn if it can be read, else its beginning.
function lookAtAll() {
  const { x, w } = state.scene.layout.boxes.get(state.scene.leaves[0].id);
  camera.fit(0.75, x + w / 2);
}

function busy(text, delay = 0, wrong = false) {
  clearTimeout(waiting);
  $("busy").classList.toggle("wrong", wrong);
  waiting = setTimeout(() => {
    $("busy").textContent = text;
    $("busy").hidden = !text;
  }, delay);
}

// The box, or what it is closed in: its place in the scene.
function placeOf(box) {
  const shown = [box, ...around(box)].find((b) => state.drawn?.parts.has(b));
  return shown ? state.scene.layout.boxes.get(shown.id) : null;
}

function partOf(box) {
  return state.drawn?.parts.get([box, ...around(box)].find((b) => state.drawn.parts.has(b)));
}

function toggle(box, begun) {
  if (!box.children.length) return;
  if (isOpen(box)) state.open.delete(box.key);
  else state.open.add(box.key);
  markDepth();
  redraw(box, begun);
}

function openTo(depth) {
  if (!state.net) return;
  state.open = openBy(depth);
  markDepth();
  redraw(undefined);
}

function openBy(depth) {
  const most = DEPTHS.indexOf(depth);
  const opened = state.net.boxes.filter((box) => box.opens && DEPTHS.indexOf(box.opens) <= most);
  return new Set(opened.map((box) => box.key));
}

function markDepth() {
  const opened = state.net.boxes.filter((box) => box.children.length);
  for (const button of document.querySelectorAll("#depths button")) {
    const most = DEPTHS.indexOf(button.value);
    const fits = opened.every((box) => isOpen(box) === DEPTHS.indexOf(box.opens) <= most);
    button.setAttribute("aria-pressed", String(fits));
  }
  remember();
}

// ---- choosing

function select(box, { show = true, focus = null } = {}) {
  state.selected = box;
  dress();
  for (const row of $("tree").children) {
    const mine = box !== null && +row.dataset.id === box.id;
    row.setAttribute("aria-selected", String(mine));
    row.tabIndex = mine ? 0 : -1;
    if (mine) row.scrollIntoView({ block: "nearest" });
  }
  if (!$("tree").querySelector('[tabindex="0"]')) $("tree").firstChild.tabIndex = 0;
  if (box && show && placeOf(box)) camera.show(placeOf(box));
  if (box && focus) (focus === "tree" ? rowOf(box) : partOf(box))?.focus({ preventScroll: focus !== "tree" });
  if (box) showLine(box);
  light(box ? [box] : []);
}

const rowOf = (box) => $("tree").querySelector(`[data-id="${box.id}"]`);

// Open whatever hides the box, and look at it.
async function reveal(box) {
  const hidden = around(box).filter((b) => !isOpen(b));
  if (hidden.length) {
    hidden.forEach((b) => state.open.add(b.key));
    markDepth();
    await redraw(null);
  }
  select(box);
}

// Mark these boxes, and the lines that they come from.
function light(boxes) {
  const lines = new Set(boxes.map((box) => String(box.line)));
  for (const line of $("lines").querySelectorAll(".line.lit")) line.classList.remove("lit");
  for (const number of lines) $("lines").querySelector(`[data-line="${number}"]`)?.classList.add("lit");
}

function showLine(box) {
  $("lines").querySelector(`[data-line="${box.line}"]`)?.scrollIntoView({ block: "nearest" });
}

function dress() {
  if (!state.drawn) return;
  const { parts, groups } = state.drawn;
  const matches = new Set(state.matches);
  for (const [box, element] of parts) {
    element.classList.toggle("selected", box === state.selected);
    element.classList.toggle("match", matches.has(box));
    element.setAttribute("tabindex", box === (state.selected || state.scene.leaves[0]) ? 0 : -1);
  }
  for (const edge of groups.edges.querySelectorAll(".near")) edge.classList.remove("near");
  if (state.selected) {
    for (const edge of groups.edges.querySelectorAll("[data-ends]")) {
      edge.classList.toggle("near", edge.dataset.ends.split(" ").includes(String(state.selected.id)));
    }
  }
  heat(state.scene, parts, state.heat);
}
