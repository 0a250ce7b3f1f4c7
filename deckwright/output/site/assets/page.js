// On every page: day or night, as the system has it or as the reader chose, before anything is drawn; and the key / for the search.
(function () {
  "use strict";
  var root = document.documentElement, say = window.deckSay, system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try { return localStorage.getItem("deck-theme"); } catch (e) { return ""; }
  }
  function apply(name) {
    var now = name === "day" || name === "night" ? name : "auto";
    root.setAttribute("data-theme", now);
    root.setAttribute("data-night", now === "night" || (now === "auto" && system.matches) ? "1" : "");
    document.dispatchEvent(new CustomEvent("night"));
    return now;
  }
  // The first click always changes something: it chooses what the system does not have.
  function next(name) {
    var other = system.matches ? "day" : "night";
    return name === "auto" ? other : name === other ? (system.matches ? "night" : "day") : "auto";
  }

  // Long names in code break after _ . : / and between small and capital letters, as they do on cards. Pictures can be enlarged.
  window.deckPrepare = function (box) {
    box.querySelectorAll(":not(pre) > code").forEach(function (code) {
      if (code.textContent.length < 12) { return; }
      code.innerHTML = code.innerHTML.replace(/<[^>]*>|([a-z0-9](?=[A-Z])|[_.:\/](?=\w))/g, function (all, end) { return end ? end + "<wbr>" : all; });
    });
    box.querySelectorAll("img").forEach(function (picture) {
      picture.tabIndex = 0;
      picture.setAttribute("role", "button");
    });
    return box;
  };

  // A picture on the whole screen, until a click or Escape.
  window.deckEnlarge = function (picture) {
    var box = document.createElement("dialog"), close = box.appendChild(document.createElement("button")), copy = box.appendChild(document.createElement("img"));
    box.className = "enlarged";
    close.textContent = "×";
    close.setAttribute("aria-label", say("close"));
    copy.src = picture.src;
    copy.alt = picture.alt;
    box.addEventListener("click", function (event) {   // on a phone, a tap on the picture enlarges it more
      if (event.target !== copy || !window.matchMedia("(max-width: 44em)").matches) { return box.close(); }
      box.classList.toggle("whole");
      box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
    });
    box.addEventListener("close", function () {
      box.remove();
      picture.focus({ preventScroll: true });
    });
    document.getElementById("main").appendChild(box);
    box.showModal();
  };
  function enlarge(event) {
    var picture = event.target.closest("main img");
    if (!picture || picture.closest("a, .option, dialog")) { return; }
    event.preventDefault();
    window.deckEnlarge(picture);
  }
  document.addEventListener("click", enlarge);
  document.addEventListener("keydown", function (event) { if (event.key === "Enter" && !event.repeat) { enlarge(event); } });

  var now = apply(stored());
  system.addEventListener("change", function () { apply(now); });
  document.addEventListener("DOMContentLoaded", function () {
    var button = document.querySelector("button.theme"), seek = document.querySelector(".seek"), box = document.getElementById("q"), current = document.querySelector("nav [aria-current]");
    function tell() {
      button.title = now === "day" ? say("theme-day") : now === "night" ? say("theme-night") : say("theme-auto");
      button.setAttribute("aria-label", button.title);
    }
    button.hidden = false;
    // Where the links to the pages do not fit, that to this page is in sight.
    if (current) {
      var place = current.getBoundingClientRect(), around = current.parentNode.getBoundingClientRect();
      current.parentNode.scrollLeft += (place.left + place.right - around.left - around.right) / 2;
    }
    window.deckPrepare(document);
    tell();
    button.addEventListener("click", function () {
      now = apply(next(now));
      try { localStorage.setItem("deck-theme", now); } catch (e) { /* then for this page only */ }
      tell();
    });

    // What an address leads to is opened, and so is what it is in.
    function reveal() {
      var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
      for (var around = target; around; around = around.parentElement) { if (around.tagName === "DETAILS") { around.open = true; } }
      if (target) { target.scrollIntoView({ behavior: "instant" }); }
    }
    reveal();
    window.addEventListener("hashchange", reveal);
    // Tables are printed open.
    window.addEventListener("beforeprint", function () { document.querySelectorAll("details:has(> table)").forEach(function (one) { one.open = true; }); });

    function search() {
      if (!box) { location.href = seek.href; return; }
      box.focus();
      box.select();
    }
    if (box) { seek.addEventListener("click", function (event) { event.preventDefault(); search(); }); }
    document.addEventListener("keydown", function (event) {
      if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) { return; }
      event.preventDefault();
      search();
    });
  });
})();
