// What is known of one box, beside it.

function cardOf(box) {
  const [title, text] = heading(box);
  const rows = [];
  const say = (what, much) => much && rows.push(html("dt", {}, what), html("dd", {}, much));
  const each = (figure, write) => {
    const one = box[figure];
    return one ? (box.times > 1 ? `${write(one)} × ${box.times}` : write(one)) : "";
  };
  say("Output", box.shape.length ? shapeText(box.shape) : "");
  say("Parameters", each("params", exact));
  if (box.train) say("Parameters in training", exact(box.params_training || 0));
  say("MACs", each("macs", exact));
  say("Activations", each("memory", bytes));
  if (box.role !== "input") say("Receptive field", reach(box.receptive_field));
  if (box.depth) say("Weighted layers to here", String(box.depth));
  say("Line", [box.line || "", box.source].filter(Boolean).join(", in "));
  return [
    html("h3", {}, title, box.times > 1 ? html("b", {}, ` × ${box.times}`) : ""),
    text && html("p", {}, text),
    box.path && box.path !== title && html("p", { class: "path" }, box.path),
    html("dl", {}, ...rows),
    box.train && html("p", { class: "note" }, "In training only."),
  ].filter(Boolean);
}

// Beside `rect` (of the window), inside of `room`.
function placeCard(card, rect, room) {
  const { width, height } = card.getBoundingClientRect();
  const gap = 14;
  const right = rect.right + gap, left = rect.left - gap - width;
  const x = right + width <= room.right - 8 ? right : left >= room.left + 8 ? left : room.right - width - 12;
  const y = Math.min(Math.max(rect.top, room.top + 8), Math.max(room.bottom - height - 8, room.top + 8));
  card.style.transform = `translate(${Math.round(x - room.left)}px, ${Math.round(y - room.top)}px)`;
}
