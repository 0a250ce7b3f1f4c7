// Cards in frames, as tall as the card in them: the answer on Enter, also after a pick, day and night by Anki's own classes, picks carried from front to back.
(function () {
  "use strict";
  var frames = Array.prototype.slice.call(document.querySelectorAll("iframe"));

  function dark() { return document.documentElement.getAttribute("data-night") === "1"; }

  function dress(frame) {
    var inside = frame.contentDocument;
    if (!inside || !inside.body || !inside.getElementById("qa")) { return; }
    ["nightMode", "night_mode"].forEach(function (name) { inside.body.classList.toggle(name, dark()); });
    inside.body.style.zoom = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;   // text as large as the reader has it
    frame.contentWindow.dispatchEvent(new Event("resize"));   // the card measures its tables again
    fit(frame);
  }
  function fit(frame) {
    var inside = frame.contentDocument, body = inside && inside.body;
    if (!body || !frame.offsetHeight) { return; }   // or it is hidden
    var border = frame.offsetHeight - frame.clientHeight;
    frame.style.height = Math.max(60, Math.ceil(body.getBoundingClientRect().height)) + border + "px";
  }
  // On an option that is picked, Space and Enter do what the button says. The card's own keys would take the pick back.
  function check(event, frame) {
    var pair = frame.closest(".pair"), button = (pair || document).querySelector(pair ? ".reveal > summary" : ".show-answer");
    if ((event.key !== " " && event.key !== "Enter") || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) { return; }
    if (!event.target.closest('.live > [aria-checked="true"]')) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || button.hidden) { return; }
    button.focus({ preventScroll: true });
    button.click();
  }
  function dressAll() { frames.forEach(dress); }

  frames.forEach(function (frame) {
    function ready() {
      dress(frame);
      var inside = frame.contentDocument;
      if (!inside || !inside.body || frame.watched === inside) { return; }
      frame.watched = inside;
      if (window.ResizeObserver) { new ResizeObserver(function () { fit(frame); }).observe(inside.body); }
      inside.addEventListener("keydown", function (event) { check(event, frame); }, true);
      ["click", "keydown"].forEach(function (kind) {
        inside.addEventListener(kind, function (event) {   // on the whole page, not only in the frame
          var picture = (kind === "click" || event.key === "Enter" || event.key === " ") && event.target.closest(".picture");
          if (!picture) { return; }
          event.preventDefault();
          event.stopPropagation();
          if (!event.repeat) { window.deckEnlarge(picture.querySelector("img")); }
        }, true);
      });
      if (frame.className === "front") {
        var pair = frame.closest(".pair"), back = pair.querySelector(".back");
        ["click", "keyup"].forEach(function (kind) {
          inside.addEventListener(kind, function (event) {
            if (!event.target.closest || !event.target.closest(".options")) { return; }
            pair.querySelector(".ask").textContent = inside.querySelector('.options > [aria-checked="true"]') ? window.deckSay("check") : window.deckSay("show-answer");
            back.srcdoc = back.srcdoc;
          });
        });
      }
    }
    frame.addEventListener("load", ready);
    ready();
  });

  document.addEventListener("night", dressAll);
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.target.closest(".tbl, pre, input, select, textarea")) { return; }
    var link = document.querySelector('[data-key="' + event.key + '"]'), answers = document.querySelectorAll(".reveal");
    if (link) {
      location.href = link.href;
    } else if (event.key === "Enter" && answers.length && !event.target.closest("a, button, summary")) {
      var open = !answers[0].open;
      Array.prototype.forEach.call(answers, function (answer) { answer.open = open; });
    }
  });
  dressAll();
})();
