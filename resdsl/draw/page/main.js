// Data: at first what is in the page; under `resdsl view` what the server says later.

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
    const kept = remembered(), same = kept.net === picture.name && kept.begins === state.begins;
    if (anew && same) {
      state.open = new Set(kept.open);
      state.heat = $("heat").value = kept.heat;
      [camera.x, camera.y, camera.k] = kept.camera;
    } else if (anew) {
      state.open = openBy(state.depth);
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

async function begin() {
  const data = await unpacked("data").json();
  const before = remembered(), root = document.documentElement;
  state.depth = data.depth;
  state.begins = `${data.depth} ${root.dataset.theme || ""}`; // a page made anew, another way, begins anew
  if (before.theme && before.begins === state.begins) root.dataset.theme = before.theme;
  PANES.forEach((pane, i) => {
    const width = before.widths?.[i];
    if (width) root.style.setProperty(`--${pane}-width`, width);
    if (before.hidden?.includes(pane)) showPane(pane, false);
  });
  for (let step = 0; step <= STEPS; step++) {
    $("legend").querySelector("div").append(html("span", { class: `heat-${step}` }));
  }
  showTab("drawing");
  if (!data.text) showPane("text", false);
  take(data);
  if (data.live) follow(data.live);
}

// What the server says from the version `seen` on; and whether it is there.
function follow(seen) {
  const events = new EventSource(`events?since=${seen}`);
  events.addEventListener("open", () => { $("lost").hidden = true; });
  events.addEventListener("net", (event) => {
    seen = event.lastEventId;
    take(JSON.parse(event.data));
  });
  events.addEventListener("error", () => {
    $("lost").hidden = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, 3000, seen); // most try again themselves
  });
}

begin();
