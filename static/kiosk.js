// Back to the start when nobody touches the screen; codes read by reader or camera; a slip printed once.
"use strict";
(() => {
  const isArabic = document.documentElement.lang.startsWith("ar") && !document.documentElement.hasAttribute("data-latin-digits");
  const shown = (number) => isArabic ? String(number).replace(/[0-9]/g, (d) => "٠١٢٣٤٥٦٧٨٩"[d]) : String(number);
  const idle = document.querySelector("[data-idle]");
  if (idle) {
    const words = idle.querySelector("[data-left]"), stop = idle.querySelector("[data-stop]"), whole = Number(idle.dataset.idle);
    const sentence = words.textContent.replace(shown(whole), "%");
    let left = whole;
    const home = async () => {   // first see that the server answers: a browser's own error page has no way back
      try {
        const answer = await fetch(idle.dataset.check, { cache: "no-store", signal: AbortSignal.timeout(5000) });
        if (answer.ok || answer.status === 403) { window.location.replace(idle.dataset.home); return; }
      } catch { /* no connection: what is on the screen stays, and we try again */ }
      left = whole;
    };
    const say = () => { words.textContent = sentence.replace("%", shown(left)); idle.classList.toggle("soon", left <= 15); };
    const again = () => { if (left < whole) { left = whole; say(); } };
    ["pointerdown", "keydown", "input", "scroll"].forEach((touch) => document.addEventListener(touch, again, { passive: true }));
    window.setInterval(() => { if (document.hidden) return; left -= 1; if (left === 0) home(); else if (left > 0) say(); }, 1000);
    stop.hidden = false;
    stop.addEventListener("click", () => { left = Number(idle.dataset.stay); say(); });
  }
  // Nobody goes back to another's page: a page from the cache is fetched anew, and leaving leaves no trace behind.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  document.querySelectorAll("a[data-leave]").forEach((way) => way.addEventListener("click", (event) => { event.preventDefault(); window.location.replace(way.href); }));
  if (window.top !== window.self) document.documentElement.hidden = true;
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  document.addEventListener("dragstart", (event) => event.preventDefault());

  // The browser prints a slip by itself, once.
  const slip = document.querySelector("[data-print-once]");
  if (slip) {
    const key = "printed-" + slip.dataset.printOnce;
    let isNew = false;
    try { isNew = !window.sessionStorage.getItem(key); window.sessionStorage.setItem(key, "1"); } catch { /* no store: press Print */ }
    if (isNew) window.addEventListener("load", () => window.print());
  }

  // A reader types quickly and ends with Enter.
  const KEY = "scanned", doors = document.querySelector("[data-scan]"), form = document.querySelector("form[data-scanned]");
  if (doors) {
    let typed = "", at = 0;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.timeStamp - at > 120) typed = "";
      at = event.timeStamp;
      if (event.key === "Enter" && typed.length >= 6) {
        event.preventDefault();
        try { window.sessionStorage.setItem(KEY, typed); } catch { return; }
        window.location.assign(doors.dataset.scan);
      } else if (event.key.length === 1) typed += event.key;
    });
  }
  if (form) {
    let typed = "";
    try { typed = window.sessionStorage.getItem(KEY) || ""; window.sessionStorage.removeItem(KEY); } catch { /* no store, no code */ }
    if (typed) { form.elements.reference.value = typed; form.requestSubmit(); }
    else watch(form);
  }

  // Nobody is sent to a camera that is not there.
  async function hasCamera() {
    if (!navigator.mediaDevices || !navigator.mediaDevices.enumerateDevices) return false;
    return (await navigator.mediaDevices.enumerateDevices()).some((one) => one.kind === "videoinput");
  }
  if (document.querySelector("[data-with-camera]")) hasCamera().then((isThere) => {
    document.querySelectorAll("[data-with-camera]").forEach((words) => { words.hidden = !isThere; });
    document.querySelectorAll("[data-without-camera]").forEach((words) => { words.hidden = isThere; });
  }).catch(() => { /* what is shown without a camera stays */ });

  // A picture is read by the browser where it can, else by the server: as grey, as wide as a code needs.
  async function readerOf(box) {
    if ("BarcodeDetector" in window && (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
      const own = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async (view) => { const seen = await own.detect(view); return seen.length ? seen[0].rawValue : ""; };
    }
    const canvas = document.createElement("canvas"), token = box.closest("form").elements.csrf_token.value;
    return async (view) => {
      const width = canvas.width = Math.min(640, view.videoWidth), height = canvas.height = Math.round(width * view.videoHeight / view.videoWidth);
      const pen = canvas.getContext("2d", { willReadFrequently: true });
      pen.drawImage(view, 0, 0, width, height);
      const points = pen.getImageData(0, 0, width, height).data, grey = new Uint8Array(width * height);
      for (let at = 0; at < grey.length; at += 1) grey[at] = (points[4 * at] * 3 + points[4 * at + 1] * 6 + points[4 * at + 2]) / 10;
      const answer = await fetch(`${box.dataset.camera}?width=${width}&height=${height}`, {
        method: "POST", body: grey, headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token },
        signal: AbortSignal.timeout(5000),
      });
      return answer.ok ? (await answer.json()).text : "";
    };
  }

  async function watch(into) {
    const box = into.querySelector("[data-camera]"), view = box && box.querySelector("video");
    if (!box || !(await hasCamera().catch(() => false))) return;
    try {
      const read = await readerOf(box), refused = into.elements.reference.value;   // the same code is not sent again
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
      await view.play();
      box.hidden = false;
      const look = async () => {
        const seen = document.hidden ? "" : await read(view).catch(() => "");
        if (seen && seen !== refused) {
          view.srcObject.getTracks().forEach((track) => track.stop());
          into.elements.reference.value = seen;
          into.requestSubmit();
        } else window.setTimeout(look, 400);
      };
      look();
    } catch { box.hidden = true; }   // not allowed: the field is there
  }
})();
