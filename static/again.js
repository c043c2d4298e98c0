// What is made beside the page: its progress renews itself; once it is there, so does the page.
"use strict";
(() => {
  const here = document.querySelector("[data-again]");
  if (!here) return;
  const every = 1000 * Number(here.dataset.again);
  const look = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(8000) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-again]");
      if (!now && answer.ok) { location.reload(); return; }
      const said = here.querySelector("[role=status]"), bar = here.querySelector("progress");
      const told = now.querySelector("[role=status]").textContent;
      if (said.textContent !== told) said.textContent = told;
      bar.replaceWith(now.querySelector("progress"));
    } catch { /* the next look may find it */ }
    window.setTimeout(look, every);
  };
  window.setTimeout(look, every);
})();
