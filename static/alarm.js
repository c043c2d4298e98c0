// The silent alarm leaves the page as it is, and is sent again until it arrived. Without this file the form is sent.
"use strict";
(() => {
  const form = document.querySelector("[data-alarm]");
  if (!form) return;
  const button = form.querySelector("button");
  const sent = form.querySelector("[data-sent]"), unsent = form.querySelector("[data-unsent]");
  const key = form.querySelector("[name=once]");
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let isOnItsWay = false;
  const send = async () => {
    isOnItsWay = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, signal: AbortSignal.timeout(5000),
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      sent.hidden = false;
      unsent.hidden = true;
      key.value = fresh();   // a later press is another alarm
      isOnItsWay = false;
      window.setTimeout(() => { sent.hidden = true; }, 60000);
    } catch {
      unsent.hidden = false;
      window.setTimeout(send, 2000);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isOnItsWay) send();
  });
  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyA" || !event.shiftKey || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    button.click();
  });
})();
