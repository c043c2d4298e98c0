// Progressive enhancement only: every page works without this file.
"use strict";
(() => {
  const page = document.documentElement;
  const isArabic = page.lang.startsWith("ar");
  const digits = (text) => isArabic && !page.hasAttribute("data-latin-digits")
    ? text.replace(/[0-9]/g, (d) => "٠١٢٣٤٥٦٧٨٩"[d]) : text;

  // A form goes out once: a second press while the answer is on its way is ignored. The server would answer it the same.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
    form.setAttribute("aria-busy", "true");
    window.setTimeout(() => form.removeAttribute("aria-busy"), 8000);
  });
  window.addEventListener("pageshow", (event) => {   // back from the next page: the form may be sent again
    if (event.persisted) document.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-print], [data-copy]");
    if (!button) return;
    if (button.hasAttribute("data-print")) { window.print(); return; }
    if (navigator.clipboard) navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.setAttribute("aria-pressed", "true");
      if (button.dataset.done) button.textContent = button.dataset.done;
    });
  });

  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-autosubmit]");
    if (field && field.form) field.form.requestSubmit();
  });

  // Clocks: <time data-clock data-zone="Asia/Riyadh" datetime="now at the server"> and <b data-since="moment"> (mm:ss).
  // The server's moment corrects a wrong clock on this machine.
  const serverNow = document.querySelector("time[data-clock]");
  const drift = serverNow && serverNow.dateTime ? Date.parse(serverNow.dateTime) - Date.now() : 0;
  const two = (number) => String(number).padStart(2, "0");
  const tick = () => {
    const now = new Date(Date.now() + drift);
    document.querySelectorAll("[data-until]").forEach((timer) => {
      const seconds = Math.max(0, Math.ceil((Date.parse(timer.dataset.until) - now) / 1000));
      timer.textContent = digits(two(Math.floor(seconds / 60)) + ":" + two(seconds % 60));
    });
    document.querySelectorAll("time[data-clock]").forEach((clock) => {
      const shown = digits(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: clock.dataset.zone }).format(now));
      if (clock.textContent !== shown) clock.textContent = shown;
    });
    document.querySelectorAll("[data-since]").forEach((timer) => {
      const seconds = Math.max(0, Math.floor((now - Date.parse(timer.dataset.since)) / 1000));
      const hours = Math.floor(seconds / 3600);
      timer.textContent = digits((hours ? hours + ":" : "") + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60));
    });
  };
  if (document.querySelector("time[data-clock], [data-since]")) { tick(); window.setInterval(tick, 1000); }

  const wrong = document.querySelector(".error-summary");
  if (wrong) wrong.focus();

  // The area one is in stays in sight where the list of areas is wider than the screen; so does the chosen day.
  document.querySelectorAll(".masthead nav a[aria-current], .days label :checked").forEach((chosen) => {
    const here = chosen.closest("label, a"), list = here.closest("ul, .days"), middle = (box) => { const r = box.getBoundingClientRect(); return r.left + r.width / 2; };
    if (list.scrollWidth > list.clientWidth) list.scrollBy({ left: middle(here) - middle(list), behavior: "instant" });
  });

  // Without a connection a form would be lost: say so, and keep what was typed.
  const offline = document.querySelector("[data-offline]");
  const told = () => { if (offline) offline.hidden = navigator.onLine; };
  window.addEventListener("online", told);
  window.addEventListener("offline", told);
  told();
})();
