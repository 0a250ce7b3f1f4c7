// Shuffles the options once per front, lets the learner pick, and on the back shows the result
// and puts each reason under its option. Without it the card is complete, in the author's order.
(function () {
  "use strict";
  var card = document.querySelector(".choice");
  var list = card && card.querySelector(".options");
  if (!list) { return; }
  var options = {}, numbers = [], picks = [];
  var limit = parseInt(card.getAttribute("data-pick"), 10) || 1;
  var name = "choice:" + card.getAttribute("data-id");
  var shelf = window.choiceState = window.choiceState || {};

  // Some apps keep one page for all cards, others load a fresh one per side: remember in both places.
  function save(order) {
    shelf[name] = { order: order, picks: picks };
    try { sessionStorage.setItem(name, JSON.stringify(shelf[name])); } catch (e) { /* the page remembers them */ }
  }
  function load() {
    if (shelf[name]) { return shelf[name]; }
    try { return JSON.parse(sessionStorage.getItem(name)); } catch (e) { return null; }
  }
  function arrange(order) {
    for (var i = 0; i < order.length; i++) { list.appendChild(options[order[i]]); }
  }
  function each(nodes, act) {
    for (var i = 0; i < nodes.length; i++) { act(nodes[i], i); }
  }
  function make(tag, kind, text) {
    var node = document.createElement(tag);
    node.className = kind;
    node.textContent = text;
    return node;
  }
  function letter(order) {   // for screen readers, which may skip those that the stylesheet draws
    each(order, function (n, at) { options[n].insertBefore(make("span", "spoken", "ABCDEF".charAt(at) + ": "), options[n].firstChild); });
  }

  each(list.children, function (item) {
    numbers.push(item.getAttribute("data-n"));
    options[item.getAttribute("data-n")] = item;
  });
  if (document.getElementById("answer")) { back(); } else { front(); }

  function front() {
    var order = numbers.slice();
    for (var i = order.length - 1; i > 0; i--) {
      var j = Math.floor(Math.random() * (i + 1)), held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    arrange(order);
    save(order);
    list.className += " live tappable";
    list.setAttribute("role", limit === 1 ? "radiogroup" : "group");
    list.setAttribute("aria-labelledby", "question");
    letter(order);
    var line = card.querySelector(".choose"), asked = line.textContent;
    each(numbers, function (n) {
      var item = options[n];
      function tap() {
        var at = picks.indexOf(n), full = at < 0 && limit > 1 && picks.length === limit;
        if (at >= 0) { picks.splice(at, 1); } else if (limit === 1) { picks = [n]; } else if (!full) { picks.push(n); }
        each(numbers, function (m) { options[m].setAttribute("aria-checked", String(picks.indexOf(m) >= 0)); });
        line.textContent = asked + (picks.length ? " · " + "[[picked]]".replace("{n}", picks.length) : "") + (full ? ", [[full]]" : "");
        line.className = "choose" + (full ? " full" : "");
        save(order);
      }
      item.setAttribute("role", limit === 1 ? "radio" : "checkbox");
      item.setAttribute("aria-checked", "false");
      item.setAttribute("tabindex", "0");
      item.setAttribute("onclick", "");       // the apps look for the attribute or for the property
      item.onclick = tap;
      item.onkeydown = function (event) {   // the desktop keeps Space and Enter for itself: there Right picks
        var step = { ArrowDown: 1, ArrowUp: -1 }[event.key], next = step && options[order[order.indexOf(n) + step]];
        if (next) { next.focus(); } else if (event.key === " " || event.key === "Enter" || event.key === "ArrowRight") { tap(); } else { return; }
        event.preventDefault();
        event.stopPropagation();
      };
      item.classList.add("tappable");
      each(item.querySelectorAll("*"), function (inner) { inner.classList.add("tappable"); });
    });
  }

  function back() {
    var state = load(), order = numbers, right = card.getAttribute("data-key").split(" "), hits = 0, key = [];
    if (state && state.order && state.order.slice().sort().join() === numbers.slice().sort().join()) {
      order = state.order;
      picks = state.picks || [];
    }
    arrange(order);
    letter(order);
    each(order, function (n) {
      var item = options[n], isRight = right.indexOf(n) >= 0, isPick = picks.indexOf(n) >= 0, words = [];
      if (isRight) {
        key.push(item.cloneNode(true));
        words.push("[[correct]]");
      }
      if (isPick) {
        if (isRight) { hits++; } else {
          item.classList.add("missed");
          words.push("[[wrong]]");
        }
        words.push("[[your-answer]]");
      }
      item.classList.add("told");
      if (words.length) { item.appendChild(make("div", "mark", words.join(" · "))); }
      var reason = card.querySelector('.why > [data-n="' + n + '"]');
      if (reason) {
        var box = item.appendChild(make("div", "reason", ""));
        while (reason.firstChild) { box.appendChild(reason.firstChild); }
      }
    });
    var reasons = card.querySelector(".reasons");
    if (reasons) { reasons.parentNode.removeChild(reasons); }

    var verdict = document.getElementById("answer");
    if (picks.length && hits === right.length && picks.length === hits) {
      verdict.textContent = "[[correct]]";
      verdict.className += " good";
      return;
    }
    if (picks.length) {
      verdict.textContent = hits ? "[[partly]]".replace("{n}", hits).replace("{all}", right.length) : "[[wrong]]";
      verdict.className += " bad";
    }
    each(key, function (item) {   // the words of each right option, with its letter
      var named = make("span", "key", "");
      item.firstChild.className = "";
      while (item.firstChild) { named.appendChild(item.firstChild); }
      verdict.appendChild(document.createTextNode(" · "));
      verdict.appendChild(named);
    });
  }
})();
