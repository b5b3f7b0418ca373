// Elements. Text is set as text, so nothing of a spec is ever read as markup.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

function fill(element, facts, children) {
  for (const [name, value] of Object.entries(facts)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

const html = (tag, facts = {}, ...children) => fill(document.createElement(tag), facts, children);
const svg = (tag, facts = {}, ...children) => fill(document.createElementNS(SVG, tag), facts, children);

// What the page holds packed in an element, as a Response.
function unpacked(id) {
  const packed = Uint8Array.from(atob($(id).textContent), (c) => c.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
}
