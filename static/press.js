// A press that had no answer is sent again, the same and with the same key, until it is answered: the server does it once.
// Without this file a form is sent as any other. Markup: [data-unanswered=where the forms go, hidden] says that it waits.
"use strict";
(() => {
  const told = document.querySelector("[data-unanswered]");
  if (!told) return;
  const gone = [502, 503, 504];   // something in between answered, the server did not
  let isOnItsWay = false, isAnswered = false;
  const isOurs = (form) => form.method === "post" && new URL(form.action).pathname.startsWith(`${told.dataset.unanswered}/`);

  const answer = async (form, what) => {
    for (let wait = 1000; ; wait = Math.min(2 * wait, 5000)) {
      form.setAttribute("aria-busy", "true");
      try {
        const given = await fetch(form.action, {
          method: "POST", body: what, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000),
        });
        if (!gone.includes(given.status)) return given;
      } catch { /* no answer: it may have been done or not, and is sent again */ }
      told.hidden = false;
      await new Promise((again) => { window.setTimeout(again, wait); });
    }
  };

  const send = async (form, button) => {
    const what = new URLSearchParams(new FormData(form));
    if (button && button.name) what.append(button.name, button.value);
    const given = await answer(form, what);
    if (given.redirected) { window.location.assign(given.url); return; }
    isAnswered = true;   // a refusal: nothing was done, and the page that says why comes as it would without this file
    form.removeAttribute("aria-busy");
    form.requestSubmit(button);
  };

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || isAnswered || !isOurs(event.target)) return;
    event.preventDefault();
    if (isOnItsWay) return;
    isOnItsWay = true;
    send(event.target, event.submitter);
  });
  window.addEventListener("pageshow", (event) => {   // back from the next page
    if (event.persisted) { isOnItsWay = isAnswered = false; told.hidden = true; }
  });
})();
