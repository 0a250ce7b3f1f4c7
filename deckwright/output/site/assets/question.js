// Cards of practice and of rounds by weight: loads their scripts, takes a multiple-choice card apart, and draws it with its options and reasons.
(function () {
  "use strict";
  var say = window.deckSay;

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
    return window.deckPrepare(element);
  }
  function address(key) { return "card/" + key.split("/").map(encodeURIComponent).join("/") + ".html"; }

  // Returns load(key, then) and what it has loaded. `deck.cards` begin with their keys; every `deck.perScript` of them are in one script.
  function loader(deck, folder) {
    var loaded = Object.create(null), files = Object.create(null);
    deck.cards.forEach(function (row, number) { files[row[0]] = Math.floor(number / deck.perScript); });
    deck.add = function (some) { Object.keys(some).forEach(function (key) { loaded[key] = some[key]; }); };
    function load(key, then) {
      var file = files[key];
      if (loaded[key] || file === undefined) { return then(!!loaded[key]); }
      window.deckLoad(folder + "/" + file, function () { then(!!loaded[key]); });
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
  // The parts of any card, from its back: a card without options has one, its answer, with what follows it as the reason.
  function fromBack(back) {
    var box = document.createElement("template"), note, several, answer, more;
    box.innerHTML = "<div>" + back + "</div>";
    note = box.content.querySelector(".note") || box.content.firstChild;   // a project's own template may have none
    several = note.dataset.key;
    more = note.querySelector(".box");
    function inside(selector) { var one = note.querySelector(selector); return one ? one.innerHTML : ""; }
    if (several) { return Object.assign(parts([inside(".question"), note.querySelector(".options").outerHTML, note.querySelector(".why").outerHTML, inside(".source"), several, note.lang]), { more: more ? more.innerHTML : "" }); }
    answer = inside(".answer");
    if (!answer) {
      answer = Array.prototype.map.call(note.querySelectorAll(".text .cloze"), function (gap) { return gap.innerHTML; }).join("; ");
      note.querySelectorAll(".text .cloze").forEach(function (gap) { gap.textContent = "[…]"; });
    }
    return { ask: inside(".question") || inside(".text"), options: { 1: { html: answer, why: more ? more.innerHTML : "" } }, numbers: ["1"], source: inside(".source"), right: ["1"], language: note.lang };
  }
  function letter(place) { return "ABCDEFGHIJKL".charAt(place); }

  // Draws a question as a group of radio buttons, or of checkboxes if several options are right. `state` has `order`, the numbers of options,
  // `picks`, `out`, those that are struck out, and `told`: then it shows reasons and can no longer be changed. Calls changed() after each change. Returns what keys do, and lacks().
  function draw(box, card, state, changed) {
    var several = card.right.length > 1, group = make("fieldset", "", "question"), said = make("p", "", "picked"), lines = [], few = 0;
    group.lang = card.language;
    group.dir = "auto";
    group.appendChild(html("legend", card.ask, "front"));
    said.setAttribute("role", "status");
    if (several && !state.told) { group.appendChild(said); }
    function toggle(list, n) { return list.indexOf(n) < 0 ? list.concat(n) : list.filter(function (one) { return one !== n; }); }
    function tell() {
      said.textContent = say("picked", { n: card.right.length, picked: state.picks.length });
      lines.forEach(function (line, place) {
        var out = state.out.indexOf(state.order[place]) >= 0;
        line.querySelector("input").checked = state.picks.indexOf(state.order[place]) >= 0;
        line.querySelector("input").setAttribute("aria-description", out ? say("struck-out") : "");
        line.classList.toggle("struck", out);
        if (line.lastChild.tagName === "BUTTON") { line.lastChild.setAttribute("aria-pressed", String(out)); }
      });
    }
    function pick(n) {
      if (state.told) { return; }
      if (several && state.picks.indexOf(n) < 0 && state.picks.length === card.right.length) {
        tell();
        said.textContent = say("picked-all", { n: card.right.length, picked: state.picks.length });
        return;
      }
      state.picks = several ? toggle(state.picks, n) : [n];
      state.out = state.out.filter(function (one) { return one !== n; });
      tell();
      changed();
    }
    function strike(n) {   // what is struck out is not picked
      if (state.told) { return; }
      state.out = toggle(state.out, n);
      state.picks = state.picks.filter(function (one) { return one !== n; });
      tell();
      changed();
    }
    state.order.forEach(function (n, place) {
      var line = make("div", "", "line"), label = line.appendChild(make("label", "", "option")), input = label.appendChild(make("input")), button;
      input.type = several ? "checkbox" : "radio";
      input.name = "option";
      input.value = n;
      input.disabled = !!state.told;
      label.appendChild(make("b", letter(place), "letter"));
      label.appendChild(html("span", card.options[n].html, "text"));
      input.addEventListener("change", function () { if (several || state.picks.indexOf(n) < 0) { pick(n); } });
      if (state.told) { mark(label, card, n, state.picks); } else {
        button = line.appendChild(make("button", "", "strike"));
        button.type = "button";
        button.dataset.letter = letter(place);
        button.title = say("strike-out", { letter: letter(place) });
        button.setAttribute("aria-label", button.title);
        button.addEventListener("click", function () { strike(n); });
      }
      lines.push(group.appendChild(line));
    });
    box.replaceChildren(group);
    tell();
    function at(place, act) {
      if (!lines[place]) { return; }
      act(state.order[place]);
      lines[place].querySelector("input").focus({ preventScroll: true });
    }
    function lacks() {   // whether to ask for more picks, which it does once for so many
      var n = state.picks.length;
      if (!n || n >= card.right.length || n === few) { return false; }
      few = n;
      said.textContent = say("picked-few", { n: card.right.length, picked: n });
      return true;
    }
    return { pick: function (place) { at(place, pick); }, strike: function (place) { at(place, strike); }, lacks: lacks };
  }
  // Says of an option whether it is right and picked, and why.
  function mark(element, card, n, picks) {
    var right = card.right.indexOf(n) >= 0, mine = picks.indexOf(n) >= 0, half = right && !mine && picks.length && card.right.length > 1;
    element.classList.add(right ? "is-right" : "is-wrong");
    element.classList.toggle("is-mine", mine);
    if (right || mine) { element.appendChild(make("span", mine ? right ? say("correct-picked") : say("wrong-picked") : half ? say("correct-missed") : say("correct"), "mark")); }
    element.appendChild(html("span", card.options[n].why, "why"));
  }

  // A card to look at again: the whole question, and to open, each option once with its reason, as it was ordered when it was asked.
  // `about` has `verdict`, `good`, `where` it belongs, `order`, `picks`, `open`, and `links` as [text, address].
  function review(card, about) {
    var item = make("li"), head = item.appendChild(make("h3", "", "counts")), ask = item.appendChild(html("div", card.ask, "front"));
    var details = item.appendChild(make("details")), list, links, several = card.numbers.length > 1;
    var order = about.order && about.order.slice().sort().join() === card.numbers.slice().sort().join() ? about.order : card.numbers;
    head.appendChild(make("b", about.verdict, about.good ? "good" : "bad"));
    head.append(" · " + about.where);
    ask.lang = card.language;
    ask.dir = "auto";
    details.open = !!about.open;
    details.appendChild(make("summary", several ? say("answer-and-reasons") : say("answer")));
    list = details.appendChild(make("ul", "", "picks"));
    list.lang = card.language;
    order.forEach(function (n, place) {
      var line = list.appendChild(make("li", "", "option"));
      line.dir = "auto";
      if (several) { line.appendChild(make("b", letter(place), "letter")); }
      line.appendChild(html("span", card.options[n].html, "text"));
      mark(line, card, n, about.picks);
    });
    if (card.more) { details.appendChild(html("div", card.more, "extra")).lang = card.language; }
    links = details.appendChild(make("ul", "", "links"));
    about.links.forEach(function (one) { links.appendChild(make("li")).appendChild(make("a", one[0])).href = one[1]; });
    if (card.source) { details.appendChild(html("p", card.source, "counts sources")); }
    return item;
  }

  window.deckQuestion = {
    make: make, html: html, address: address, loader: loader, all: all, parts: parts, fromBack: fromBack, isRight: isRight, letter: letter, draw: draw, review: review
  };
})();
