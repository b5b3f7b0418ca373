// What is known of one box, beside it.

function cardOf(box) {
  const [title, text] = heading(box);
  const rows = [];
  const say = (what, much) => much && rows.push(html("dt", {}, what), html("dd", {}, much));
  const each = (one, write) => one && (box.times > 1 ? `${write(one)} × ${box.times}` : write(one));
  say("Output", box.shape.length ? shapeText(box.shape) : "");
  say(box.train ? "Parameters in training" : "Parameters", each(ownParams(box), exact));
  say("MACs", each(box.macs, exact));
  say("Activations", each(box.memory, bytes));
  if (box.role !== "input") say("Receptive field", reach(box.receptive_field));
  if (box.depth) say("Weighted layers", String(box.depth));
  const from = [box.line ? `line ${box.line}` : "", box.source].filter(Boolean).join(" · ");
  return [
    html("h3", {}, title, box.times > 1 ? html("b", {}, ` × ${box.times}`) : ""),
    text && html("p", {}, text),
    box.path && box.path !== title && html("p", { class: "path" }, box.path),
    html("dl", {}, ...rows),
    box.train && html("p", { class: "note" }, "In training only."),
    from && html("p", { class: "path note" }, from),
  ].filter(Boolean);
}

// Beside `rect`, else below or above it, inside of `room`; both are of the window.
function placeCard(card, rect, room) {
  const { width, height } = card.getBoundingClientRect();
  const gap = 14, edge = 8;
  const clamp = (at, from, to) => Math.max(Math.min(at, to), from);
  let x = clamp(rect.left, room.left + edge, room.right - width - edge);
  let y = clamp(rect.top, room.top + edge, room.bottom - height - edge);
  if (rect.right + gap + width <= room.right - edge) x = rect.right + gap;
  else if (rect.left - gap - width >= room.left + edge) x = rect.left - gap - width;
  else if (rect.bottom + gap + height <= room.bottom - edge) y = rect.bottom + gap;
  else if (rect.top - gap - height >= room.top + edge) y = rect.top - gap - height;
  card.style.transform = `translate(${Math.round(x - room.left)}px, ${Math.round(y - room.top)}px)`;
}
