// The tree of the parts. It opens and closes with the drawing.

function drawOutline(net, isOpen, figure, selected) {
  const rows = [];
  const most = amount(net.root, figure) || 1;
  function put(box, level) {
    const canOpen = box.children.length > 0, open = canOpen && isOpen(box);
    const [title, text] = heading(box);
    const share = amount(box, figure);
    const part = Math.round((share / most) * 10);
    const siblings = box.parent ? box.parent.children : [box];
    rows.push(
      html("div", {
        role: "treeitem", class: `row level-${Math.min(level, 9)}${box.train ? " train" : ""}`, "data-id": box.id,
        "aria-level": level, "aria-posinset": siblings.indexOf(box) + 1, "aria-setsize": siblings.length,
        "aria-expanded": canOpen ? String(open) : null, "aria-selected": String(box === selected),
        tabindex: box === selected || (!selected && !rows.length) ? 0 : -1,
      },
      html("span", { class: "twist", "aria-hidden": "true" }),
      html("span", { class: "name" }, title, box.times > 1 ? html("b", {}, ` × ${box.times}`) : ""),
      html("span", { class: "what" }, text),
      html("span", { class: "much" }, share ? shown(figure, share) : ""),
      html("span", { class: `share share-${part}`, "aria-hidden": "true" })));
    if (open) box.children.forEach((child) => put(child, level + 1));
  }
  put(net.root, 1);
  $("tree").replaceChildren(...rows);
}
