// What the reader has chosen, and what follows from it.

const state = {
  net: null, text: { name: "", lines: [] }, open: new Set(), selected: null, lit: [], heat: "",
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

// Draw anew; `anchor` stays where it is on the screen. Without one all of it is shown.
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
    camera.x += (was.x - now.x) * camera.k;
    camera.y += (was.y - now.y) * camera.k;
    camera.keep();
    camera.apply();
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
  const most = DEPTHS.indexOf(depth);
  const opened = state.net.boxes.filter((box) => box.opens && DEPTHS.indexOf(box.opens) <= most);
  state.open = new Set(opened.map((box) => box.key));
  markDepth();
  redraw(undefined);
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
  state.lit = boxes;
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

// ---- the outline

function drawTree() {
  const hadFocus = $("tree").contains(document.activeElement);
  const top = $("tree").scrollTop;
  drawOutline(state.net, isOpen, state.heat || "params", state.selected);
  $("tree").scrollTop = top;
  for (const box of state.matches) rowOf(box)?.classList.add("match");
  if (hadFocus) $("tree").querySelector('[tabindex="0"]')?.focus();
}

$("tree").addEventListener("click", (event) => {
  const box = boxOf(event.target);
  if (!box) return;
  select(box, { focus: "tree" });
  if (event.target.closest(".twist") || event.detail === 2) toggle(box, event.timeStamp);
});
$("tree").addEventListener("keydown", (event) => walk(event, "tree"));
$("open-all").addEventListener("click", () => openTo("layer"));
$("close-all").addEventListener("click", () => openTo("stage"));

// Up and down through what is shown, in and out; the same keys in the tree and in the drawing.
function walk(event, where) {
  const box = boxOf(event.target);
  if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
  const isShown = (b) => around(b).every(isOpen) && (where === "tree" || b.parent || !isOpen(b));
  const all = state.net.boxes.filter(isShown), at = all.indexOf(box);
  const moves = {
    ArrowDown: () => all[at + 1], ArrowUp: () => all[at - 1], Home: () => all[0], End: () => all[all.length - 1],
    ArrowRight: () => (box.children.length && isOpen(box) ? box.children[0] : open(box, true)),
    ArrowLeft: () => (box.children.length && isOpen(box) ? open(box, false) : isShown(box.parent || box) ? box.parent : null),
    Enter: () => open(box), " ": () => open(box),
  };
  function open(b, wanted = !isOpen(b)) {
    select(b, { focus: where });
    if (isOpen(b) !== wanted) toggle(b, event.timeStamp);
    return null;
  }
  if (!(event.key in moves)) return;
  event.preventDefault();
  event.stopPropagation();
  const next = moves[event.key]();
  if (next) select(next, { focus: where });
}

// ---- the drawing

$("stage").addEventListener("click", (event) => {
  if (camera.dragged) return;
  const box = boxOf(event.target);
  if (!box || isBackground(event.target, box)) {
    select(null);
    return;
  }
  select(box, { show: false, focus: "drawing" });
  if (box.children.length) toggle(box, event.timeStamp);
});
$("stage").addEventListener("keydown", (event) => walk(event, "drawing"));
for (const id of ["stage", "tree"]) {
  $(id).addEventListener("focusin", ({ target }) => {
    const box = boxOf(target);
    if (!box || !target.matches(":focus-visible")) return;
    showCard(box, target);
    target.setAttribute("aria-describedby", "card");
  });
  $(id).addEventListener("focusout", hideCard);
}

const isBackground = (element, box) =>
  element.classList.contains("frame") && box.children.length > 0 && isOpen(box);

let hovered = null, hovering = 0;
function hover(event) {
  if (event.buttons) return;
  const box = boxOf(event.target);
  if (box === hovered) return;
  hovered = box;
  clearTimeout(hovering);
  hideCard();
  if (!box) {
    light(state.selected ? [state.selected] : []);
    return;
  }
  light([box]);
  if (!isBackground(event.target, box)) hovering = setTimeout(() => showCard(box, event.target), 140);
}
for (const id of ["stage", "tree"]) {
  $(id).addEventListener("pointerover", hover);
  $(id).addEventListener("pointerleave", () => hover({ target: document.body }));
}

function showCard(box, element) {
  const card = $("card");
  card.replaceChildren(...cardOf(box));
  card.hidden = false;
  const inTree = $("tree").contains(element);
  const anchor = inTree ? element.closest(".row") : $("scene").querySelector(`.head[data-id="${box.id}"], .leaf[data-id="${box.id}"]`);
  if (anchor) placeCard(card, anchor.getBoundingClientRect(), $("drawing").getBoundingClientRect());
}

function hideCard() {
  $("card").hidden = true;
}

// ---- the text

$("lines").addEventListener("pointerover", (event) => lightLine(event.target.closest(".line")));
$("lines").addEventListener("pointerleave", () => lightLine(null));
$("lines").addEventListener("focusin", (event) => lightLine(event.target.closest(".line")));
$("lines").addEventListener("click", (event) => chooseLine(event.target.closest(".linked")));
$("lines").addEventListener("keydown", (event) => {
  const line = event.target.closest(".linked"), all = [...$("lines").querySelectorAll(".linked")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && line) {
    event.preventDefault();
    all[all.indexOf(line) + step]?.focus();
  } else if (line && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    chooseLine(line);
  }
});

function lightLine(line) {
  for (const lit of document.querySelectorAll(".box.lit, .row.lit")) lit.classList.remove("lit");
  for (const box of (line && state.links.get(+line.dataset.line)) || []) {
    partOf(box)?.classList.add("lit");
    rowOf([box, ...around(box)].find((b) => rowOf(b)))?.classList.add("lit");
  }
}

function chooseLine(line) {
  const boxes = line && state.links.get(+line.dataset.line);
  if (!boxes) return;
  for (const one of $("lines").querySelectorAll(".linked")) one.tabIndex = one === line ? 0 : -1;
  const now = boxes.indexOf(state.selected);
  reveal(boxes[(now + 1) % boxes.length]);
}

// ---- searching

const field = document.querySelector("#search input");
function findMatches() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = (box) => [box.name, box.kind, box.path, box.detail].join(" ").toLowerCase();
  const fits = (box) => { const text = texts(box); return words.every((word) => text.includes(word)); };
  state.matches = words.length ? state.net.boxes.filter((box) => box.parent && fits(box)) : [];
  state.at = -1;
  for (const row of $("tree").children) row.classList.toggle("match", state.matches.includes(boxOf(row)));
  dress();
  tellMatches();
}

field.addEventListener("input", () => {
  if (!state.net) return;
  findMatches();
  go(1);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape") {
    field.value = "";
    field.dispatchEvent(new Event("input"));
    field.blur();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
$("search").addEventListener("submit", (event) => event.preventDefault());
$("next").addEventListener("click", () => go(1));
$("previous").addEventListener("click", () => go(-1));

function go(step) {
  const many = state.matches.length;
  if (!many) return;
  state.at = (state.at + step + many) % many;
  tellMatches();
  reveal(state.matches[state.at]);
}

function tellMatches() {
  const many = state.matches.length;
  const said = many ? (state.at < 0 ? String(many) : `${state.at + 1} of ${many}`) : "none";
  document.querySelector("#search output").textContent = field.value.trim() ? said : "";
}

// ---- the bar, the panes, the keys

for (const button of document.querySelectorAll("#depths button")) {
  button.addEventListener("click", () => openTo(button.value));
}
$("heat").addEventListener("change", () => {
  state.heat = $("heat").value;
  if (state.net) {
    dress();
    drawTree();
  }
  remember();
});
$("zoom-in").addEventListener("click", () => camera.zoom(1.3));
$("zoom-out").addEventListener("click", () => camera.zoom(1 / 1.3));
$("fit").addEventListener("click", () => camera.fit());
$("help").addEventListener("click", () => $("keys").showModal());
$("export").addEventListener("click", () => {
  if (!state.drawn) return;
  const { width, height } = state.drawn;
  save(`${state.net.name}.svg`, standAlone($("scene"), [width, height], state.net.name), "image/svg+xml");
});
$("theme").addEventListener("click", () => {
  const isDark = getComputedStyle(document.body).colorScheme === "dark" ||
    (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "light" : "dark";
  remember();
});
const PANES = ["outline", "text"];
for (const pane of PANES) {
  $(`show-${pane}`).addEventListener("click", () => showPane(pane, document.body.classList.contains(`no-${pane}`)));
  const split = $(`split-${pane}`), side = pane === "outline" ? 1 : -1;
  const resize = (width) => {
    const kept = Math.min(Math.max(width, 150), innerWidth * 0.6);
    document.documentElement.style.setProperty(`--${pane}-width`, `${kept}px`);
    split.setAttribute("aria-valuenow", Math.round(kept));
    remember();
  };
  const widthNow = () => $(pane).getBoundingClientRect().width;
  split.addEventListener("pointerdown", (event) => {
    const start = event.clientX - side * widthNow();
    const move = (e) => resize(side * (e.clientX - start));
    split.setPointerCapture(event.pointerId);
    split.addEventListener("pointermove", move);
    split.addEventListener("pointerup", () => split.removeEventListener("pointermove", move), { once: true });
  });
  split.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (step) resize(widthNow() + side * step);
  });
}

function showPane(pane, wanted) {
  document.body.classList.toggle(`no-${pane}`, !wanted);
  $(`show-${pane}`).setAttribute("aria-pressed", String(wanted));
  remember();
}

for (const button of document.querySelectorAll("#tabs button")) {
  button.addEventListener("click", () => showTab(button.value));
}
function showTab(name) {
  const first = name === "drawing" && document.body.dataset.tab !== name;
  document.body.dataset.tab = name;
  for (const button of document.querySelectorAll("#tabs button")) {
    button.setAttribute("aria-pressed", String(button.value === name));
  }
  if (first && state.drawn) lookAtAll();
}

const KEYS = {
  "/": () => field.select(), "+": () => camera.zoom(1.3), "=": () => camera.zoom(1.3), "-": () => camera.zoom(1 / 1.3),
  0: () => camera.fit(), 1: () => openTo("model"), 2: () => openTo("stage"), 3: () => openTo("block"), 4: () => openTo("layer"),
  h: () => $("keys").showModal(), "?": () => $("keys").showModal(), d: () => $("theme").click(), s: () => $("export").click(),
  o: () => $("show-outline").click(), t: () => $("show-text").click(), Escape: () => { select(null); hideCard(); },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (event.target.matches?.("input, select")) return;
  if (!(event.key in KEYS) || !state.net) return;
  event.preventDefault();
  KEYS[event.key]();
});

// ---- what is kept while the page lives, a reload included

let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(keep, 300);
}

function keep() {
  const root = document.documentElement;
  const kept = {
    net: state.net?.name, open: [...state.open], heat: state.heat, theme: root.dataset.theme || "",
    camera: [camera.x, camera.y, camera.k],
    widths: PANES.map((pane) => root.style.getPropertyValue(`--${pane}-width`)),
    hidden: PANES.filter((pane) => document.body.classList.contains(`no-${pane}`)),
  };
  try { sessionStorage.setItem("resdsl", JSON.stringify(kept)); } catch { /* a page may not keep anything */ }
}
addEventListener("pagehide", keep);

function remembered() {
  try { return JSON.parse(sessionStorage.getItem("resdsl")) || {}; } catch { return {}; }
}

// ---- data: at first what is in the page; under `resdsl view` what the server says later

function take({ picture, text, errors }) {
  $("errors").hidden = !errors;
  const isStale = Boolean(errors && (picture || state.net));
  document.body.classList.toggle("stale", isStale);
  document.querySelector("#errors pre").textContent = errors || "";
  document.querySelector("#errors p").textContent =
    isStale ? "The spec has errors. The drawing is the last one without." : "The spec has errors.";
  if (text) state.text = text;
  if (picture) {
    const anew = !state.net || state.net.name !== picture.name;
    state.net = readNet(picture);
    state.selected = state.net.boxes.find((box) => state.selected && box.key === state.selected.key) || null;
    findMatches();
    const kept = remembered(), same = kept.net === picture.name;
    if (anew && same) {
      state.open = new Set(kept.open);
      state.heat = $("heat").value = kept.heat;
      [camera.x, camera.y, camera.k] = kept.camera;
    } else if (anew) {
      state.open = new Set(state.net.boxes.filter((box) => box.opens === "model" || box.opens === "stage").map((box) => box.key));
    }
    document.title = `${picture.name} · resdsl`;
    document.querySelector("#title h1").textContent = picture.name;
    const { params, macs } = state.net.root;
    const inputs = state.net.root.children.filter((box) => box.role === "input").map((box) => shapeText(box.shape));
    document.querySelector("#title p").textContent =
      [`${human(params)} params`, `${human(macs)} MACs`, inputs.join(", ")].join(" · ");
    markDepth();
    redraw(anew && !same ? undefined : null);
  }
  state.links = state.net && !errors ? linesOf(state.net) : new Map();
  if (text) drawText(state.text, state.links);
}

const data = JSON.parse($("data").textContent);
const before = remembered();
if (before.theme) document.documentElement.dataset.theme = before.theme;
PANES.forEach((pane, i) => {
  const width = before.widths?.[i];
  if (width) document.documentElement.style.setProperty(`--${pane}-width`, width);
  if (before.hidden?.includes(pane)) showPane(pane, false);
});
for (let step = 0; step <= STEPS; step++) {
  $("legend").querySelector("div").append(html("span", { class: `heat-${step}` }));
}
showTab("drawing");
if (!data.text) showPane("text", false);
take(data);
if (data.live) {
  const events = new EventSource(`events?since=${data.live}`);
  events.addEventListener("net", (event) => take(JSON.parse(event.data)));
}
