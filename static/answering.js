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
  const left = document.querySelector("form[data-send-after]");
  if (left) {
    let rest = Number(left.dataset.sendAfter);
    const whole = rest, again = () => { rest = whole; };
    ["pointerdown", "keydown", "input", "scroll"].forEach((touch) => document.addEventListener(touch, again, { passive: true }));
    window.setInterval(() => { rest -= 1; if (rest === 0) left.requestSubmit(); }, 1000);
  }
  const over = document.querySelector("[data-start-after]");
  if (over) window.setTimeout(() => window.location.replace(over.dataset.start), Number(over.dataset.startAfter) * 1000);
})();
