// Loads a script of the site, once even if several ask for it: calls then() when it has run, or when it could not be loaded.
window.deckLoad = (function () {
  "use strict";
  var busy = {};
  return function (path, then) {
    if (busy[path]) { return busy[path].push(then); }
    busy[path] = [then];
    var script = document.createElement("script");
    script.src = "assets/" + path + ".js";
    script.onload = script.onerror = function () {
      var waiting = busy[path];
      delete busy[path];
      waiting.forEach(function (act) { act(); });
    };
    document.head.appendChild(script);
  };
})();
