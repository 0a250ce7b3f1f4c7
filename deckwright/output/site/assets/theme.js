// Day or night: as the system has it, or as the reader chose. Runs before anything is drawn.
(function () {
  "use strict";
  var root = document.documentElement, names = ["auto", "day", "night"];
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try { return localStorage.getItem("deck-theme") || "auto"; } catch (e) { return "auto"; }
  }
  function apply(name) {
    if (names.indexOf(name) < 0) { name = "auto"; }
    root.setAttribute("data-theme", name);
    root.setAttribute("data-night", name === "night" || (name === "auto" && system.matches) ? "1" : "");
    document.dispatchEvent(new CustomEvent("night"));
    return name;
  }

  var now = apply(stored());
  system.addEventListener("change", function () { apply(now); });
  document.addEventListener("DOMContentLoaded", function () {
    var button = document.querySelector("button.theme");
    function tell() {
      button.textContent = "Theme: " + now;
    }
    button.hidden = false;
    tell();
    button.addEventListener("click", function () {
      now = apply(names[(names.indexOf(now) + 1) % names.length]);
      try { localStorage.setItem("deck-theme", now); } catch (e) { /* then for this page only */ }
      tell();
    });
  });
})();
