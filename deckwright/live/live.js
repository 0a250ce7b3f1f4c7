// In every page of `preview --watch`: is notified of each save, shows what is wrong, and goes to the
// card that was edited.
(function () {
  "use strict";
  var script = document.currentScript, version = script.getAttribute("data-version");
  var bar = document.createElement("aside"), style = document.createElement("style");
  bar.className = "live";
  bar.setAttribute("aria-label", "Watching");
  bar.innerHTML = '<div class="live-line"><span class="live-status" role="status">Checking …</span>' +
    '<label><input type="checkbox"> Follow edits</label></div>' +
    '<pre class="live-text" tabindex="0" hidden></pre>';
  style.textContent =
    ".live{position:fixed;left:0;right:0;bottom:0;z-index:9;max-height:45vh;overflow:auto;" +
    "padding:.35rem 1rem;background:var(--box,#eee);color:var(--ink,#222);" +
    "border-top:1px solid var(--line,#ccc);font-size:.9rem}" +
    ".live-line{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;align-items:center;" +
    "justify-content:space-between}" +
    ".live label{display:flex;gap:.4em;align-items:center;min-height:2rem}" +
    ".live pre{margin:.4rem 0;background:var(--raised,#fff)}" +
    ".live.bad .live-status{color:var(--bad,#a12f28);font-weight:600}" +
    "body{padding-bottom:4rem}.deal{bottom:2.7rem}" +
    ".pair>.phone{display:block!important;margin-bottom:.9rem}";   // both sides
  document.head.appendChild(style);
  document.body.appendChild(bar);
  document.querySelectorAll(".reveal").forEach(function (answer) { answer.open = true; });
  var status = bar.querySelector(".live-status"), text = bar.querySelector(".live-text");
  var follow = bar.querySelector("input");
  function wasFollowing() {
    try { return sessionStorage.getItem("deck-follow") !== "no"; } catch (e) { return true; }
  }
  follow.checked = wasFollowing();
  follow.addEventListener("change", function () {
    try {
      sessionStorage.setItem("deck-follow", follow.checked ? "yes" : "no");
    } catch (e) { /* then for this page only */ }
  });

  function show(page) { location.assign("/" + page.split("/").map(encodeURIComponent).join("/")); }

  var events = new EventSource("/live/events");
  events.onmessage = function (event) {
    var state = JSON.parse(event.data);
    if (state.version !== version) {
      version = state.version;
      var here = decodeURIComponent(location.pathname.slice(1)) || "index.html";
      if (follow.checked && state.edited.length && state.edited.indexOf(here) < 0) {
        show(state.edited[0]);
      } else {
        location.reload();
      }
      return;
    }
    bar.classList.toggle("bad", state.errors > 0);
    status.textContent = state.found.charAt(0).toUpperCase() + state.found.slice(1);
    text.hidden = !state.text || !!document.querySelector(".diagnostic");
    text.textContent = state.text;
  };
  events.onerror = function () {
    status.textContent = "The server does not answer. It may have stopped.";
  };
  window.addEventListener("pagehide", function () { events.close(); });
})();
