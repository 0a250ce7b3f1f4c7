// The mock exam: setup, questions, overview, result with review, and progress over rounds.
(function () {
  "use strict";
  var deck = window.deckExam, D = window.deckDraw, Q = window.deckQuestion, R = window.deckResults, make = Q.make, say = window.deckSay;
  var KEY = 0, TOPIC = 1, RIGHT = 2, APART = 3, TASKS = 4;   // parts of a row
  var rows = Object.create(null), store = window.deckRounds(deck.name), kept = store.kept, source = Q.loader(deck, "exam");
  var SECTIONS = ["setup", "round", "overview", "score"];
  deck.cards.forEach(function (row) { rows[row[KEY]] = row; });

  function find(selector) { return document.querySelector(selector); }
  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function questions(number) { return say("n-questions", { n: number }); }
  function on(selector, act) { find(selector).addEventListener("click", act); }
  function examOf(slug) { return deck.exams.filter(function (exam) { return exam.slug === slug; })[0]; }
  function titleOf(exam, slug) {   // of a part or a task
    var part = exam.parts.filter(function (one) { return one.slug === slug; })[0], task = exam.tasks.filter(function (one) { return one[0] === slug; })[0];
    return part ? part.title : task ? task[1] : slug;
  }
  function time(seconds) {
    var h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = Math.floor(seconds) % 60;
    return (h ? h + ":" + (m < 10 ? "0" : "") : "") + m + ":" + (s < 10 ? "0" : "") + s;
  }
  function practice(name, slug) { return "practice.html#" + name + "=" + encodeURIComponent(slug); }
  function topicOf(one) { return rows[one.k] ? deck.topics[rows[one.k][TOPIC]][0] : ""; }
  function named(round, exam) {
    return round.what === "whole" ? (exam.slug ? say("whole-exam") : say("all-parts")) : round.what === "half" ? say("half-exam") : titleOf(exam, round.what);
  }
  function partsOf(exam) { return exam.slug ? "domain" : "part"; }
  function picked(one) { return one.a.length > 0; }
  function isWhole(one) { return one.a.length >= (rows[one.k] ? rows[one.k][RIGHT] : 1); }   // as many picks as right options
  function isOpen(one) { return !one.s && !isWhole(one); }   // never checked, and not enough picks
  function isHalf(one) { return isOpen(one) && picked(one); }
  function countAnswered(round) { return round.cards.filter(function (one) { return !isOpen(one); }).length; }
  function openCounts(cards) {   // in words, if there are any
    var half = cards.filter(isHalf).length, open = cards.filter(isOpen).length - half;
    return [open && say("open-count", { open: open }), half && say("incomplete-count", { incomplete: half })].filter(Boolean);
  }
  function verdict(one) {
    return one.r ? say("correct") : isHalf(one) ? say("incomplete") : isOpen(one) ? say("left-open") : picked(one) ? say("wrong") : say("not-answered");
  }

  // ---- Setup

  var form = find(".setup form");
  function exam() { return deck.exams[form.elements.exam ? Number(form.elements.exam.value) : 0]; }
  function weights(what) {   // of the parts that are asked
    return exam().parts.map(function (part, at) { return what === "whole" || what === "half" || what === part.slug ? part.weight : 0; });
  }
  function pool() {
    var number = deck.exams.indexOf(exam());
    return deck.cards.map(function (row) {
      return {
        key: row[KEY], right: row[RIGHT], apart: row[APART].map(function (other) { return deck.cards[other][KEY]; }),
        parts: row[TASKS + number]
      };
    });
  }
  function size(what) {
    var all = Math.min(exam().questions, pool().filter(function (card) { return card.parts.length; }).length);
    if (what === "whole") { return all; }
    if (what === "half") { return Math.ceil(all / 2); }
    var at = exam().parts.findIndex(function (part) { return part.slug === what; });
    return Math.max(1, D.shares(weights("whole"), all)[at]);
  }
  // How many questions each task gets: those of its part, divided by how many cards each of the part's tasks has.
  function rooms(what) {
    var cards = pool(), out = exam().tasks.map(function () { return 0; });
    D.shares(weights(what), size(what)).forEach(function (count, part) {
      var supply = exam().tasks.map(function (task, at) {
        return task[2] === part ? cards.filter(function (card) { return card.parts.indexOf(at) >= 0; }).length : 0;
      });
      if (supply.some(Boolean)) { D.shares(supply, count).forEach(function (some, at) { out[at] += some; }); }
    });
    return out;
  }
  function choice(value, words, more) {
    var label = make("label"), input = label.appendChild(make("input")), text = label.appendChild(make("span"));
    input.type = "radio";
    input.name = "what";
    input.value = value;
    text.appendChild(make("b", words));
    text.append(" ");
    text.appendChild(make("small", more));
    return label;
  }
  function offer() {
    var box = find(".lengths"), select = make("select"), had = form.elements.what ? form.elements.what.value : "whole", one;
    each(box.querySelectorAll("label"), function (label) { label.remove(); });
    box.append(choice("whole", exam().slug ? say("whole-exam") : say("all-parts"), questions(size("whole"))), choice("half", say("half-of-it"), questions(size("half"))));
    one = box.appendChild(choice("one", exam().slug ? say("one-domain") : say("one-part"), ""));
    select.name = "part";
    select.className = "compact";
    select.setAttribute("aria-label", one.textContent.trim());
    exam().parts.forEach(function (part) { select.add(new Option(part.title + " (" + size(part.slug) + ")", part.slug)); });
    one.querySelector("small").appendChild(select);
    form.elements.what.value = had || "whole";
    each(document.querySelectorAll(".facts-of-exam"), function (line) { line.hidden = line.dataset.exam !== exam().slug; });
  }
  function asked() { return form.elements.what.value === "one" ? form.elements.part.value : form.elements.what.value; }
  // Suggests minutes, unless a limit was typed.
  function suggest() {
    if (!form.elements.limit.dataset.typed) { form.elements.limit.value = 2 * size(asked()); }
    announce();
  }
  function announce() {   // what Start starts, which on a phone hides the choices
    var limit = form.elements.clock.value === "down" && Number(form.elements.limit.value);
    find(".setup .start").textContent = say("start") + ": " + [questions(size(asked()))].concat(limit ? say("n-minutes", { n: limit }) : []).join(", ");
  }
  function begin() {
    var what = asked(), seed = D.seed(), past = store.history(), before = {};
    var tasks = exam().tasks, limit = form.elements.clock.value === "down" ? Number(form.elements.limit.value) : 0;
    Object.keys(past).forEach(function (key) { before[key] = past[key].last; });
    kept.open = {
      id: Date.now(), exam: exam().slug, what: what, mode: form.elements.mode.value, limit: limit, spent: 0, seed: seed, at: 0, done: 0,
      cards: D.weighted(pool(), rooms(what), size(what), before, D.random(seed)).map(function (one) {
        return { k: one[0].key, p: exam().parts[tasks[one[1]][2]].slug, t: tasks[one[1]][0], a: [] };
      })
    };
    find(".unkept").hidden = store.keep();
    show("round");
  }
  function again() {
    var round = kept.open, box = find(".again");
    box.hidden = !round;
    find(".start").classList.toggle("main", !round);
    if (round) {
      box.querySelector("p").textContent = say("exam-is-open", { answered: countAnswered(round), n: round.cards.length, time: time(round.spent) });
    }
  }

  // ---- The clock: the time with the page open. A computer that sleeps stops it.

  var ticked = 0;
  function tick() {
    var round = kept.open, now = Date.now(), running = round && (!find(".round").hidden || !find(".overview").hidden);
    var passed = running && ticked ? Math.min(90, (now - ticked) / 1000) : 0;
    if (passed) { round.spent += passed; }
    if (passed && !find(".round").hidden) { round.cards[round.at].w = (round.cards[round.at].w || 0) + passed; }
    ticked = running ? now : 0;
    if (!running) { return; }
    tell();
    if (round.limit && round.spent >= 60 * round.limit && !round.over) { round.over = true; show("overview"); }
    if (Math.floor(round.spent) % 10 === 0) { store.keep(); }
  }
  function tell() {
    var round = kept.open, left = 60 * round.limit - round.spent, button = find(".clock");
    var text = round.limit ? (left < 0 ? "+" : "") + time(Math.abs(Math.ceil(left))) : time(round.spent);
    button.textContent = round.hidden ? say("show-time") : text;
    button.classList.toggle("late", !round.hidden && !!round.limit && left < 300);
    button.setAttribute("aria-label", round.hidden ? say("show-the-time") : !round.limit ? say("time-spent", { time: text }) : left < 0 ? say("time-over", { time: text }) : say("time-left", { time: text }));
  }
  setInterval(tick, 1000);
  ["pagehide", "visibilitychange"].forEach(function (kind) {
    (kind === "pagehide" ? window : document).addEventListener(kind, function () { tick(); if (kept.open) { store.keep(); } });
  });

  // ---- Questions

  var drawn = null;   // what can be picked
  function now() { return kept.open.cards[kept.open.at]; }
  function ask(focus) {
    var round = kept.open, one = now(), box = find(".asked"), bar = find(".round progress");
    find(".place").replaceChildren.apply(find(".place"), say("question-of", { at: round.at + 1, all: round.cards.length }).split(/<\/?span>/).map(function (part, at) { return at % 2 ? make("span", part) : part; }));
    bar.max = round.cards.length;
    bar.value = countAnswered(round);
    bar.setAttribute("aria-label", say("answered"));
    drawn = null;
    find(".deal .verdict").textContent = "";
    label();
    if (!source.loaded[one.k]) { box.replaceChildren(make("p", say("loading"), "counts")); }
    source.load(one.k, function (ok) {
      if (kept.open !== round || now() !== one) { return; }
      if (!ok) {
        var retry = make("button", say("try-again"));
        retry.addEventListener("click", function () { ask(true); });
        return box.replaceChildren(make("p", say("question-not-loaded")), retry);
      }
      draw(one);
      if (focus) { find(".place").focus({ preventScroll: true }); }
      if (round.at + 1 < round.cards.length) { source.load(round.cards[round.at + 1].k, function () { /* then later */ }); }
    });
  }
  function draw(one) {
    var card = Q.parts(source.loaded[one.k]), place = kept.open.at, state, line;
    if (!one.o || one.o.slice().sort().join() !== card.numbers.slice().sort().join()) {
      one.o = D.shuffled(card.numbers, D.random(kept.open.seed + place + 1));
      one.a = [];
      one.x = [];
    }
    state = { order: one.o, picks: one.a, out: one.x || [], told: one.s };
    drawn = Q.draw(find(".asked"), card, state, function () {
      one.a = state.picks;
      one.x = state.out;
      one.r = Q.isRight(card, one.a) ? 1 : 0;
      one.h = isWhole(one) ? 0 : 1;
      find(".round progress").value = countAnswered(kept.open);
      store.keep();
      label();
    });
    if (one.s) {
      find(".deal .verdict").textContent = verdict(one);   // spoken only
      line = make("p", verdict(one), "verdict " + (one.r ? "good" : "bad"));
      one.o.forEach(function (n, at) {
        if (!one.r && card.right.indexOf(n) >= 0) { line.append(" · ", make("b", Q.letter(at) + ":", "letter"), " ", Q.html("span", card.options[n].html, "text")); }
      });
      find(".asked legend").after(line);
      find(".asked").appendChild(Q.html("p", card.source, "counts sources")).hidden = !card.source;
    }
    label();
  }
  function label() {
    var round = kept.open, one = now(), last = round.at + 1 === round.cards.length, flag = find(".flag");
    find(".previous").disabled = !round.at;
    flag.setAttribute("aria-pressed", String(!!one.f));
    flag.firstChild.textContent = one.f ? say("flagged") : say("flag");
    find(".next").classList.toggle("main", round.mode !== "review" || !!one.s || picked(one));
    find(".next span").textContent = round.mode === "review" && !one.s ? (picked(one) ? say("check") : say("dont-know")) : last ? say("finish") : say("next");
    find(".keys .letters").hidden = !drawn || !!one.s;
    if (one.o) { find(".letters kbd:nth-of-type(2)").textContent = Q.letter(one.o.length - 1); }
    grid(find(".side .grid"), round, round.at, go);
  }
  // A button for each question; a click calls act(place).
  function grid(box, round, at, act) {
    box.replaceChildren();
    round.cards.forEach(function (one, place) {
      var open = isOpen(one), told = one.s || (round.done && !open);
      var button = box.appendChild(make("button", String(place + 1)));
      button.type = "button";
      button.className = (!open ? "answered" : picked(one) ? "open half" : "open") + (one.f ? " flagged" : "") + (told ? one.r ? " good" : " bad" : "");
      var state = { at: place + 1, state: told ? one.r ? say("state-correct") : say("state-wrong") : !open ? say("state-answered") : picked(one) ? say("state-incomplete") : say("state-open") };
      button.setAttribute("aria-label", one.f ? say("question-is-flagged", state) : say("question-is", state));
      if (place === at) { button.setAttribute("aria-current", "true"); }
      button.addEventListener("click", function () { act(place); });
    });
  }
  function go(place) {
    kept.open.at = place;
    store.keep();
    show("round");
  }
  function next() {
    var round = kept.open, one = now();
    if (round.mode === "review" && !one.s) {
      if (!drawn || drawn.lacks()) { return; }
      one.s = 1;
      store.keep();
      draw(one);
      find(".next").focus({ preventScroll: true });
      [".is-right", ".verdict"].forEach(function (name) { find(".asked " + name).scrollIntoView({ block: "nearest", behavior: "instant" }); });
    } else if (round.at + 1 < round.cards.length) { go(round.at + 1); } else { show("overview"); }
  }
  function flag() {
    if (now().f) { delete now().f; } else { now().f = 1; }
    store.keep();
    label();
  }
  function overview() {
    var round = kept.open, open = openCounts(round.cards);
    var flags = round.cards.filter(function (one) { return one.f; }).length, late = round.limit && round.spent >= 60 * round.limit;
    find(".overview h1").textContent = (open[0] ? open : [say("all-answered")]).concat(flags ? say("flagged-count", { flagged: flags }) : say("none-flagged")).join(", ");
    find(".overview .about").textContent = (late ? say("time-is-up") + " " : "") + (open[0] ? say("open-is-wrong") : say("can-change"));
    find(".overview .back").textContent = say("back-to", { at: round.at + 1 });
    find(".to-open").hidden = !open[0];
    find(".to-open").textContent = round.cards.filter(isOpen).every(isHalf) ? say("next-incomplete") : say("next-open");
    find(".to-open").classList.toggle("main", !!open[0] && !late);
    find(".hand-in").classList.toggle("main", !open[0] || !!late);
    find(".overview .acts").prepend(find(".overview .acts .main"));
    find(".to-flagged").hidden = !flags;
    grid(find(".overview .grid"), round, round.at, go);
  }
  function seek(wanted) {   // the next one, and after the last one from the first
    var cards = kept.open.cards, at = kept.open.at;
    go(cards.map(function (one, step) { return (at + 1 + step) % cards.length; }).filter(function (place) { return wanted(cards[place]); })[0]);
  }
  function askToHandIn() {
    var open = openCounts(kept.open.cards);
    if (!open[0]) { return handIn(); }
    find(".sure h2").textContent = open.join(", ");
    find(".sure").showModal();
  }
  function handIn() {
    tick();
    result(store.handIn());
  }

  // ---- The result

  function result(round) {
    var over = examOf(round.exam), all = round.cards.length, right = R.good(round), open = round.cards.filter(isOpen);
    var wrong = round.cards.filter(function (one) { return !one.r; });
    function table(name, head, slugs, of, fewest) {
      var tallied = R.tally(round.cards, slugs.map(function (slug) { return slug[1]; }), function (one) {
        return slugs.findIndex(function (slug) { return slug[0] === of(one); });
      }, function (one) { return one.r; });
      tallied.forEach(function (row, at) { row.slug = slugs[at][0]; row.link = "#round=" + round.id; });
      R.bars(find(".bars.by-" + name), head, tallied, fewest, function (row) {
        views(round, { part: "p=", task: "t=", topic: "o=" }[name] + row.slug);
        find("#review").scrollIntoView();
        find('.views [aria-pressed="true"]').focus({ preventScroll: true });
      });
      return tallied;
    }
    var tasks = table("task", say("per-task"), over.tasks, function (one) { return one.t; }, 1);
    find(".score h1").textContent = say("result", { right: right, all: all, share: R.percent(right, all) });
    find(".score progress").max = all;
    find(".score progress").value = right;
    find(".score progress").setAttribute("aria-label", say("correct-answers"));
    find(".score .share").textContent = [
      named(round, over), R.day(round.done),
      round.limit ? say("took-of", { time: time(round.spent), limit: time(60 * round.limit) }) : say("took", { time: time(round.spent) }),
      say("per-question", { time: time(round.spent / Math.max(1, all - open.length)) })
    ].concat(openCounts(round.cards)).join(" · ");
    var parts = table("part", over.slug ? say("per-domain") : say("per-part"), over.parts.map(function (part) { return [part.slug, part.title]; }), function (one) { return one.p; }, 1);
    R.lead(find(".score .weakest"), weakest(over.slug ? tasks : [], "task") || weakest(parts, partsOf(over)));
    find(".by-task").hidden = !over.slug;
    find(".finer").open = window.innerWidth > 700;
    find(".of-review .side").open = window.innerWidth > 991;
    parts = parts.filter(function (row) { return row.all; });
    if (over.slug) { find(".reached").textContent = say("reached", { n: parts.length, right: parts.filter(function (row) { return row.right >= .8 * row.all; }).length }); }
    table("topic", say("topics-several-questions"), deck.topics, topicOf, 2);
    R.anki(find(".to-anki"), wrong.map(function (one) { return one.k; }), say("missed-in", { exam: over.name }), over.package);
    find(".practice-missed").hidden = !wrong.length;
    find(".practice-missed").textContent = say("practice-missed", { n: wrong.length });
    find(".practice-missed").onclick = function () {   // a round that has answers stays
      var old = store.kept.practice.round, busy = old && old.at < old.cards.length && old.cards.some(function (one) { return one.good !== undefined; });
      this.href = busy ? "practice.html#answer=missed" : "practice.html";
      if (busy) { return; }
      store.kept.practice.round = { choice: "#answer=missed", cards: D.shuffled(wrong, Math.random).filter(function (one) { return rows[one.k]; }).map(function (one) { return { key: one.k, gap: 0 }; }), at: 0, shown: false, parcel: over.package ? over.package[0] : "" };
      store.keepPractice();
    };
    visit("#round=" + round.id);
    var place = history.state || {};
    show("score");
    views(round, place.view || (wrong[0] ? "missed" : "all"), function () {
      if (place.opened) { single = place.single; turn(place.at); each(document.querySelectorAll(".reviewed details"), function (one, at) { one.open = place.opened[at]; }); }
      window.scrollTo({ top: place.top || 0, behavior: "instant" });
    });
  }
  function weakest(rows, facet) {   // of this exam, counted as its table does
    return R.weakest(rows.map(function (row) { return { name: row.name, link: practice(facet, row.slug), right: row.right, all: row.all, open: 0 }; }));
  }
  // A result has an address. Back and reload show it again, at the same place.
  function visit(hash) {
    if (location.hash !== hash) { history.pushState(null, "", hash || location.pathname + location.search); }
  }
  function arrive() {
    var id = new URLSearchParams(location.hash.slice(1)).get("round"), round = kept.done.filter(function (one) { return String(one.id) === id && examOf(one.exam); })[0];
    if (round) { result(round); } else { show(kept.open && history.state && history.state.at || "setup"); }
    find(".unknown").hidden = !id || !!round;
  }
  history.scrollRestoration = "manual";
  window.addEventListener("popstate", arrive);
  var settled = 0;
  function remember() {
    if (find(".score").hidden) { return; }
    var opened = Array.prototype.map.call(document.querySelectorAll(".reviewed details"), function (one) { return one.open; });
    history.replaceState({ top: window.scrollY, view: find(".views").dataset.chosen, opened: opened, single: single, at: here }, "");
  }
  document.addEventListener("click", remember);
  document.addEventListener("toggle", remember, true);
  window.addEventListener("scroll", function () { clearTimeout(settled); settled = setTimeout(remember, 200); });
  each(document.querySelectorAll(".score .inside"), function (link) {   // keep the address
    link.addEventListener("click", function (event) {
      event.preventDefault();
      find(link.hash).scrollIntoView();
      find('.views [aria-pressed="true"]').focus({ preventScroll: true });
    });
  });
  // `chosen` is a name, or a part, task, or topic: `p=`, `t=`, or `o=` with its slug.
  function views(round, chosen, then) {
    var over = examOf(round.exam), kind = chosen[1] === "=" && chosen[0], only = chosen.slice(2), topic = kind === "o" && deck.topics.filter(function (one) { return one[0] === only; })[0];
    var name = topic ? topic[1] : titleOf(over, only), all = [["missed", say("missed"), function (one) { return !one.r; }], ["open", say("left-open"), function (one) { return isOpen(one) && !isHalf(one); }], ["half", say("incomplete"), isHalf], ["flagged", say("flagged"), function (one) { return one.f; }], ["all", say("all"), function () { return true; }]];
    if (!round.cards.some(isHalf)) { all.splice(2, 1); }
    if (kind) { all.push([chosen, name, function (one) { return (topic ? topicOf(one) : one[kind]) === only; }]); }
    find(".views").dataset.chosen = chosen;
    review(round, R.views(find(".views"), all.map(function (view) { return [view[0], view[1], round.cards.filter(view[2])]; }), chosen, function (next) { views(round, next); }), then);
    if (kind) { find(".views").appendChild(make("a", say("practice-of", { topic: name }))).href = practice(topic ? "topic" : kind === "t" && over.slug ? "task" : partsOf(over), only) + "&start=10"; }
  }
  function review(round, among, then) {
    var list = find(".reviewed");
    list.replaceChildren(make("li", say("loading"), "counts"));
    Q.all(source.load, among.map(function (one) { return one.k; }), function () {
      list.replaceChildren.apply(list, among.map(function (one, at) { return reviewed(round, one, !at); }));
      looked = { round: round, among: among };
      turn(0);
      if (then) { then(); }
    });
  }
  // One question at a time, or all in a list.
  var single = true, here = 0, looked = null;   // which of the questions in view; and these, with their round
  function turn(place) {
    var items = find(".reviewed").children, more = items.length > 1;
    here = Math.max(0, Math.min(place, items.length - 1));
    each(items, function (item, number) { item.hidden = single && number !== here; });
    if (single && items[here] && items[here].lastChild.tagName === "DETAILS") { items[here].lastChild.open = true; }
    find(".pager").hidden = !more || !single;
    find(".one-or-all").hidden = !more;
    find(".pager .at").textContent = say("place", { at: here + 1, all: items.length });
    find(".before").disabled = !here;
    find(".after").disabled = here + 1 >= items.length;
    find(".one-or-all").textContent = single ? say("as-list") : say("one-at-a-time");
    find(".open-all").hidden = single || !more;
    grid(find(".of-review .grid"), looked.round, single ? looked.round.cards.indexOf(looked.among[here]) : -1, seeQuestion);
  }
  function bring(item) {   // its top into view
    var top = item.getBoundingClientRect().top;
    if (top < 0 || top > window.innerHeight - 200) { item.scrollIntoView({ behavior: "instant" }); }
  }
  function seeQuestion(place) {
    var number = looked.among.indexOf(looked.round.cards[place]), item;
    if (number < 0) { return views(looked.round, "all", function () { seeQuestion(place); }); }
    turn(number);
    item = find(".reviewed").children[number];
    item.lastChild.open = true;
    bring(item);
    (find(".of-review [aria-current]") || item.querySelector("summary") || item).focus({ preventScroll: true });
  }
  function reviewed(round, one, open) {
    var row = source.loaded[one.k], topic = row && deck.topics[rows[one.k][TOPIC]];
    if (!row) { return make("li", rows[one.k] ? say("question-not-loaded") : say("question-gone")); }
    return Q.review(Q.parts(row), {
      verdict: verdict(one), good: one.r,
      where: say("question-number", { at: round.cards.indexOf(one) + 1 }) + " · " + titleOf(examOf(round.exam), one.t) + (one.w ? " · " + time(one.w) : "") + (one.f ? " · " + say("state-flagged") : ""),
      order: one.o, picks: one.a, open: open, links: [[say("page-of-card"), Q.address(one.k)], [say("practice-of", { topic: topic[1] }), practice("topic", topic[0])]]
    });
  }
  function step(by) {
    if (!looked) { return; }
    turn(here + by);
    bring(find(".reviewed").children[here]);
  }
  on(".before", function () { step(-1); });
  on(".after", function () { step(1); });
  on(".one-or-all", function () { single = !single; turn(here); });
  on(".open-all", function () {
    var all = document.querySelectorAll(".reviewed details"), open = Array.prototype.some.call(all, function (one) { return !one.open; });
    each(all, function (one) { one.open = open; });
  });

  // ---- Progress over rounds

  function progress() {
    var done = kept.done.filter(function (round) { return round.exam === exam().slug; }), past = store.history();
    var keys = pool().filter(function (card) { return card.parts.length; }).map(function (card) { return card.key; });
    var twice = keys.filter(function (key) { return past[key] && past[key].missed > 1 && !past[key].good; }), list = find(".rounds"), body = find(".trend tbody");
    find(".progress").hidden = find(".last").hidden = !done.length;
    if (done.length) { find(".last span").textContent = say("last-exam", { result: R.summary(done[done.length - 1]) }); }
    find(".keeping").hidden = false;
    find(".export").hidden = find(".clear").hidden = !kept.done.length;
    list.replaceChildren();
    done.slice(-10).forEach(function (round) {
      var button = list.appendChild(make("li")).appendChild(make("button")), right = R.good(round), all = round.cards.length;
      button.type = "button";
      button.appendChild(make("b", say("percent", { share: R.percent(right, all) })));
      button.appendChild(make("span", R.day(round.done) + " · " + right + "/" + all));
      button.appendChild(make("span", named(round, exam()).split(":")[0]));
      button.setAttribute("aria-label", say("result-of", { day: R.day(round.done), right: right, all: all }));
      button.addEventListener("click", function () { result(round); });
    });
    body.replaceChildren();
    find(".trend").classList.toggle("single", done.length < 2);
    exam().parts.forEach(function (part) {
      var shares = done.slice(-10).map(function (round) {
        var among = round.cards.filter(function (one) { return one.p === part.slug; });
        return among.length ? R.percent(among.filter(function (one) { return one.r; }).length, among.length) : null;
      }), texts = shares.filter(function (share) { return share !== null; }).map(function (share) { return say("percent", { share: share }); });
      var line = body.appendChild(make("tr")), name = line.appendChild(make("th")), to = name.appendChild(make("a", part.title)), cell = line.appendChild(make("td")), spark = cell.appendChild(make("span", "", "spark"));
      name.scope = "row";
      to.href = practice(partsOf(exam()), part.slug);
      spark.setAttribute("role", "img");
      spark.setAttribute("aria-label", texts.join(", ") || say("not-asked"));
      shares.forEach(function (share) { spark.appendChild(make("i", "", share === null ? "none" : "")).style.setProperty("--share", share + "%"); });
      line.appendChild(make("td", texts[texts.length - 1] || "–", "num"));
    });
    find(".tallies").replaceChildren(
      make("li", say("never-seen", { n: keys.length, unseen: keys.filter(function (key) { return !past[key]; }).length })),
      make("li", say("missed-twice", { n: twice.length }))
    );
    R.anki(find(".twice"), twice);
  }
  on(".last button", function () { result(kept.done.filter(function (round) { return round.exam === exam().slug; }).pop()); });
  on(".export", function () {
    var link = make("a");
    link.href = URL.createObjectURL(new Blob([store.text()], { type: "application/json" }));
    link.download = "mock-exam-rounds.json";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  });
  on(".import", function () { find(".keeping input").click(); });
  find(".keeping input").addEventListener("change", function () {
    var input = this, file = input.files[0];
    if (!file) { return; }
    file.text().then(function (text) {
      var added = store.merge(text);
      find(".keeping [role=status]").textContent = added < 0 ? say("no-rounds") : say("rounds-added", { n: added });
      input.value = "";
      progress();
    });
  });
  on(".clear", function () {
    if (!window.confirm(say("delete-exams"))) { return; }
    store.clear();
    show("setup");
  });

  // ---- Which part is shown

  var arrived = false;   // a page that loads leaves the focus where it is
  function show(part) {
    find(".sure").close();
    find(".unknown").hidden = true;
    if (part === "setup") { again(); progress(); } else { find(".progress").hidden = find(".keeping").hidden = true; }
    SECTIONS.forEach(function (name) { find("section." + name).hidden = name !== part; });
    ticked = part === "round" || part === "overview" ? ticked || Date.now() : 0;
    if (part !== "score") { history.replaceState(part === "setup" ? null : { at: part }, ""); }   // for a reload
    each(document.querySelectorAll("section." + part + " .legend li"), function (line) { line.hidden = line.className === (part === "score" || (kept.open && kept.open.mode === "review") ? "untold" : "told"); });
    if (ticked) {
      find("section." + part + " h1").after(find(".clock"));
      tell();
    }
    if (part === "round") { ask(arrived); }
    if (part === "overview") { overview(); }
    window.scrollTo(0, 0);
    if (part !== "round" && arrived) { find("section." + part + " h1").focus({ preventScroll: true }); }
  }
  form.addEventListener("change", function (event) {
    if (event.target.name === "exam") { offer(); progress(); }
    if (event.target.name === "part") { form.elements.what.value = "one"; }
    if (/what|part/.test(event.target.name)) { delete form.elements.limit.dataset.typed; }   // two minutes per question again
    suggest();
  });
  form.elements.limit.addEventListener("input", function () {
    this.dataset.typed = this.value;
    form.elements.clock.value = "down";
    announce();
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (!kept.open || window.confirm(say("start-exam"))) { begin(); }
  });
  on(".resume", function () { show("round"); });
  on(".discard", function () {
    if (!window.confirm(say("discard-exam"))) { return; }
    kept.open = null;
    store.keep();
    show("setup");
  });
  // After a click, Enter leads on. It does not press the same button again.
  find(".round").addEventListener("click", function (event) { if (event.detail && event.target.closest(".clock, .flag, .strike")) { document.activeElement.blur(); } });
  on(".clock", function () { kept.open.hidden = !kept.open.hidden; store.keep(); tell(); });
  on(".to-overview", function () { show("overview"); });
  on(".previous", function () { go(kept.open.at - 1); });
  on(".flag", flag);
  on(".next", next);
  on(".overview .back", function () { show("round"); });
  on(".to-open", function () { seek(isOpen); });
  on(".to-flagged", function () { seek(function (one) { return one.f; }); });
  on(".leave", function () { store.keep(); show("setup"); });
  on(".hand-in", askToHandIn);
  on(".stay", function () { find(".sure").close(); });
  on(".surely", handIn);
  on(".fresh", function () { visit(""); show("setup"); });
  document.addEventListener("keydown", function (event) {
    var key = event.key.toLowerCase(), at = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || find(".sure").open) { return; }
    if (!find(".overview").hidden && (key === "o" || key === "escape")) { return show("round"); }
    if (!find(".score").hidden && single && (key === "n" || key === "p") && !at.closest("textarea")) { return step(key === "n" ? 1 : -1); }
    if (find(".round").hidden) { return; }
    if (key === "enter" && !at.closest("a, button, summary")) { next(); } else if (/^[a-l]$/.test(key) && drawn && !now().s) { drawn[event.shiftKey ? "strike" : "pick"](key.charCodeAt(0) - 97); } else if (key === "m") { flag(); } else if (key === "p" && kept.open.at) { go(kept.open.at - 1); } else if (key === "n") { next(); } else if (key === "o") { show("overview"); } else { return; }
    event.preventDefault();
  });

  // A round with cards that have left the deck cannot continue.
  if (kept.open && (!examOf(kept.open.exam) || !kept.open.cards.every(function (one) { return rows[one.k]; }))) { kept.open = null; }
  var hash = new URLSearchParams(location.hash.slice(1)), last = kept.open || kept.done[kept.done.length - 1];
  function length(what) {
    var one = exam().parts.some(function (part) { return part.slug === what; });
    if (one || what === "whole" || what === "half") { form.elements.what.value = one ? "one" : what; }
    if (one) { form.elements.part.value = what; }
  }
  if (last && examOf(last.exam) && !hash.get("domain")) {   // the same choices again
    if (form.elements.exam) { form.elements.exam.value = deck.exams.indexOf(examOf(last.exam)); }
    form.elements.mode.value = last.mode;
    form.elements.clock.value = last.limit ? "down" : "up";
    if (last.limit && last.limit !== 2 * last.cards.length) { form.elements.limit.value = form.elements.limit.dataset.typed = last.limit; }
  }
  offer();
  length(last && last.what);
  length(hash.get("domain") || hash.get("part"));
  suggest();
  arrive();
  arrived = true;
})();
