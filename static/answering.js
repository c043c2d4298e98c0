// What is touched or typed is saved as one goes; a tablet at the exit sends what was touched when nobody stands there any more.
// Phones of 2017 read this file: no fetch, no async, no catch without a name, no form that submits itself by request.
"use strict";
(() => {
  const FORM = "application/x-www-form-urlencoded;charset=UTF-8";
  const SOON = 1500, AT_LATEST = 10000;   // after the last key; after the first one that is not saved
  const AGAIN = 3000, SELDOM = 30000;     // where no answer came: at first, and at most

  // `done` gets what came back; nothing where no answer came.
  const ask = (address, sent, done) => {
    const request = new XMLHttpRequest();
    request.open(sent === null ? "GET" : "POST", address);
    request.timeout = 15000;
    request.setRequestHeader("Accept", "application/json");
    if (sent !== null) request.setRequestHeader("Content-Type", FORM);
    request.onload = () => done(request);
    request.onerror = request.ontimeout = () => done(null);
    request.send(sent);
    return request;
  };
  const problem = (answer) => {
    if (!answer || answer.status < 400 || answer.status >= 500) return null;
    try { return JSON.parse(answer.responseText); } catch (_error) { return null; }
  };
  const filled = (form) => {
    const pairs = ["act=save"];
    Array.prototype.forEach.call(form.elements, (field) => {
      const isButton = field.tagName === "BUTTON" || field.tagName === "FIELDSET";
      const isLeftOut = (field.type === "radio" || field.type === "checkbox") && !field.checked;
      if (field.name && !isButton && !isLeftOut) pairs.push(encodeURIComponent(field.name) + "=" + encodeURIComponent(field.value));
    });
    return pairs.join("&");
  };
  // A sentence beside each field whose words cannot be kept; what was said of a field that is in order goes.
  const mark = (form, wrong) => {
    form.querySelectorAll("textarea").forEach((field) => {
      const id = field.id + "-error", said = document.getElementById(id);
      if (said && (wrong[field.name] || field.value)) said.remove();
      if (wrong[field.name]) {
        const made = form.querySelector("template[data-wrong]").content.firstElementChild.cloneNode(true);
        made.id = id;
        made.className = "error";
        made.querySelector("[data-why]").textContent = wrong[field.name];
        field.parentNode.insertBefore(made, field);
      }
      const isWrong = Boolean(document.getElementById(id));
      field.parentNode.classList.toggle("wrong", isWrong);
      if (isWrong) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", id); }
      else { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); }
    });
  };

  // One saving is on its way at a time, so that an older one never comes after a newer one.
  const keep = (form, state) => {
    let changes = 0, settled = 0, since = 0, wait = AGAIN, timer = 0, asked = null, button = null, isSent = false;
    const say = (words) => { if (state.textContent !== words) state.textContent = words; };
    const later = (length) => { window.clearTimeout(timer); timer = window.setTimeout(save, length); };
    // True where the page may go on: saved, or refused for good in words of the server, which its own page says as well.
    const told = (answer, at) => {
      const refused = problem(answer), wrong = {};
      if (refused && answer.status !== 410 && answer.status !== 422) { say(refused.title); return false; }   // too much, too often
      if (answer && answer.status === 204 || refused) {
        settled = at;
        wait = AGAIN;
        (refused && refused.errors || []).forEach((one) => { wrong[one.field] = one.title; });
        if (!refused || refused.errors) mark(form, wrong);
        say(refused ? refused.title : changes === at ? form.dataset.saved : "");
        if (changes !== settled) { since = Date.now(); later(SOON); }
        return true;
      }
      say(form.dataset.unsaved);
      later(wait);
      wait = Math.min(2 * wait, SELDOM);
      return false;
    };
    const save = () => {
      if (asked || isSent || changes === settled) return;
      window.clearTimeout(timer);
      const at = changes;
      asked = ask(form.action, filled(form), (answer) => { asked = null; told(answer, at); });
    };
    const changed = () => {
      if (changes === settled) since = Date.now();
      changes += 1;
      if (state.textContent === form.dataset.saved) say("");
    };
    // The page goes away, perhaps for good.
    const leave = () => {
      if (isSent || changes === settled) return;
      if (asked) { asked.abort(); asked = null; }
      if (!navigator.sendBeacon || !navigator.sendBeacon(form.action, new Blob([filled(form)], { type: FORM }))) save();
    };
    form.addEventListener("input", (event) => {
      if (event.target.tagName !== "TEXTAREA") return;
      changed();
      later(Math.max(0, Math.min(SOON, since + AT_LATEST - Date.now())));
    });
    form.addEventListener("change", (event) => {
      if (event.target.tagName !== "TEXTAREA") changed();
      save();
    });
    form.addEventListener("click", (event) => { button = event.target.closest("button") || button; });
    // What is not saved yet is saved first: where no answer comes, it stays on the screen instead of a browser's error page.
    form.addEventListener("submit", (event) => {
      if (changes === settled && navigator.onLine !== false) { isSent = true; return; }
      event.preventDefault();
      if (isSent) return;
      isSent = true;
      wait = AGAIN;
      say("");
      window.clearTimeout(timer);
      if (asked) asked.abort();
      const at = changes;
      asked = ask(form.action, filled(form), (answer) => {
        asked = null;
        isSent = false;
        if (!told(answer, at)) return;
        isSent = true;
        const act = document.createElement("input");
        act.type = "hidden";
        act.name = button ? button.name : "act";
        act.value = button ? button.value : "send";
        form.appendChild(act);
        form.submit();
      });
    });
    window.addEventListener("online", save);
    window.addEventListener("beforeunload", leave);
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      isSent = false;
      form.querySelectorAll("input[name=act]").forEach((act) => act.remove());
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else save(); });
  };
  const form = document.querySelector("form[data-saves]"), state = form && form.querySelector("[data-state]");
  if (state) keep(form, state);

  // At the exit: first see that the server answers, since a browser's own error page has no way back.
  const whenThere = (address, act, again) => {   // no connection: what is on the screen stays, and we try again
    ask(address, null, (answer) => { if (answer && (answer.status < 300 || answer.status === 403)) act(); else again(); });
  };
  const after = (seconds, address, act) => {
    let rest = seconds;
    ["pointerdown", "touchstart", "keydown", "input", "scroll"].forEach((touch) => document.addEventListener(touch, () => { rest = seconds; }, { passive: true }));
    window.setInterval(() => { rest -= 1; if (rest === 0) whenThere(address, act, () => { rest = seconds; }); }, 1000);
  };
  const left = document.querySelector("form[data-send-after]");
  if (left) after(Number(left.dataset.sendAfter), left.action, () => { if (left.requestSubmit) left.requestSubmit(); else left.submit(); });
  const over = document.querySelector("[data-start-after]");
  if (over) after(Number(over.dataset.startAfter), over.dataset.check, () => window.location.replace(over.dataset.start));
})();
