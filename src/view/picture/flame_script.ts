// The script of a flame graph: a click zooms, "/" searches. It reads what the picture says and
// writes text only, so that no name can become markup.

export const flameScript = `
(() => {
  "use strict";
  const svg = document.documentElement;
  const frames = [...svg.querySelectorAll("g.frame")].map((element) => ({
    element,
    rect: element.querySelector("rect"),
    label: element.querySelector("text"),
    name: element.dataset.name,
    x: Number(element.dataset.x),
    width: Number(element.dataset.width),
    depth: Number(element.dataset.depth),
  }));
  const status = svg.querySelector("#status");
  const whole = Number(svg.dataset.width);
  const zoom = (chosen) => {
    const scale = whole / chosen.width;
    for (const { element, rect, label, name, x, width, depth } of frames) {
      const isAround = depth < chosen.depth && x <= chosen.x + 1e-6 &&
        x + width >= chosen.x + chosen.width - 1e-6;
      const isInside = depth >= chosen.depth && x >= chosen.x - 1e-6 &&
        x + width <= chosen.x + chosen.width + 1e-6;
      element.style.display = isAround || isInside ? "" : "none";
      const left = isAround ? 0 : (x - chosen.x) * scale;
      const wide = isAround ? whole : width * scale;
      rect.setAttribute("x", left);
      rect.setAttribute("width", Math.max(wide - 0.5, 0.1));
      label.setAttribute("x", left + 3);
      const letters = Math.floor((wide - 6) / 7.25);
      label.textContent = letters < 2
        ? ""
        : name.length <= letters
        ? name
        : name.slice(0, letters - 1) + "\\u2026";
    }
  };
  const search = (words) => {
    const wanted = words.toLowerCase();
    const hits = [];
    for (const frame of frames) {
      const isHit = wanted !== "" && frame.name.toLowerCase().includes(wanted);
      frame.element.classList.toggle("hit", isHit);
      if (isHit && !hits.some(({ x, width }) => {
        return frame.x >= x - 1e-6 && frame.x + frame.width <= x + width + 1e-6;
      })) hits.push(frame);
    }
    const share = hits.reduce((sum, { width }) => sum + width, 0) / whole * 100;
    status.textContent = wanted === ""
      ? status.dataset.idle
      : "\\u201c" + words + "\\u201d: " + share.toFixed(1) + "% of all";
  };
  const ask = () => search(prompt("Frames that contain:", "") ?? "");
  for (const frame of frames) frame.element.addEventListener("click", () => zoom(frame));
  status.addEventListener("click", ask);
  addEventListener("keydown", (event) => {
    if (event.key === "/") { event.preventDefault(); ask(); }
    if (event.key === "Escape") { search(""); zoom(frames[0]); }
  });
})();
`;
