// Draws the charts of a page: each figure lies in a script of type application/json, and its words and table are on the
// page already, so that without this file nothing is lost but the picture.
"use strict";
(() => {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const font = getComputedStyle(document.body).fontFamily;

  // A colour in a figure is the name of a token: "--petrol".
  const painted = (part) => {
    if (typeof part === "string") return part.startsWith("--") ? token(part) : part;
    if (Array.isArray(part)) return part.map(painted);
    if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, painted(value)]));
    return part;
  };

  const draw = (place) => {
    const spec = painted(JSON.parse(document.getElementById(place.dataset.plot).textContent));
    const layout = { ...spec.layout, font: { family: font, size: 13, color: token("--ink-2") }, autosize: true,
      hoverlabel: { font: { family: font, size: 14, color: token("--ink") }, bgcolor: token("--surface"), bordercolor: token("--edge") } };
    const config = { displayModeBar: false, responsive: true, doubleClick: false, showTips: false };
    Plotly.newPlot(place, spec.data, layout, config);
  };

  const all = [...document.querySelectorAll("[data-plot]")];
  if (!window.Plotly) return;
  all.forEach(draw);
  const fit = () => all.forEach((place) => Plotly.Plots.resize(place));
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
  window.matchMedia("print").addEventListener("change", fit);
})();
