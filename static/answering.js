// What is touched is saved at once; a tablet at the exit sends what was touched when nobody stands there any more.
"use strict";
(() => {
  const form = document.querySelector("form[data-saves]");
  if (form && window.fetch) {
    const state = form.querySelector("[data-state]");
    form.addEventListener("change", () => {
      const sent = new URLSearchParams(new FormData(form));
      sent.set("act", "save");
      fetch(form.action, { method: "POST", body: sent, keepalive: true, credentials: "same-origin" })
        .then((answer) => { if (state) state.textContent = answer.status === 204 ? form.dataset.saved : ""; }).catch(() => { });
    });
  }
  // At the exit: first see that the server answers, since a browser's own error page has no way back.
  const whenThere = async (address, act, again) => {
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (answer.ok || answer.status === 403) { act(); return; }
    } catch { /* no connection: what is on the screen stays, and we try again */ }
    again();
  };
  const after = (seconds, address, act) => {
    let rest = seconds;
    ["pointerdown", "keydown", "input", "scroll"].forEach((touch) => document.addEventListener(touch, () => { rest = seconds; }, { passive: true }));
    window.setInterval(() => { rest -= 1; if (rest === 0) whenThere(address, act, () => { rest = seconds; }); }, 1000);
  };
  const left = document.querySelector("form[data-send-after]");
  if (left) after(Number(left.dataset.sendAfter), left.action, () => left.requestSubmit());
  const over = document.querySelector("[data-start-after]");
  if (over) after(Number(over.dataset.startAfter), over.dataset.check, () => window.location.replace(over.dataset.start));
})();
