// Booking, made nicer where scripts run: a branch or day shows its times at once, the hold counts down.
"use strict";
(() => {
  const page = document.documentElement;
  page.classList.add("scripted");
  const isArabic = page.lang.startsWith("ar");
  const digits = (text) => isArabic && !page.hasAttribute("data-latin-digits")
    ? text.replace(/[0-9]/g, (d) => "٠١٢٣٤٥٦٧٨٩"[d]) : text;
  const choose = document.querySelector("[data-choose]");

  // The chosen time stands in the bar at the foot; an alternative says its own day.
  const showTime = () => {
    const said = document.querySelector("[data-chosen-time]");
    if (!said) return;
    const chosen = document.querySelector(".times :checked");
    const time = chosen && chosen.closest("label").querySelector("bdi, b");
    const isOther = Boolean(time) && time.matches("b");
    document.querySelector("[data-chosen-day]").hidden = isOther;
    said.textContent = time ? (isOther ? "" : said.dataset.before) + time.textContent : "";
  };

  // Another branch or day: fetch the page that the button would show, and put its parts in place.
  let asked = 0;
  const show = async (where, focused) => {
    const mine = ++asked;
    choose.setAttribute("aria-busy", "true");
    const address = where.action + "?" + new URLSearchParams(new FormData(where));
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked) return;
      if (!shown.getElementById("times")) { location.assign(address); return; }
      const scrolled = document.querySelector(".days").scrollLeft;
      ["branches", "days", "times", "foot"].forEach((id) => document.getElementById(id).replaceWith(shown.getElementById(id)));
      document.querySelector(".days").scrollLeft = scrolled;
      history.replaceState(null, "", address);
      const again = document.querySelector(`.where [name="${focused}"]:checked, .where select[name="${focused}"]`);
      if (again) again.focus({ preventScroll: true });
    } catch {
      location.assign(address);
    } finally {
      if (mine === asked) choose.removeAttribute("aria-busy");
    }
    showTime();
  };
  if (choose) choose.addEventListener("change", (event) => {
    const where = event.target.closest("[data-where]");
    if (!where) { showTime(); return; }
    if (event.target.name === "branch") where.querySelectorAll("[name=day]").forEach((day) => { day.checked = false; });
    show(where, event.target.name);
  });
  window.addEventListener("pageshow", showTime);

  // The five minutes, counted from when the page came, so that a wrong clock does no harm. The running digits are
  // silent; a screen reader hears once that a minute is left, and once that it is over.
  const left = document.querySelector("[data-countdown]");
  if (left) {
    const began = performance.now();
    const seconds = Number(left.dataset.countdown);
    const aloud = document.querySelector("[data-aloud]");
    const longer = document.querySelector("[data-longer]");
    const almost = Number(left.dataset.almost);
    let isSaid = seconds <= almost;
    left.hidden = false;
    const tick = () => {
      const now = Math.max(0, Math.ceil(seconds - (performance.now() - began) / 1000));
      if (now <= almost && now && !isSaid) {
        isSaid = true;
        aloud.textContent = aloud.dataset.aloud;
        if (longer) longer.classList.replace("plain", "second");
      }
      if (now) {
        left.textContent = digits(Math.floor(now / 60) + ":" + String(now % 60).padStart(2, "0"));
        return;
      }
      window.clearInterval(timer);
      left.closest(".note").classList.replace("info", "warn");
      left.parentElement.textContent = aloud.textContent = left.dataset.over;
      if (longer) longer.closest("form").remove();
    };
    const timer = window.setInterval(tick, 1000);
    tick();
  }
})();
