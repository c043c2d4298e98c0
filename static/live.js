// A page that follows what happens. It hears of a change by a stream where it may have one, else it asks again and again
// for a small state with a version; then it takes its marked parts from that state, or anew from the server.
// Markup: [data-live=URL data-stream=URL data-every=ms data-version], [data-part=name], [data-say=name],
// [data-lost hidden] shown while nothing comes with [data-lost-since], time[data-fresh data-zone datetime].
"use strict";
(() => {
  const root = document.querySelector("[data-live]");
  if (!root) return;
  const every = Number(root.dataset.every) || 3000, quickest = 4000, slowest = 30000;
  const told = document.querySelector("[data-state]");
  let version = root.dataset.version || "", before = told ? JSON.parse(told.textContent) : null, failures = 0, timer = 0, isAsking = false, stream = null;
  const page = document.documentElement, language = page.lang.slice(0, 2);
  const digits = (text) => language === "ar" && !page.hasAttribute("data-latin-digits")
    ? text.replace(/[0-9]/g, (d) => "٠١٢٣٤٥٦٧٨٩"[d]) : text;

  const ask = (url, headers) => fetch(url, {
    headers, cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(Math.max(every, quickest)),
  });

  const swap = (fresh) => {
    const held = document.activeElement && document.activeElement.id;
    document.querySelectorAll("[data-part]").forEach((part) => {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!other || (other.innerHTML === part.innerHTML && other.className === part.className)) return;
      part.className = other.className;
      part.innerHTML = other.innerHTML;
    });
    if (held && !document.activeElement.id && document.getElementById(held)) document.getElementById(held).focus();
    if (fresh.title) document.title = fresh.title;
  };
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  // What changes with every call is said in the state itself; the page is fetched for the rest only.
  const rest = (state) => JSON.stringify({ ...state, say: null, ahead: null, wait: null });
  const say = (state) => {
    if (!state.say || !before || !before.say || rest(state) !== rest(before)) return false;
    const words = state.say[language] || {};
    const places = [...document.querySelectorAll("[data-say]")];
    if (!places.length) return false;
    places.forEach((place) => { if (place.dataset.say in words) place.textContent = words[place.dataset.say]; });
    return true;
  };

  // Our clock is set by the server's moment in the page.
  const first = document.querySelector("time[data-fresh], time[data-clock]");
  const drift = first && first.dateTime ? Date.parse(first.dateTime) - Date.now() : 0;
  const moment = () => Date.now() + drift;
  const clock = (zone, more) => digits(new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", ...more, hour12: false, timeZone: zone,
  }).format(new Date(moment())));
  const heard = () => {
    failures = 0;
    document.querySelectorAll("[data-lost]").forEach((sign) => { sign.hidden = true; });
    document.querySelectorAll("[data-fresh]").forEach((time) => { time.textContent = clock(time.dataset.zone, { second: "2-digit" }); });
  };
  const lost = () => {
    failures += 1;
    if (failures === 2) document.querySelectorAll("[data-lost-since]").forEach((since) => { since.textContent = clock(first && first.dataset.zone); });
    if (failures > 1) document.querySelectorAll("[data-lost]").forEach((sign) => { sign.hidden = false; });
  };

  const take = async (answer) => {
    const now = await answer.json(), text = JSON.stringify(now);
    if (before === null || JSON.stringify(before) !== text) {
      if (now.html) swap(parsed(now.html));
      else if (!say(now)) {
        const whole = await ask(window.location.href, { Accept: "text/html" });
        if (!whole.ok) throw new Error(String(whole.status));
        swap(parsed(await whole.text()));
      }
      document.dispatchEvent(new CustomEvent("live", { detail: { now, before, moment } }));
    }
    version = answer.headers.get("ETag") || "";
    before = now;
  };
  const look = async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await ask(root.dataset.live, { Accept: "application/json", ...(version && { "If-None-Match": version }) });
      if (answer.status !== 304) {
        if (answer.redirected || answer.status === 404) { window.location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        await take(answer);
      }
      heard();
    } catch {
      lost();
    } finally {
      isAsking = false;
    }
  };

  // Who has a stream asks seldom besides; who has lost the server asks ever more seldom, each at a moment of its own.
  const again = () => {
    const calm = stream && stream.readyState === 1 ? 15000 : every;
    const pause = Math.min(slowest, calm * 2 ** Math.min(failures, 5));
    timer = window.setTimeout(async () => { await look(); again(); }, pause * (0.9 + 0.2 * Math.random()));
  };
  const now = async () => { window.clearTimeout(timer); await look(); again(); };
  const listen = () => {
    if (!root.dataset.stream || !window.EventSource) return;
    stream = new EventSource(root.dataset.stream);
    stream.onmessage = now;
    stream.onerror = () => {   // full, restarted or gone: ask again and again, and try once more after a while
      stream.close();
      now();
      window.setTimeout(listen, 5000 + 25000 * Math.random());
    };
  };
  again();
  listen();
  window.addEventListener("online", now);
})();
