// The bar, the panes, the keys of the whole page; and what is kept while it lives, a reload included.

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
  "/": () => field.select(), Escape: () => { select(null); hideCard(); },
  "+": () => camera.zoom(1.3), "=": () => camera.zoom(1.3), "-": () => camera.zoom(1 / 1.3), 0: () => camera.fit(),
  1: () => openTo("model"), 2: () => openTo("stage"), 3: () => openTo("block"), 4: () => openTo("layer"),
  h: () => $("keys").showModal(), "?": () => $("keys").showModal(),
  d: () => $("theme").click(), s: () => $("export").click(),
  o: () => $("show-outline").click(), t: () => $("show-text").click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (event.target.matches?.("input, select")) return;
  if (!(event.key in KEYS) || !state.net) return;
  event.preventDefault();
  KEYS[event.key]();
});

// ---- keeping

let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(keep, 300);
}

function keep() {
  if (!state.begins) return; // nothing is chosen yet
  const root = document.documentElement;
  const kept = {
    net: state.net?.name, begins: state.begins, open: [...state.open], heat: state.heat, theme: root.dataset.theme || "",
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
