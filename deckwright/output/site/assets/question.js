// Cards of practice and of rounds by weight: loads their scripts, takes a multiple-choice card apart, and draws it with its options and reasons.
(function () {
  "use strict";
  var SHORT = 45;   // characters

  function make(tag, text, name) {
    var element = document.createElement(tag);
    element.textContent = text === undefined ? "" : text;
    if (name) { element.className = name; }
    return element;
  }
  function html(tag, inside, name) {
    var element = make(tag, "", name);
    element.innerHTML = inside;
    element.querySelectorAll("a[href]").forEach(function (link) { link.target = "_blank"; });
    return element;
  }
  function address(key) { return "card/" + key.split("/").map(encodeURIComponent).join("/") + ".html"; }

  // Returns load(key, then) and what it has loaded. `deck.cards` begin with their keys; every `deck.perScript` of them are in one script.
  function loader(deck, folder) {
    var loaded = Object.create(null), files = Object.create(null), busy = {};
    deck.cards.forEach(function (row, number) { files[row[0]] = Math.floor(number / deck.perScript); });
    deck.add = function (some) { Object.keys(some).forEach(function (key) { loaded[key] = some[key]; }); };
    function load(key, then) {
      var file = files[key];
      if (loaded[key] || file === undefined) { return then(!!loaded[key]); }
      if (busy[file]) { return busy[file].push([key, then]); }
      busy[file] = [[key, then]];
      var script = document.createElement("script");
      script.src = "assets/" + folder + "/" + file + ".js";
      script.onload = script.onerror = function () {
        var waiting = busy[file];
        delete busy[file];
        waiting.forEach(function (one) { one[1](!!loaded[one[0]]); });
      };
      document.head.appendChild(script);
    }
    return { load: load, loaded: loaded };
  }
  function all(load, keys, then) {   // then(whether all are there)
    var left = keys.length, good = true;
    if (!left) { then(true); }
    keys.forEach(function (key) { load(key, function (ok) { good = good && ok; if (!--left) { then(good); } }); });
  }

  // The parts of a multiple-choice card, without running or loading anything in them: { ask, options: { n: { html, why } }, numbers, right, source }.
  function parts(row) {
    var box = document.createElement("template"), options = {}, numbers = [];
    box.innerHTML = row[1] + row[2];
    box.content.querySelectorAll(".options > [data-n]").forEach(function (one) {
      numbers.push(one.dataset.n);
      options[one.dataset.n] = { html: one.innerHTML, why: "" };
    });
    box.content.querySelectorAll(".why > [data-n]").forEach(function (one) { if (options[one.dataset.n]) { options[one.dataset.n].why = one.innerHTML; } });
    return { ask: row[0], options: options, numbers: numbers, source: row[3], right: row[4].split(" "), language: row[5] };
  }
  function isRight(card, picks) { return picks.slice().sort().join() === card.right.slice().sort().join(); }
  function sentences(ask, whole) {   // of its last paragraph, or of all of it; without "(Choose two.)"
    var box = html("div", ask), inside = box.querySelector(":scope > div[lang]:only-child") || box;
    var last = Array.prototype.filter.call(inside.children, function (one) { return /^(P|UL|OL|BLOCKQUOTE)$/.test(one.tagName); }).pop();
    var text = (whole || !last ? inside : last).textContent.replace(/\s+/g, " ").trim().replace(/ ?\([^()]*\)$/, "");
    return text.replace(/([.?!…]["”’)]?) (?=["“‘([]?[^a-z\s])/g, "$1\n").split("\n");
  }
  // What a question asks: its last sentence, and the one before a short one.
  function closing(ask) {
    return sentences(ask).reduceRight(function (end, one) { return end.length < SHORT ? one + (end && " ") + end : end; }, "");
  }
  function letter(place) { return "ABCDEFGHIJKL".charAt(place); }

  // Draws a question as a group of radio buttons, or of checkboxes if several options are right. `state` has `order`, the numbers of options,
  // `picks`, and `told`: then it shows reasons and can no longer be changed. Calls changed() after each pick.
  function draw(box, card, state, changed) {
    var several = card.right.length > 1, group = make("fieldset", "", "question"), said = make("p", "", "picked");
    group.lang = card.language;
    group.dir = "auto";
    group.appendChild(html("legend", card.ask, "front"));
    said.setAttribute("role", "status");
    if (several && !state.told) { group.appendChild(said); }
    function tell() {
      said.textContent = "Choose " + card.right.length + (several ? " · " + state.picks.length + " picked" : "");
      group.querySelectorAll("input").forEach(function (one) { one.checked = state.picks.indexOf(one.value) >= 0; });
    }
    function pick(n) {
      var at = state.picks.indexOf(n);
      if (state.told) { return; }
      if (!several) { state.picks = at < 0 ? [n] : []; } else if (at >= 0) { state.picks.splice(at, 1); } else if (state.picks.length < card.right.length) { state.picks.push(n); } else {
        tell();
        said.textContent += ", deselect one first";
        return;
      }
      tell();
      changed();
    }
    state.order.forEach(function (n, place) {
      var label = make("label", "", "option"), input = label.appendChild(make("input"));
      input.type = several ? "checkbox" : "radio";
      input.name = "option";
      input.value = n;
      input.disabled = !!state.told;
      label.appendChild(make("b", letter(place), "letter"));
      label.appendChild(html("span", card.options[n].html, "text"));
      input.addEventListener("change", function () { if (several || state.picks.indexOf(n) < 0) { pick(n); } });
      if (state.told) { mark(label, card, n, state.picks); }
      group.appendChild(label);
    });
    box.replaceChildren(group);
    tell();
    return { pick: function (place) { if (state.order[place]) { pick(state.order[place]); group.querySelectorAll("input")[place].focus({ preventScroll: true }); } } };
  }
  // Says of an option whether it is right and picked, and why.
  function mark(label, card, n, picks) {
    var right = card.right.indexOf(n) >= 0, mine = picks.indexOf(n) >= 0;
    label.classList.add(right ? "is-right" : "is-wrong");
    label.classList.toggle("is-mine", mine);
    var told = mine ? "your answer" : picks.length && card.right.length > 1 ? "missed" : [];
    if (right || mine) { label.appendChild(make("span", [right ? "Correct" : "Wrong"].concat(told).join(" · "), "mark")); }
    label.appendChild(html("span", card.options[n].why, "why"));
  }
  // The options that are picked or right, each once, with their reasons.
  function options(card, picks) {
    var list = make("ul", "", "picks");
    picks.concat(card.right.filter(function (n) { return picks.indexOf(n) < 0; })).forEach(function (n) {
      var item = list.appendChild(make("li"));
      item.lang = card.language;
      item.dir = "auto";
      item.appendChild(html("span", card.options[n].html, "text"));
      mark(item, card, n, picks);
    });
    return list;
  }

  window.deckQuestion = {
    make: make, html: html, address: address, loader: loader, all: all, parts: parts, isRight: isRight, sentences: sentences, closing: closing, draw: draw, options: options
  };
})();
