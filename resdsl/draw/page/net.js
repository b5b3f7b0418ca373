// The picture as boxes that know their parents, and their figures as people read them.
"use strict";

const FIGURES = { params: "Parameters", macs: "MACs", memory: "Activation memory" };
const DEPTHS = ["model", "stage", "block", "layer"];

// The root, and all boxes in the order of the text. `total`: how many of it the whole net has.
function readNet(picture) {
  const boxes = [];
  function read(data, parent, before) {
    const box = {
      name: "", kind: "", detail: "", family: "", path: "", params: 0, macs: 0, depth: 0, times: 1,
      line: 0, source: "", shape: [], receptive_field: [1, 1], outputs: [], train: false, opens: null, ...data,
      path: data.path ?? [parent?.path, data.name].filter(Boolean).join("."),
      memory: data.activation_memory ?? 4 * data.shape.reduce((all, n) => all * n, 1),
      inputs: (data.inputs || []).map((link) => ({ box: before, port: 0, ...link })),
      parent,
      id: boxes.length,
      key: parent ? `${parent.key}/${data.role}:${data.name}` : "",
    };
    box.total = box.times * (parent ? parent.total : 1);
    boxes.push(box);
    box.children = (data.children || []).map((child, i) => read(child, box, i - 1));
    return box;
  }
  const root = read(picture.root, null);
  return { name: picture.name, root, boxes };
}

function around(box) {
  const found = [];
  for (let at = box.parent; at; at = at.parent) found.push(at);
  return found;
}

// What all boxes that it stands for have together.
function amount(box, figure) {
  return (figure === "params" ? ownParams(box) : box[figure]) * box.total;
}

const ownParams = (box) => (box.train ? box.params_training || 0 : box.params);

function human(number) {
  for (const [size, sign] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    const scaled = number / size;
    if (scaled < 0.99995) continue;
    const digits = scaled < 9.9995 ? 3 : scaled < 99.995 ? 2 : scaled < 999.95 ? 1 : 0;
    return `${scaled.toFixed(digits)} ${sign}`;
  }
  return String(number);
}

function bytes(number) {
  let size = number;
  for (const unit of ["B", "KiB", "MiB", "GiB", "TiB"]) {
    if (size < 1024 || unit === "TiB") {
      return `${size.toFixed(unit === "B" ? 0 : size < 100 ? 2 : 1)} ${unit}`;
    }
    size /= 1024;
  }
}

const shown = (figure, number) => (figure === "memory" ? bytes(number) : human(number));
const exact = (number) => number.toLocaleString("en-US");
const shapeText = (shape) => shape.join("×");

// Two texts: what it is called, and what it is. A number alone is no name of a block or an op.
function heading(box) {
  const isNumber = /^[\d\s–-]+$/.test(box.name);
  const name = box.times > 1 ? box.name.replace(/(\d)-(\d+)$/, "$1–$2") : box.name;
  if (isNumber && box.role !== "scope") return [`${box.kind} ${name}`, box.detail];
  if (box.role === "input" || box.role === "output" || box.role === "model") return [name, ""];
  const plain = box.name.replace(/_?\d+$/, "") === box.kind;
  return [name, [plain ? "" : box.kind, box.detail].filter(Boolean).join(", ")];
}

function reach(field) {
  const [tall, wide] = field.map((n) => (n === null ? "all" : exact(n)));
  return tall === "all" && wide === "all" ? "the whole input" : `${tall}×${wide}`;
}
