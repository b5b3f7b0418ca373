// The drawing as an SVG that stands alone: in the light theme, with its looks as attributes.

const LOOKS = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "opacity", "font-family", "font-size", "font-weight",
];
const PLAIN = {
  "fill-opacity": "1", "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linecap": "butt",
  "stroke-linejoin": "miter", opacity: "1",
};

function standAlone(scene, size, title) {
  const root = document.documentElement, theme = root.dataset.theme;
  root.dataset.theme = "light";
  const copy = scene.cloneNode(true);
  const originals = scene.querySelectorAll("*"), copies = copy.querySelectorAll("*");
  for (const twin of [copy, ...copies]) {
    for (const name of [...twin.getAttributeNames()]) {
      if (/^(id|class|transform|data-|aria-|role|tabindex)/.test(name)) twin.removeAttribute(name);
    }
  }
  originals.forEach((element, i) => {
    const looks = getComputedStyle(element), twin = copies[i];
    if (element.tagName === "g") return;
    for (const name of LOOKS) {
      const isText = name.startsWith("font");
      const value = looks.getPropertyValue(name);
      if (isText !== (element.tagName === "text" || element.tagName === "tspan") && isText) continue;
      if (value && value !== PLAIN[name]) twin.setAttribute(name, value);
    }
  });
  const page = getComputedStyle(document.body).backgroundColor;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  copies.forEach((twin) => twin.getAttribute("fill") === "rgba(0, 0, 0, 0)" && twin.setAttribute("fill", "none"));
  const pad = 16, [w, h] = size.map((n) => Math.ceil(n + 2 * pad));
  const all = svg("svg", { xmlns: SVG, viewBox: `${-pad} ${-pad} ${w} ${h}`, width: w, height: h },
    svg("title", {}, title), svg("rect", { x: -pad, y: -pad, width: w, height: h, fill: page }), copy);
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by resdsl -->\n';
  return `${head}${new XMLSerializer().serializeToString(all)}\n`;
}

function save(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = html("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
