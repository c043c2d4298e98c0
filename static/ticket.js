// The phone in the pocket speaks up when one is near, and again when one is called.
"use strict";
(() => {
  const mayShake = () => navigator.vibrate && (!navigator.userActivation || navigator.userActivation.hasBeenActive);
  const shake = (pattern) => { if (mayShake()) navigator.vibrate(pattern); };
  document.addEventListener("live", ({ detail: { now, before } }) => {
    const calls = before ? before.calls : 0;
    if (now.state === "called" && (!before || before.state !== "called" || now.calls > calls)) shake([400, 150, 400, 150, 800]);
    else if (now.near && before && !before.near) shake([250, 150, 250]);
    if (now.state !== "called") return;
    let shown = 0;   // the tab's title calls too
    const title = document.title;
    const blink = window.setInterval(() => {
      shown += 1;
      document.title = shown % 2 ? `● ${title}` : title;
      if (shown >= 10) { window.clearInterval(blink); document.title = title; }
    }, 1000);
  });
})();
