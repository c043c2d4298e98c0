// The chime of a new call, made here: two strokes of a bell. Where the browser wants a touch first, a button asks for it.
"use strict";
(() => {
  const Sound = window.AudioContext || window.webkitAudioContext;
  const ask = document.querySelector("[data-sound]");
  if (!Sound) return;
  const sound = new Sound();

  const stroke = (pitch, at) => {
    [[1, 0.5], [2.01, 0.16], [3.02, 0.06]].forEach(([partial, loudness]) => {
      const tone = sound.createOscillator(), swell = sound.createGain();
      tone.frequency.value = pitch * partial;
      swell.gain.setValueAtTime(0.0001, at);
      swell.gain.exponentialRampToValueAtTime(loudness, at + 0.012);
      swell.gain.exponentialRampToValueAtTime(0.0001, at + 1.5 / partial);
      tone.connect(swell).connect(sound.destination);
      tone.start(at);
      tone.stop(at + 1.6);
    });
  };
  const chime = () => {
    if (sound.state !== "running") return;
    stroke(659.25, sound.currentTime + 0.02);
    stroke(523.25, sound.currentTime + 0.45);
  };

  const told = () => { if (ask) ask.hidden = sound.state === "running"; };
  sound.addEventListener("statechange", told);
  sound.resume().then(told, told);
  window.setTimeout(told, 400);
  const wake = () => { if (sound.state !== "running") sound.resume().then(() => { told(); chime(); }); };
  if (ask) ask.addEventListener("click", wake);
  document.addEventListener("keydown", wake);
  document.addEventListener("pointerdown", wake);

  const newest = (state) => {
    const call = state && state.calls[0];
    return call ? `${call.ticket}:${call.counter}:${call.count}` : "";
  };
  let last = document.querySelector("[data-newest]");
  last = last ? last.dataset.newest : null;
  document.addEventListener("live", ({ detail: { now } }) => {
    const key = newest(now);
    if (key && key !== last) chime();
    last = key;
  });
})();
