// A page that follows what happens: it asks for a small state with a version, and when that has changed takes its
// marked parts anew from the server. Markup: [data-live=URL data-every=ms data-version], [data-part=name],
// [data-lost hidden] shown while nothing comes, time[data-fresh data-zone datetime] the time of the last answer.
"use strict";
(() => {
  const root = document.querySelector("[data-live]");
  if (!root) return;
  const every = Number(root.dataset.every) || 3000, quickest = 4000;
  let version = root.dataset.version || "", before = null, failures = 0;
  const page = document.documentElement;
  const digits = (text) => page.lang.startsWith("ar") && !page.hasAttribute("data-latin-digits")
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
    document.title = fresh.title;
  };

  // Our clock is set by the server's moment in the page.
  const first = document.querySelector("time[data-fresh], time[data-clock]");
  const drift = first && first.dateTime ? Date.parse(first.dateTime) - Date.now() : 0;
  const heard = () => {
    failures = 0;
    document.querySelectorAll("[data-lost]").forEach((sign) => { sign.hidden = true; });
    document.querySelectorAll("[data-fresh]").forEach((time) => {
      time.textContent = digits(new Intl.DateTimeFormat("en-GB", {
        hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: time.dataset.zone,
      }).format(new Date(Date.now() + drift)));
    });
  };

  const look = async () => {
    try {
      const answer = await ask(root.dataset.live, { Accept: "application/json", ...(version && { "If-None-Match": version }) });
      if (answer.status === 304) { heard(); return; }
      if (answer.redirected || answer.status === 404) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json(), text = JSON.stringify(now);
      if (before === null || JSON.stringify(before) !== text) {
        const whole = await ask(window.location.href, { Accept: "text/html" });
        if (!whole.ok) throw new Error(String(whole.status));
        swap(new DOMParser().parseFromString(await whole.text(), "text/html"));
        document.dispatchEvent(new CustomEvent("live", { detail: { now, before } }));
      }
      version = answer.headers.get("ETag") || "";
      before = now;
      heard();
    } catch {
      failures += 1;
      if (failures > 1) document.querySelectorAll("[data-lost]").forEach((sign) => { sign.hidden = false; });
    }
  };

  const again = async () => { await look(); window.setTimeout(again, every); };
  window.setTimeout(again, every);
  window.addEventListener("online", look);
})();
