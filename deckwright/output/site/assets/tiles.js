// What an opened topic of the outline shows takes the whole width below its row, so that no topic moves to another place. Without this script, it stays in its column.
(function () {
  "use strict";
  function place(tile) {
    var here = tile.getBoundingClientRect(), all = tile.parentNode.getBoundingClientRect();
    var row = Array.prototype.filter.call(tile.parentNode.children, function (other) { return other !== tile && other.offsetTop === tile.offsetTop; });
    row.forEach(function (other) { if (other.open) { other.open = false; } });   // one for each row
    tile.style.setProperty("--before", (document.documentElement.dir === "rtl" ? all.right - here.right : here.left - all.left) + "px");
    tile.firstElementChild.style.minHeight = Math.max.apply(null, row.map(function (other) { return other.firstElementChild.offsetHeight; }).concat(48)) + 8 + "px";
  }
  document.addEventListener("toggle", function (event) { if (event.target.open && event.target.matches(".tiles > .tile")) { place(event.target); } }, true);
  window.addEventListener("resize", function () { document.querySelectorAll(".tiles > .tile[open]").forEach(place); });
})();
