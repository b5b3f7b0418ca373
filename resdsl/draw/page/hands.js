// What the pointer and the keys do in the outline, in the drawing and in the text.

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
    ArrowLeft: () => (box.children.length && isOpen(box) ? open(box, false) : isShown(box.parent || box) && box.parent),
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
  const mine = `[data-id="${box.id}"]`;
  const anchor = inTree ? element.closest(".row") : $("scene").querySelector(`.head${mine}, .leaf${mine}`);
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
