// What all cards can do with a script: long names break where a person would break them, sources fold, pictures grow.
// It changes what is shown and never a field, so that searches find the names, and updates compare notes without marks in them.
(function () {
  "use strict";
  var note = document.querySelector(".note");
  if (!note) { return; }

  function each(nodes, act) {
    Array.prototype.slice.call(nodes).forEach(act);
  }
  // A tap must not turn the card. AnkiMobile leaves links, buttons, and elements with `onclick` or the class `tappable` alone;
  // AnkiDroid also looks at what they are in, and counts `summary` as a button. The tests touch them in Chromium, in pages like
  // those of the apps. On a real iPhone, this has not been tried.
  function tappable(node, act) {
    node.classList.add("tappable");
    node.setAttribute("onclick", "");       // the apps look for the attribute or for the property
    node.onclick = function (event) {
      event.preventDefault();               // an app may have swallowed what the browser does by itself: do it here
      event.stopPropagation();
      act(event);
    };
  }

  // A long name can break after _ . / : and between small and capital letters, but not near its start.
  function breakable(word, least) {
    var pieces = word.replace(/([_.\/:=,]+|[a-z0-9](?=[A-Z])|[A-Z](?=[A-Z][a-z]))(?=.)/g, "$1\u200b").split("\u200b");
    while (pieces.length > 1 && pieces[0].length * 3 < least) { pieces.unshift(pieces.shift() + pieces.shift()); }
    return pieces.join("\u200b");
  }
  each(note.querySelectorAll("code, .id, .source a"), function (node) {
    if (node.parentNode.nodeName === "PRE") { return; }
    var least = node.closest(".tbl") ? 9 : 17, texts = [], walker = document.createTreeWalker(node, 4);   // 4: text nodes
    while (walker.nextNode()) { texts.push(walker.currentNode); }
    texts.forEach(function (text) {
      text.nodeValue.replace(/\S+/g, function (word) {
        return word.length < least ? word : breakable(word, least);
      }).split("\u200b").forEach(function (piece, at) {
        if (at) { text.parentNode.insertBefore(document.createElement("wbr"), text); }
        text.parentNode.insertBefore(document.createTextNode(piece), text);
      });
      text.parentNode.removeChild(text);
    });
  });

  each(note.querySelectorAll("a.hint"), function (hint) { hint.textContent = "[[hint]]"; });

  each(note.querySelectorAll(".source"), function (source) {
    var links = source.querySelectorAll("a"), rest = links[1];
    if (!rest) { return; }
    var fold = document.createElement("details"), button = fold.appendChild(document.createElement("summary"));
    button.textContent = "[[more-sources]]".replace("{n}", links.length - 1);
    tappable(button, function () { fold.open = !fold.open; });
    source.removeChild(rest.previousElementSibling);   // the line break
    while (rest) {
      var next = rest.nextSibling;
      fold.appendChild(rest);
      rest = next;
    }
    source.appendChild(fold);
  });

  // A table that is too wide, as with larger text, becomes a list: each cell below the head of its column.
  function stack() {
    each(note.querySelectorAll(".tbl"), function (box) {
      if (box.scrollWidth <= box.clientWidth) { return; }
      box.classList.add("stacked");
      each(box.querySelectorAll("tbody td"), function (cell) {
        cell.setAttribute("data-head", box.querySelectorAll("th")[cell.cellIndex].textContent);
      });
    });
  }
  stack();
  window.onresize = stack;

  // A picture opens to twice its size in its place, at the point that was touched, and closes again.
  each(note.querySelectorAll("img"), function (picture) {
    if (picture.closest(".options > li, a")) { return; }
    var box = document.createElement("span");
    box.className = "picture";
    picture.parentNode.insertBefore(box, picture);
    box.appendChild(picture);
    function toggle(event) {
      var at = picture.getBoundingClientRect(), x = event.clientX ? (event.clientX - at.left) / at.width : 0.5;
      picture.setAttribute("aria-pressed", String(box.classList.toggle("large")));
      box.scrollLeft = x * box.scrollWidth - box.clientWidth / 2;
    }
    picture.setAttribute("role", "button");
    picture.setAttribute("aria-pressed", "false");
    picture.setAttribute("tabindex", "0");
    tappable(picture, toggle);
    picture.onkeydown = function (event) {
      if ([" ", "Enter", "ArrowRight"].indexOf(event.key) < 0) { return; }   // the desktop keeps the first two for itself
      event.preventDefault();
      event.stopPropagation();
      toggle(event);
    };
  });
})();
