// The floor renews itself; without this file the page is reloaded every twenty seconds.
"use strict";
(() => {
  const hall = document.querySelector("[data-floor]"), cut = document.querySelector("[data-cut]");
  const calling = document.querySelector("[data-calling]");
  if (!hall) return;
  let tag = "", failed = 0;
  const look = async () => {
    try {
      const answer = await fetch(hall.dataset.floor, {
        headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal: AbortSignal.timeout(6000),
      });
      if (answer.status !== 304) {
        if (answer.redirected) { window.location.reload(); return; }   // signed out: the page leads to the sign-in
        if (!answer.ok) throw new Error(String(answer.status));
        const state = await answer.json();
        // who calls for help is shown at once, whatever has the focus
        if (!calling.contains(document.activeElement)) {
          calling.innerHTML = state.calling;
        }
        if (!hall.contains(document.activeElement)) {
          hall.innerHTML = state.html;
          tag = answer.headers.get("ETag") || "";
        }
      }
      failed = 0;
    } catch {
      failed += 1;
    }
    cut.hidden = failed < 2;
    window.setTimeout(look, document.hidden ? 15000 : 3000);
  };
  window.setTimeout(look, 3000);
})();
