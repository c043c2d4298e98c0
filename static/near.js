// Which branch is nearest, where the browser may say where it is: asked on a press, reckoned here, sent nowhere.
"use strict";
(() => {
  const form = document.querySelector("[data-near]");
  const button = form && form.querySelector("[data-locate]");
  if (!button || !navigator.geolocation) return;
  const said = form.querySelector("[data-located]"), select = form.querySelector("select");
  const radians = (degrees) => degrees * Math.PI / 180;
  // near enough to compare branches of one country: a flat map, its degrees of longitude shortened
  const far = (option, here) => {
    const [north, east] = option.dataset.at.split(",").map(Number);
    return Math.hypot(north - here.latitude, (east - here.longitude) * Math.cos(radians(here.latitude)));
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    said.textContent = "";
    navigator.geolocation.getCurrentPosition((found) => {
      const options = [...select.querySelectorAll("[data-at]")];
      options.sort((one, other) => far(one, found.coords) - far(other, found.coords));
      select.value = options[0].value;
      form.requestSubmit();
    }, () => { said.textContent = said.dataset.failed; }, { timeout: 10000, maximumAge: 60000 });
  });
})();
