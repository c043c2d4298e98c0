// The sound of a call: two strokes of a bell, then the call spoken, in the ticket's language first. One after the other.
// Where the browser wants a touch first, a button asks for it; where it has no voice, the bell alone is heard.
"use strict";
(() => {
  const Sound = window.AudioContext || window.webkitAudioContext;
  const ask = document.querySelector("[data-sound]"), voice = window.speechSynthesis;
  const sound = Sound ? new Sound() : null;
  const freshest = 90000, bell = 1700, longest = 12000;
  const wait = (time) => new Promise((done) => { window.setTimeout(done, time); });

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
  const chime = async () => {
    if (!sound || sound.state !== "running") return;
    stroke(659.25, sound.currentTime + 0.02);
    stroke(523.25, sound.currentTime + 0.45);
    await wait(bell);
  };

  const voiceOf = (language) => voice && voice.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));
  const say = (text, language) => new Promise((done) => {
    const found = voiceOf(language);
    if (!found) { done(); return; }
    const words = new SpeechSynthesisUtterance(text);
    words.voice = found;
    words.lang = found.lang;
    words.rate = 0.9;
    words.onend = words.onerror = done;
    window.setTimeout(done, longest);   // some voices never say that they have ended
    voice.speak(words);
  });

  // Calls wait in line: never two at once, and none that has grown old meanwhile.
  const line = [];
  let isSpeaking = false;
  const speak = async () => {
    if (isSpeaking) return;
    isSpeaking = true;
    while (line.length) {
      const { call, now } = line.shift();
      if (now() - Date.parse(call.at) > freshest) continue;
      await chime();
      for (const language of call.language === "en" ? ["en", "ar"] : ["ar", "en"]) await say(call.say[language], language);
    }
    isSpeaking = false;
  };

  const told = () => { if (ask) ask.hidden = !sound || sound.state === "running"; };
  if (sound) {
    sound.addEventListener("statechange", told);
    sound.resume().then(told, told);
    window.setTimeout(told, 400);
  }
  const wake = () => {
    if (!sound || sound.state === "running") return;
    sound.resume().then(() => { told(); chime(); });
    if (voice) voice.getVoices();
  };
  if (ask) ask.addEventListener("click", wake);
  document.addEventListener("keydown", wake);
  document.addEventListener("pointerdown", wake);

  const key = (call) => `${call.ticket}:${call.counter}:${call.count}`;
  const first = document.querySelector("[data-known]");
  let known = new Set(first ? JSON.parse(first.textContent) : []);
  document.addEventListener("live", ({ detail: { now, moment } }) => {
    const fresh = now.calls.filter((call) => !known.has(key(call)));
    known = new Set(now.calls.map(key));
    fresh.reverse().forEach((call) => line.push({ call, now: moment }));
    speak();
  });
})();
