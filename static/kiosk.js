// Back to the start when nobody touches the screen; and the code of an appointment read on the first page.
"use strict";
(() => {
  const idle = document.querySelector("[data-idle]");
  let timer = 0;
  const home = async () => {   // first see that the server answers: a browser's own error page has no way back
    try {
      const answer = await fetch(idle.dataset.check, { cache: "no-store", signal: AbortSignal.timeout(5000) });
      if (answer.ok) { window.location.replace(idle.dataset.home); return; }
    } catch { /* no connection: what is on the screen stays, and we try again */ }
    wait();
  };
  const wait = () => { window.clearTimeout(timer); timer = window.setTimeout(home, Number(idle.dataset.idle) * 1000); };
  if (idle) {
    ["pointerdown", "keydown", "input", "scroll"].forEach((touch) => document.addEventListener(touch, wait, { passive: true }));
    wait();
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });   // nobody goes back to another's page

  // A reader types quickly and ends with Enter.
  const KEY = "scanned", doors = document.querySelector("[data-scan]"), form = document.querySelector("form[data-scanned]");
  if (doors) {
    let typed = "", at = 0;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.timeStamp - at > 120) typed = "";
      at = event.timeStamp;
      if (event.key === "Enter" && typed.length >= 6) {
        event.preventDefault();
        try { window.sessionStorage.setItem(KEY, typed); } catch { return; }
        window.location.assign(doors.dataset.scan);
      } else if (event.key.length === 1) typed += event.key;
    });
  }
  if (form) {
    let typed = "";
    try { typed = window.sessionStorage.getItem(KEY) || ""; window.sessionStorage.removeItem(KEY); } catch { /* no store, no code */ }
    if (typed) { form.elements.reference.value = typed; form.requestSubmit(); }
  }
})();
