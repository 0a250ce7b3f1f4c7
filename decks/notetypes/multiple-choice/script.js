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
    for (var i = 0; i < nodes.length; i++) { act(nodes[i]); }
  }
  function block(kind, text) {
    var box = document.createElement("div");
    box.className = kind;
    box.textContent = text;
    return box;
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
    each(numbers, function (n) {
      var item = options[n];
      function tap() {
        var at = picks.indexOf(n);
        if (at >= 0) { picks.splice(at, 1); } else { picks.push(n); }
        if (picks.length > limit) { picks.shift(); }
        each(numbers, function (m) { options[m].setAttribute("aria-checked", String(picks.indexOf(m) >= 0)); });
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
    var state = load(), order = numbers, right = card.getAttribute("data-key").split(" "), hits = 0, letters = [];
    if (state && state.order && state.order.slice().sort().join() === numbers.slice().sort().join()) {
      order = state.order;
      picks = state.picks || [];
    }
    arrange(order);
    each(order, function (n) {
      var item = options[n], isRight = right.indexOf(n) >= 0, isPick = picks.indexOf(n) >= 0, words = [];
      if (isRight) {
        letters.push("ABCDEF".charAt(order.indexOf(n)));
        words.push("Correct");
      }
      if (isPick) {
        if (isRight) { hits++; } else {
          item.classList.add("missed");
          words.push("Wrong");
        }
        words.push("your answer");
      }
      item.classList.add("told");
      if (words.length) { item.appendChild(block("mark", words.join(" · "))); }
      var reason = card.querySelector('.why > [data-n="' + n + '"]');
      if (reason) {
        var box = item.appendChild(block("reason", ""));
        while (reason.firstChild) { box.appendChild(reason.firstChild); }
      }
    });
    var reasons = card.querySelector(".reasons");
    if (reasons) { reasons.parentNode.removeChild(reasons); }

    var verdict = document.getElementById("answer");
    var answer = "Answer: " + letters.join(" and ");
    if (!picks.length) {
      verdict.textContent = answer;
    } else if (hits === right.length && picks.length === hits) {
      verdict.textContent = "Correct";
      verdict.className += " good";
    } else {
      verdict.textContent = (hits ? hits + " of " + right.length + " correct" : "Wrong") + " · " + answer;
      verdict.className += " bad";
    }
  }
})();
