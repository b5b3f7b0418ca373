// Colours by a figure: nine steps from nothing to the most of what is drawn.

const STEPS = 9;

function heat(scene, parts, figure) {
  const legend = $("legend");
  legend.hidden = !figure;
  const most = figure ? Math.max(1, ...scene.leaves.map((box) => amount(box, figure))) : 1;
  for (const box of scene.leaves) {
    const element = parts.get(box);
    element.classList.remove("heat", ...Array.from({ length: STEPS + 1 }, (_, i) => `heat-${i}`));
    if (!figure) continue;
    const step = Math.ceil((amount(box, figure) / most) * STEPS);
    element.classList.add("heat", `heat-${step}`);
  }
  if (!figure) return;
  legend.querySelector("figcaption").textContent = FIGURES[figure];
  legend.querySelector("p span:last-child").textContent = shown(figure, most);
}
