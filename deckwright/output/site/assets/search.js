// The browser of all cards: words find, filters narrow, the address remembers both.
(function () {
  "use strict";
  var deck = window.deckCards, say = window.deckSay, NAMES = Object.keys(deck.facets), STEP = 20;
  var form = document.querySelector(".search"), box = document.getElementById("q"), list = document.querySelector(".results");
  var status = document.querySelector(".found"), more = document.querySelector(".more"), on = document.querySelector(".on");
  var filters = document.querySelector(".filters");
  var chips = document.querySelector(".chips"), clear = form.querySelector("[type=reset]");
  var found = [], drawn = 0, pattern = null;
  function slugs(name, numbers) { return [].concat(numbers).map(function (number) { return deck.facets[name][number][0]; }); }
  deck.sets = deck.sets.map(function (set) {
    var out = {};
    deck.exams.forEach(function (name, at) { out[name] = slugs(name, set[at]); });
    return out;
  });
  deck.cards = deck.cards.map(function (row, place) {
    var card = { place: place, text: null };
    deck.names.forEach(function (name, at) { card[name] = slugs(name, row[1 + at]); });
    return Object.assign(card, deck.sets[row[0]]);   // its exams, domains, and tasks
  });

  // ---- Texts, which are loaded when they are shown or searched

  deck.add = function (file, some) { some.forEach(function (text, at) { deck.cards[file * deck.perScript + at].text = text; }); };   // id, page, language, front, back
  // Calls then() once the texts of these cards are loaded, or could not be.
  function ready(cards, then) {
    var files = [], left;
    cards.forEach(function (card) {
      var file = Math.floor(card.place / deck.perScript);
      if (!card.text && files.indexOf(file) < 0) { files.push(file); }
    });
    left = files.length;
    list.setAttribute("aria-busy", String(left > 0));
    if (!left) { return then(); }
    files.forEach(function (file) {
      window.deckLoad("cards/" + file, function () {
        left--;
        if (!left) { list.setAttribute("aria-busy", "false"); then(); }
      });
    });
  }
  function every(then) { ready(deck.cards, then); }

  function text(html) {
    return html.replace(/<[^>]*>/g, " ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#x27;/g, "'").replace(/&amp;/g, "&");
  }
  var titles = {};
  NAMES.forEach(function (name) {
    titles[name] = {};
    deck.facets[name].forEach(function (pair) { titles[name][pair[0]] = pair[1]; });
  });
  // What a card says, from the most telling to the least; made when words are first looked for.
  var find = null;
  function finder() {
    find = find || window.deckFind(deck.cards.map(function (card) {
      var front = card.text ? card.text[3] : "", options = front.indexOf('<ol class="options"'), asks = options < 0 ? front : front.slice(0, options);
      var about = card.service.map(function (slug) { return titles.service[slug]; }).concat(titles.topic[card.topic[0]], card.kind);
      return [(card.text ? card.text[0] : "") + " " + text(asks), about.join(" "), text(front.slice(asks.length)), text(card.text ? card.text[4] : "")];
    }));
    return find;
  }

  function wanted() {
    var out = { words: box.value.trim() };
    NAMES.forEach(function (name) { out[name] = form.elements[name].value; });
    return out;
  }
  function passes(card, query, but) {
    for (var i = 0; i < NAMES.length; i++) {
      var name = NAMES[i];
      if (name !== but && query[name] && card[name].indexOf(query[name]) < 0) { return false; }
    }
    return true;
  }
  function search() {
    var query = wanted();
    if (query.words && !find) {
      status.textContent = say("loading-cards");
      return every(function () { finder(); search(); });
    }
    var counts = {}, hits = [], scores = query.words ? finder()(query.words) : null;
    var task = query.words.toLowerCase().replace(/ (?=\d)/, "::");   // "SAA 1.2" finds all cards of the task saa::1.2, and others after them
    var first = deck.facets.level.length > 1 ? deck.facets.level[0][0] : "";
    NAMES.forEach(function (name) { counts[name] = {}; });
    deck.cards.forEach(function (card, place) {
      var best = scores && (card.text && card.text[0] === query.words ? 1e6 : (card.task || []).indexOf(task) >= 0 ? 1e5 : scores[place]);
      if (scores && !best) { return; }
      NAMES.forEach(function (name) {
        if (passes(card, query, name)) { card[name].forEach(function (slug) { counts[name][slug] = (counts[name][slug] || 0) + 1; }); }
      });
      if (passes(card, query)) {
        hits.push([best * (card.level[0] === first ? 1.15 : 1), place]);
      }
    });
    hits.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
    found = hits.map(function (hit) { return deck.cards[hit[1]]; });
    tally(query, counts);
    draw(query);
    remember(query);
  }
  function tally(query, counts) {
    NAMES.forEach(function (name) {
      Array.prototype.forEach.call(form.elements[name].options, function (option) {
        if (!option.value) { return; }
        var number = counts[name][option.value] || 0;
        option.textContent = titles[name][option.value] + " (" + number + ")";
        option.hidden = !number && option.value !== query[name];
      });
    });
    var active = NAMES.filter(function (name) { return query[name]; }).length;
    on.hidden = !active;
    on.textContent = say("n-filters", { n: active });
    clear.hidden = !active && !query.words;
    chips.hidden = !active;
    chips.textContent = "";
    NAMES.forEach(function (name) { if (query[name]) { chips.appendChild(chip(name, query[name])); } });
    var near = query.words ? finder().near(query.words) : [];
    var words = near.map(function (word) { return say("quoted", { word: word }); });
    status.textContent = !found.length ? say("none-found") : !near.length ? say("n-cards", { n: found.length }) :
      say("found-like", { n: found.length, words: words.reduce(function (first, next) { return say("both", { first: first, next: next }); }) });
  }
  // A filter in use, which a click takes away.
  function chip(name, value) {
    var button = document.createElement("button"), words = say("filter", { name: form.elements[name].parentNode.firstChild.textContent, value: titles[name][value] });
    button.type = "button";
    button.textContent = words + " ×";
    button.setAttribute("aria-label", say("remove-filter", { filter: words }));
    button.addEventListener("click", function () {
      form.elements[name].value = "";
      search();
      (chips.querySelector("button") || box).focus();
    });
    return button;
  }
  function draw(query) {
    list.textContent = "";
    drawn = 0;
    pattern = query.words ? finder().pattern(query.words) : null;
    append();
  }
  function append(then) {
    var cards = found, from = drawn, few = cards.slice(from, from + STEP);
    ready(few, function () {
      if (cards !== found || from !== drawn) { return; }
      few.forEach(function (card) { list.appendChild(entry(card)); });
      drawn = from + few.length;
      more.hidden = drawn >= found.length;
      if (!more.hidden) { more.firstChild.textContent = say("show-n-more", { n: found.length - drawn }); }
      if (then) { then(); }
    });
  }
  // Question first; the answer is filled in when it is opened.
  function entry(card) {
    var item = document.createElement("li"), words = card.text || ["", "", "", "<p></p>", ""];
    item.lang = words[2];
    item.setAttribute("data-id", words[0]);
    var details = document.createElement("details"), summary = document.createElement("summary");
    summary.innerHTML = '<div class="front" dir="auto">' + words[3] + '</div><div class="tags"></div>';
    summary.lastChild.textContent = [titles.service[card.service[0]], titles.kind[card.kind[0]]]
      .concat(card.status[0] === deck.facets.status[0][0] || !titles.status[card.status[0]] ? [] : card.status[0].replace(/-/g, " ")).join(" · ");
    if (!card.text) { summary.querySelector("p").textContent = say("not-loaded"); }
    mark(summary.firstChild);
    window.deckPrepare(summary);
    details.appendChild(summary);
    details.addEventListener("toggle", function () {
      if (!details.open || details.children.length > 1) { return; }
      var back = document.createElement("div");
      back.className = "back";
      back.dir = "auto";
      back.innerHTML = words[4];
      Array.prototype.forEach.call(back.querySelectorAll("ol.lead > li[value]"), function (right) {
        var option = summary.querySelectorAll("ol.options > li")[right.value - 1];
        if (option) { option.className = "right"; }
      });
      mark(back);
      window.deckPrepare(back);
      var link = document.createElement("a");
      link.className = "page";
      link.href = words[1];
      link.textContent = say("open-page");
      link.setAttribute("aria-label", say("open-page-of", { id: words[0] }));
      back.appendChild(document.createElement("p")).appendChild(link);
      details.appendChild(back);
    });
    item.appendChild(details);
    return item;
  }
  function mark(element) {
    if (!pattern) { return; }
    var walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), nodes = [];
    while (walker.nextNode()) { if (!walker.currentNode.parentElement.closest("math")) { nodes.push(walker.currentNode); } }
    nodes.forEach(function (node) {
      var parts = node.data.split(pattern);
      if (parts.length < 2) { return; }
      var out = document.createDocumentFragment();
      parts.forEach(function (part, place) {
        if (place % 2) { out.appendChild(document.createElement("mark")).textContent = part; } else { out.appendChild(document.createTextNode(part)); }
      });
      node.parentNode.replaceChild(out, node);
    });
  }

  // The address: #q=words&part=security, so that a search can be kept, sent and gone back to. The form on the home page sends ?q=words.
  function remember(query) {
    var parts = new URLSearchParams();
    if (box.value.trim()) { parts.set("q", box.value.trim()); }
    NAMES.forEach(function (name) { if (query[name]) { parts.set(name, query[name]); } });
    try { history.replaceState(null, "", location.pathname + (parts.toString() ? "#" + parts : "")); } catch (e) { /* then not */ }
  }
  function recall() {
    var parts = new URLSearchParams(location.hash.slice(1) || location.search);
    box.value = parts.get("q") || "";
    NAMES.forEach(function (name) { form.elements[name].value = titles[name][parts.get(name)] === undefined ? "" : parts.get(name); });
    search();
    if (parts.get("q") === "") { box.focus(); }
  }

  NAMES.forEach(function (name) {
    var choice = form.elements[name];
    deck.facets[name].forEach(function (pair) { choice.add(new Option(pair[1], pair[0])); });
    if (deck.facets[name].length < 2) { choice.parentNode.hidden = true; }
  });
  if (window.matchMedia("(max-width: 44em)").matches) { filters.open = false; }
  form.hidden = document.querySelector(".keys").hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); search(); });
  form.addEventListener("input", search);
  form.addEventListener("reset", function () { setTimeout(search); });
  more.firstChild.addEventListener("click", function () {
    var next = drawn;
    append(function () { if (list.children[next]) { list.children[next].querySelector("summary").focus(); } });
  });
  window.addEventListener("hashchange", recall);

  function step(by) {
    var heads = Array.prototype.slice.call(list.querySelectorAll("summary"));
    var here = document.activeElement && document.activeElement.closest("li"), at = here ? heads.indexOf(here.querySelector("summary")) : -1;
    if (at + by >= heads.length && drawn < found.length) { return append(function () { step(by); }); }
    if (at + by < 0) { box.focus(); } else if (heads[at + by]) { heads[at + by].focus(); }
  }
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) { return; }
    if (event.key === "Escape") {
      if (event.target === box || !typing) { form.reset(); box.focus(); }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (event.target === box || event.target.closest(".results"))) {
      if (event.target === box && event.key === "ArrowUp") { return; }
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "o" && !typing && event.target.closest(".results li")) {
      location.href = found[Array.prototype.indexOf.call(list.children, event.target.closest(".results li"))].text[1];
    } else { return; }
    event.preventDefault();
  });
  recall();
  box.addEventListener("focus", function () { every(function () { (window.requestIdleCallback || setTimeout)(finder); }); });
})();
