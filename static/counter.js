// The counter's keys and its live line. Without this file every button still works and the page is refreshed by hand.
"use strict";
(() => {
  // Keys act only while no control has the focus: by place on the keyboard, so that they are the same in every script.
  const isFree = () => {
    const at = document.activeElement;
    return !at || at === document.body || at.matches("main, .error-summary");
  };
  const nameOf = (event) => {
    if (event.code === "Space") return "Space";
    if (event.key === "?" || event.key === "؟") return "?";
    const found = /^(?:Key([A-Z])|(?:Digit|Numpad)([1-9]))$/.exec(event.code);
    return found ? found[1] || found[2] : "";
  };
  const visible = (element) => element.offsetParent !== null && !element.disabled;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !isFree()) { document.activeElement.blur(); return; }
    if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || !isFree()) return;
    const name = nameOf(event);
    if (!name) return;
    if (/^[1-4]$/.test(name)) {
      const choice = document.querySelectorAll("#conclude input[name=outcome]")[Number(name) - 1];
      if (choice) { choice.click(); event.preventDefault(); }
      return;
    }
    const field = [...document.querySelectorAll(`[data-focus-key="${name}"]`)].find(visible);
    if (field) { event.preventDefault(); field.focus(); return; }
    const button = [...document.querySelectorAll(`[data-key="${name}"]`)].find(visible);
    if (!button) return;
    event.preventDefault();
    if (button.tagName === "SUMMARY") {
      button.parentElement.open = true;
      button.parentElement.querySelector("select, input:not([type=hidden])").focus();
    } else button.click();
  });

  // what the officer has chosen for the conclusion goes along with the other forms of the page
  document.addEventListener("submit", (event) => {
    const conclude = document.getElementById("conclude");
    for (const carry of event.target.querySelectorAll("[data-carry]")) {
      const field = conclude && conclude.elements[carry.name];
      if (field) carry.value = field.value;
    }
  });

  const live = document.querySelector("[data-live]");
  if (!live) return;
  const old = document.querySelector("[data-old]");
  const connected = document.querySelector("[data-connected]");
  const cut = document.querySelector("[data-cut]");
  const out = document.querySelector("[data-signed-out]");
  const showNext = () => {
    const next = live.querySelector("[data-next]"), here = document.querySelector("[data-next-here]");
    if (next && here && here.innerHTML !== next.firstElementChild.innerHTML) here.innerHTML = next.firstElementChild.innerHTML;
  };
  let tag = "", failed = 0;
  const isPressed = () => document.querySelector("form[aria-busy=true]") !== null;   // its answer brings a new page
  const say = (isWell) => {
    failed = isWell ? 0 : failed + 1;
    connected.hidden = failed > 1;
    if (failed === 2) cut.querySelector("[data-cut-since]").textContent = document.querySelector("time[data-clock]").textContent;
    cut.hidden = failed < 2;
    live.classList.toggle("stale", failed > 1);
  };
  const look = async () => {
    try {
      const answer = await fetch(live.dataset.live, {
        headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal: AbortSignal.timeout(5000),
      });
      if (answer.status !== 304) {
        out.hidden = !answer.redirected;   // to the sign-in
        if (answer.redirected) { live.classList.add("stale"); connected.hidden = true; window.setTimeout(look, 3000); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const state = await answer.json();
        old.hidden = state.here === live.dataset.here || isPressed();
        // whoever is about to press a button in the list keeps it; the next look brings the news
        if (state.html && !live.contains(document.activeElement) && !isPressed()) {
          live.innerHTML = state.html;
          tag = answer.headers.get("ETag") || "";
          showNext();
        }
      }
      say(true);
    } catch {
      say(false);
    }
    window.setTimeout(look, document.hidden ? 8000 : 1500);
  };
  showNext();
  window.setTimeout(look, 1500);
  window.addEventListener("offline", () => { failed = Math.max(failed, 1); say(false); });
})();
