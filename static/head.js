// Draws the charts of a page: each figure lies in a script of type application/json, and its words and its table are on
// the page already, so that without this file nothing is lost but the picture.
"use strict";
(() => {
  if (!window.Plotly) return;
  const NARROW = 560, LABEL = 96, BESIDE = 48;
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

  // The labels of the time axis that have room: the first, the last, and evenly between them.
  const labelled = (count, width) => {
    const step = Math.max(1, Math.ceil((count - 1) / Math.max(1, Math.floor(width / LABEL) - 1)));
    const places = Array.from({ length: count }, (_, place) => place);
    return places.filter((place) => place === count - 1 || (place % step === 0 && count - 1 - place >= step * .75));
  };

  // On a narrow screen no words stand beside the chart; its caption and its table say the same.
  const fitted = (layout, width) => {
    const isNarrow = width < NARROW, axis = layout.xaxis, margin = layout.margin;
    const kept = labelled(axis.tickvals.length, width - margin.l - margin.r);
    return { ...layout,
      xaxis: { ...axis, tickvals: kept.map((place) => axis.tickvals[place]), ticktext: kept.map((place) => axis.ticktext[place]) },
      annotations: layout.annotations.filter((note) => !(isNarrow && note.name === "level")),
      margin: isNarrow ? { ...margin, l: Math.min(margin.l, BESIDE), r: Math.min(margin.r, BESIDE) } : margin };
  };

  const drawings = [...document.querySelectorAll("[data-plot]")].map((place) => {
    const spec = painted(JSON.parse(document.getElementById(place.dataset.plot).textContent));
    const layout = { ...spec.layout, autosize: true,
      font: { family: font, size: 13, color: token("--ink-2") },
      hoverlabel: { font: { family: font, size: 14, color: token("--ink") }, bgcolor: token("--surface"), bordercolor: token("--edge") } };
    return { place, data: spec.data, layout };
  });
  const config = { displayModeBar: false, doubleClick: false, showTips: false };
  const draw = ({ place, data, layout }) => {
    place.querySelector(":scope > .still")?.remove();  // the picture for those without scripts
    if (!place.firstChild) place.append(" ");  // an empty place takes no room, and Plotly measures its room
    Plotly.react(place, data, fitted(layout, place.clientWidth), config);
  };
  drawings.forEach(draw);

  // The arrow keys go from point to point of a chosen chart; each is shown and said. Escape lets it go.
  const stops = (data) => {
    const best = data.map((trace, curve) => ({ curve, texts: trace.hovertext ?? trace.text ?? [] })).filter(({ texts }) => texts.length > 1);
    return best.flatMap(({ curve, texts }) => texts.map((text, point) => ({ curve, point, text, x: data[curve].x[point], y: data[curve].y[point] })))
      .filter(({ text, y }) => text && y !== null && y !== undefined).sort((a, b) => a.x - b.x || a.curve - b.curve);
  };
  drawings.forEach(({ place, data }) => {
    const points = stops(data), said = document.querySelector(`[data-said-of="${place.id}"]`);
    let at = -1;
    place.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (event.key === "Escape") { Plotly.Fx.unhover(place); at = -1; return; }
      if (!points.length || !(step || event.key === "Home" || event.key === "End")) return;
      event.preventDefault();
      if (event.key === "Home") at = 0;
      else if (event.key === "End") at = points.length - 1;
      else at = at < 0 ? (step > 0 ? 0 : points.length - 1) : Math.min(points.length - 1, Math.max(0, at + step));
      Plotly.Fx.hover(place, [{ curveNumber: points[at].curve, pointNumber: points[at].point }]);
      if (said) said.textContent = points[at].text.replace(/[\u2066\u2067\u2069]/g, "").replace(/<[^>]*>/g, " ");
    });
  });

  let width = window.innerWidth, waiting = 0;
  const redraw = () => drawings.forEach(draw);
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    window.cancelAnimationFrame(waiting);
    waiting = window.requestAnimationFrame(redraw);
  });
  window.matchMedia("print").addEventListener("change", redraw);

  // On paper the tables stand open beside their charts.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("figure details:not([open])")];
    closed.forEach((table) => { table.open = true; });
  });
  window.addEventListener("afterprint", () => closed.forEach((table) => { table.open = false; }));
})();
