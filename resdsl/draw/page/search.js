// Searching: what matches is marked, and gone through.

const field = document.querySelector("#search input");

function findMatches() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = (box) => [box.name, box.kind, box.path, box.detail].join(" ").toLowerCase();
  const fits = (box) => { const text = texts(box); return words.every((word) => text.includes(word)); };
  state.matches = words.length ? state.net.boxes.filter((box) => box.parent && fits(box)) : [];
  state.at = -1;
  for (const row of $("tree").children) row.classList.toggle("match", state.matches.includes(boxOf(row)));
  dress();
  tellMatches();
}

field.addEventListener("input", () => {
  if (!state.net) return;
  findMatches();
  go(1);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape") {
    field.value = "";
    field.dispatchEvent(new Event("input"));
    field.blur();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
$("search").addEventListener("submit", (event) => event.preventDefault());
$("next").addEventListener("click", () => go(1));
$("previous").addEventListener("click", () => go(-1));

function go(step) {
  const many = state.matches.length;
  if (!many) return;
  state.at = (state.at + step + many) % many;
  tellMatches();
  reveal(state.matches[state.at]);
}

function tellMatches() {
  const many = state.matches.length;
  const said = many ? (state.at < 0 ? String(many) : `${state.at + 1} of ${many}`) : "none";
  document.querySelector("#search output").textContent = field.value.trim() ? said : "";
}
