// Practice: rounds of cards, as they look in Anki. What was answered stays in this browser.
(function () {
  "use strict";
  var deck = window.deckPractice, root = document.documentElement;
  var CARD = 0, FACET = 1, FEW = 10, MANY = 20, SEARCHED = ["topic", "service"], RESULT = "#result";   // parts of a row; cards of a round; facets with many values; address of the result
  var Q = window.deckQuestion, R = window.deckResults, D = window.deckDraw, say = window.deckSay, make = Q.make, source = Q.loader(deck, "practice"), load = source.load;
  var rows = Object.create(null), loaded = source.loaded;
  deck.cards.forEach(function (row) { rows[row[CARD]] = row; });

  function find(selector) { return document.querySelector(selector); }
  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function cards(number) { return say("n-cards", { n: number }); }

  // ---- What is kept: the round, and how each card was answered the last time, also in mock exams.

  var store = window.deckRounds(deck.name), kept = store.kept.practice, answers = store.answers();
  var keep = store.keepPractice;
  // A round with cards that have left the deck cannot continue.
  if (kept.round && !(Array.isArray(kept.round.cards) && kept.round.cards.every(function (one) { return rows[one.key]; }))) { kept.round = null; }
  function record() {
    var all = Object.keys(answers).filter(function (key) { return rows[key]; }), line = find(".record");
    line.hidden = !all.length || !find(".round").hidden;
    line.lastElementChild.hidden = !Object.keys(kept.last).length;
    line.firstChild.textContent = say("so-far", {
      n: deck.cards.length, answered: all.length, right: all.filter(function (key) { return answers[key].good; }).length
    }) + (facetAt("task") < 0 ? "" : " " + say("counts-in-each"));
    var shares = kept.rounds.map(function (one) { return R.percent(one[1], one[2]); }), marks = find(".trace ol");   // of the last rounds, if there are several
    find(".trace").hidden = shares.length < 2;
    marks.replaceChildren.apply(marks, shares.map(function (share) { return make("li", say("percent", { share: share })); }));
    each(marks.children, function (one, at) { one.style.setProperty("--share", shares[at] / 100); });
  }

  // ---- The choice of cards

  var form = find(".setup form"), start = find(".start"), again = find(".again"), filters = find(".more-filters");
  deck.facets.push({
    name: "answer", title: say("by-answer"),
    values: [["missed", say("answer-missed"), null, say("answer-when")], ["correct", say("answer-correct"), null, say("answer-when")], ["new", say("answer-new"), null, ""]]
  });
  // Of each card, whether it was missed, correct, or not answered yet.
  function mark() {
    var at = FACET + deck.facets.length - 1;
    deck.cards.forEach(function (row) { row[at] = [answers[row[CARD]] ? answers[row[CARD]].good ? 1 : 0 : 2]; });
  }
  // A facet with many values is a field that suggests them as you type, any other is a select.
  deck.facets.forEach(function (facet) {
    var box = make("div"), label = box.appendChild(make("label", facet.title)), searched = SEARCHED.indexOf(facet.name) >= 0;
    var input = label.appendChild(make(searched ? "input" : "select")), more = box.appendChild(make("p", "", "more-words"));
    input.name = facet.name;
    more.id = "more-" + facet.name;
    input.setAttribute("aria-describedby", more.id);
    if (searched) {
      input.type = "search";
      input.placeholder = say("type-to-search");
      box.appendChild(make("datalist")).id = "all-" + facet.name;
      input.setAttribute("list", "all-" + facet.name);
      input.addEventListener("focus", function () { input.select(); });
    } else {
      input.add(new Option(say("any"), ""));
      facet.values.forEach(function (value, number) { input.add(new Option(value[1], number)); });
    }
    form.insertBefore(box, form.lastElementChild);
  });
  function title(value) { return value[3] && value[3].indexOf(value[1]) === 0 ? value[3] : value[1]; }   // with the name of a domain or task
  function facetAt(name) { return deck.facets.findIndex(function (facet) { return facet.name === name; }); }
  // The number of the chosen value as a text, or "". In a field, the first suggestion with what was typed is chosen; -1 if there is none.
  function read(facet) {
    var input = form.elements[facet.name], typed = input.value.toLowerCase().replace(/ \(\d+\)$/, "").trim(), number, near;
    if (!input.list || !typed) { return typed && input.value; }
    number = facet.values.findIndex(function (value) { return value[1].toLowerCase() === typed; });
    near = number < 0 && Array.prototype.find.call(input.list.options, function (one) {
      return typed.split(/\s+/).every(function (word) { return one.value.toLowerCase().indexOf(word) >= 0; });
    });
    return near ? near.dataset.number : String(number);
  }
  // How many cards each value leaves if all other choices stay; another part also leaves the topic open.
  function leaves(choice) {
    var part = facetAt("part"), topic = facetAt("topic"), out = deck.facets.map(function (facet) { return facet.values.map(function () { return 0; }); });
    deck.cards.forEach(function (row) {
      var against = choice.map(function (value, at) { return value === "" || row[FACET + at].indexOf(Number(value)) >= 0 ? -1 : at; });
      out.forEach(function (counts, at) {
        if (against.every(function (one) { return one < 0 || one === at || (at === part && one === topic); })) { row[FACET + at].forEach(function (number) { counts[number]++; }); }
      });
    });
    return out;
  }
  // A choice has for each facet the number of a value as a text, or "". An address names it by slugs.
  function choiceOf(hash) {
    var asked = new URLSearchParams(hash.slice(1));
    return deck.facets.map(function (facet) {
      var number = facet.values.findIndex(function (value) { return value[0] === asked.get(facet.name); });
      return number < 0 ? "" : String(number);
    });
  }
  function addressOf(choice) {
    return "#" + choice.map(function (value, at) { return value && deck.facets[at].name + "=" + encodeURIComponent(deck.facets[at].values[Number(value)][0]); }).filter(Boolean).join("&");
  }
  function fill(choice) {
    deck.facets.forEach(function (facet, at) {
      var input = form.elements[facet.name];
      input.value = input.list && choice[at] ? facet.values[Number(choice[at])][1] : choice[at];
    });
  }
  function chosen() {
    return deck.facets.map(read);
  }
  function fitting(choice) {
    return deck.cards.filter(function (row) {
      return choice.every(function (value, place) { return value === "" || row[FACET + place].indexOf(Number(value)) >= 0; });
    }).map(function (row) { return row[CARD]; });
  }
  function count(event) {
    mark();
    if (event && event.target.name === "part" && form.elements.topic && !fitting(chosen()).length) { form.elements.topic.value = ""; }
    var choice = chosen(), left = leaves(choice);
    deck.facets.forEach(function (facet, at) {
      var input = form.elements[facet.name], value = facet.values[Number(choice[at] || -1)];
      function words(number) { return title(facet.values[number]) + " (" + left[at][number] + ")"; }
      if (input.list && value && (!event || event.type === "change")) { input.value = words(choice[at]); }
      find("#more-" + facet.name).textContent = !value ? "" : input.list && input.value !== words(choice[at]) ? words(choice[at]) : value[3];
      if (!input.list) {
        return each(input.options, function (option) {
          if (option.value) { option.textContent = words(option.value); }
          option.hidden = option.value && option.value !== choice[at] && !left[at][option.value];
        });
      }
      input.list.replaceChildren();
      left[at].forEach(function (number, place) { if (number) { input.list.appendChild(new Option("", words(place))).dataset.number = place; } });
    });
    var fits = fitting(choice), fresh = fits.filter(function (key) { return !(key in answers); }).length;
    find(".fits").textContent = !fits.length ? say("none-fit") :
      fits.length === 1 || fresh === fits.length ? say("all-fit", { n: fits.length }) : fresh ? say("some-fit", { n: fits.length, fresh: fresh }) : say("none-new", { n: fits.length });
    start.disabled = !fits.length;
  }
  // New cards come first, then those that were missed the last time.
  function drawn(choice, number) {
    return D.round(fitting(choice), function (key) { return key in answers ? 1 + answers[key].good : 0; }, number, Math.random);
  }
  // The smallest of the packages that have all cards of one of the chosen values.
  function parcel(choice) {   // its path; empty if there is none
    var best = deck.all;
    choice.forEach(function (value, place) {
      var number = value === "" ? null : deck.facets[place].values[Number(value)][2];
      if (number !== null && (best === null || number < best)) { best = number; }
    });
    return best === null ? "" : deck.packages[best][0];
  }
  function begin(keys, take, choice) {
    kept.round = {
      choice: choice, cards: keys.map(function (key) { return { key: key, gap: Math.random() }; }),
      at: 0, shown: false, parcel: take
    };
    keep();
    show();
  }

  // ---- The round. A card of it has `key`, and once it is answered, `good`, `self` if the learner said so, and `picks`, the numbers of the options that were picked.

  var frame = find(".asked"), verdict = find(".verdict"), drawnFor = "", asked = 0;   // `asked` for more picks when there were so many
  function now() { return kept.round.cards[kept.round.at]; }
  function side() {   // [number of the card from 0, front, back]; of several gaps one is asked
    var faces = loaded[now().key][1];
    return faces[Math.min(faces.length - 1, Math.floor(now().gap * faces.length))];
  }
  function buttons(names) {
    each(document.querySelectorAll(".deal button"), function (button) { button.hidden = names.indexOf(button.classList[button.classList.length - 1]) < 0; });
  }
  function answered(round) { return round.cards.filter(function (one) { return one.good !== undefined; }); }
  function good(one) { return one.good; }
  // Where the round is, with a segment for each card.
  function meter() {
    var round = kept.round, done = answered(round), segments = round.cards.map(function (one) { return make("i", "", one.good === undefined ? "" : one.good ? "good" : "bad"); });
    var words = say("card-of", { at: round.at + 1, all: round.cards.length }), score = done.length ? " · " + say("right-so-far", { right: done.filter(good).length }) : "";
    if (find(".place").textContent !== words + score) { find(".place").replaceChildren(words, make("span", score, "so-far")); }   // or it is read out again
    segments[round.at].classList.add("now");
    find(".segments").replaceChildren.apply(find(".segments"), segments);
  }
  function ask() {
    var round = kept.round, key = now().key;
    meter();
    asked = 0;
    verdict.textContent = "";
    verdict.className = "verdict";
    buttons([]);
    load(key, function (ok) {
      if (kept.round !== round || now().key !== key) { return; }
      if (!ok) {
        verdict.textContent = say("not-loaded");
        return buttons(["retry"]);
      }
      draw(round.shown);
      if (round.at + 1 < round.cards.length) { load(round.cards[round.at + 1].key, function () { /* then later */ }); }
    });
  }
  function draw(back) {
    var face = side(), night = root.getAttribute("data-night") === "1" ? " nightMode night_mode" : "";
    drawnFor = back ? "back" : "front";
    find(".letters").hidden = true;
    frame.title = back ? say("answer") : say("question");
    frame.srcdoc = deck.frame.replace("{title}", frame.title).replace("{card}", face[0] + 1 + night).replace("{side}", function () { return face[back ? 2 : 1]; });
  }
  frame.addEventListener("load", function () {
    var inside = frame.contentDocument;
    if (!drawnFor || !inside || !inside.getElementById("qa")) { return; }
    inside.addEventListener("keydown", press);
    if (drawnFor === "front") {
      ["click", "keyup"].forEach(function (kind) { inside.addEventListener(kind, offer); });
      offer();
    } else { judge(); }
    frame.focus({ preventScroll: true });
  });
  function picked() { return frame.contentDocument.querySelectorAll('.options > [aria-checked="true"]').length; }
  function offer() {
    var options = frame.contentDocument.querySelectorAll(".options > li").length;
    find(".letters").hidden = !options;
    find(".letters kbd:last-of-type").textContent = String.fromCharCode(64 + options);
    find(".show-answer").className = (options && !picked() ? "" : "main ") + "show-answer";   // its name is the last class
    find(".show-answer span").textContent = picked() ? say("check") : options ? say("dont-know") : say("show-answer");
    buttons(["show-answer"]);
  }
  function reveal() {
    now().picks = Array.prototype.map.call(frame.contentDocument.querySelectorAll('.options > [aria-checked="true"]'), function (one) { return one.dataset.n; });
    now().order = Array.prototype.map.call(frame.contentDocument.querySelectorAll(".options > li"), function (one) { return one.dataset.n; });
    kept.round.shown = true;
    keep();
    draw(true);
  }
  // The card's own script says whether the picked options are right; all else the learner does.
  function judge() {
    var word = frame.contentDocument.getElementById("answer"), card = now(), options = frame.contentDocument.querySelector(".options");
    var said = word && word.classList.contains("good") ? 1 : word && word.classList.contains("bad") ? 0 : options ? 0 : null;
    if (said !== null && card.good === undefined) { grade(said); }
    if (card.good === undefined) {
      buttons(["missed", "knew"]);
    } else {
      var shown = word && said !== null;   // by the card
      verdict.textContent = shown ? word.textContent : said === null ? (card.good ? say("correct") : say("missed")) : say("not-answered");
      verdict.className = "verdict " + (shown ? "spoken" : card.good ? "good" : "bad");
      find(".next-card span").textContent = kept.round.at + 1 < kept.round.cards.length ? say("next") : say("see-score");
      buttons(["next-card"]);
    }
    meter();
    if (word) { bring(word.getBoundingClientRect().top); }
  }
  // Scrolls to the answer if it cannot be seen.
  function bring(top) {
    var y = frame.getBoundingClientRect().top + top;
    if (y < 0 || y > window.innerHeight - 200) { window.scrollBy(0, y - 60); }
  }
  function grade(good, self) {
    var card = now();
    card.good = good;
    card.self = self;
    store.answer(card.key, good);
    answers = store.answers();
    keep();
  }
  function next() {
    kept.round.at++;
    kept.round.shown = false;
    if (kept.round.at === kept.round.cards.length) { finish(); }
    keep();
    show();
  }
  // Counts the round among the last ones.
  function finish() {
    var done = answered(kept.round);
    store.finish(done.filter(good).length, done.length);
  }
  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || find(".round").hidden) { return; }
    var at = event.target, key = event.key.toLowerCase(), act = null;
    var free = !at.closest("a, button, input, select, textarea, summary, [role=radio], [role=checkbox]");
    function on(name) { var button = find(".deal ." + name); return button.hidden ? null : button; }
    if (/^[a-z]$/.test(key) && on("show-answer")) {
      act = frame.contentDocument.querySelectorAll(".options.live > li")[key.charCodeAt(0) - 97];
    } else if (key === "1" || key === "2") {
      act = on(key === "1" ? "missed" : "knew");
    } else if ((key === " " || key === "enter") && free) {
      act = on("show-answer") || on("next-card");
    }
    if (act) {
      event.preventDefault();
      act.click();
      if (act.getAttribute("aria-checked") === "true") { act.focus({ preventScroll: true }); } else if (act.tagName === "LI") { act.blur(); }
    }
  }

  // ---- The score

  function score() {
    var done = answered(kept.round), right = done.filter(good), ofMissed = /answer=missed/.test(kept.round.choice), wrong = done.filter(function (one) { return !one.good; });
    find(".score h1").textContent = say("n-correct", { right: right.length, all: done.length });
    find(".score progress").max = done.length;
    find(".score progress").value = right.length;
    find(".score progress").setAttribute("aria-label", say("correct-answers"));
    var own = done.filter(function (one) { return one.self; });
    find(".score .share").textContent = (done.length < kept.round.cards.length ? say("ended-early", { done: done.length, n: kept.round.cards.length }) + " " : "") +
      (own.length ? say("graded-yourself", { n: own.length, right: own.filter(good).length }) : "");
    tally(done);
    mark();
    var more = left(kept.round);
    find(".more").hidden = !more;
    find(".more").textContent = ofMissed ? say("next-missed", { n: more }) : say("next-cards", { n: more });
    find(".redo").hidden = !wrong.length || (ofMissed && more === wrong.length);   // the same cards
    // One of them stands out: with many missed cards, these.
    var main = !find(".redo").hidden && (!more || 3 * wrong.length > done.length) ? ".redo" : more ? ".more" : ".fresh";
    [".redo", ".more", ".fresh"].forEach(function (name) { find(".score " + name).classList.toggle("main", name === main); });
    find(".score .acts").prepend(find(".score .acts .main"));
    R.anki(find(".to-anki"), wrong.map(function (one) { return one.key; }), say("missed-in-practice"), parcelOf(kept.round));
    take();
    review(wrong.length ? "wrong" : "all");
    function review(chosen) {
      var among = R.views(find(".views"), [["wrong", say("missed"), wrong], ["all", say("all"), done]], chosen, review);
      find(".reviewed").replaceChildren(make("li", say("loading"), "counts"));
      Q.all(load, among.map(function (one) { return one.key; }), function () { find(".reviewed").replaceChildren.apply(find(".reviewed"), among.map(reviewed)); });
    }
  }
  // How many cards the next round of the same choice has.
  function left(round) { return Math.min(round.cards.length, fitting(choiceOf(round.choice || "#")).length); }
  // The facet to group by: domains if the cards have them, or else parts.
  function grouping() { return facetAt("domain") < 0 ? facetAt("part") : facetAt("domain"); }
  function groupOf(one, at) { return at < 0 || !rows[one.key][FACET + at].length ? null : Math.min.apply(null, rows[one.key][FACET + at]); }
  function titleOf(at, number) {
    var value = deck.facets[at].values[number];
    return value[3] || value[1];
  }
  function reviewed(one, place) {
    var at = facetAt("topic"), face = loaded[one.key], topic = at < 0 ? null : deck.facets[at].values[rows[one.key][FACET + at][0]], card, links = [[say("page-of-card"), Q.address(one.key)]];
    if (!face) { return make("li", say("not-loaded")); }
    card = Q.fromBack(face[1][Math.min(face[1].length - 1, Math.floor(one.gap * face[1].length))][2]);
    if (topic) { links.push([say("practice-of", { topic: topic[1] }), "#topic=" + encodeURIComponent(topic[0]) + "&start"]); }
    return Q.review(card, {
      verdict: one.good ? say("correct") : card.numbers.length < 2 ? say("missed") : one.picks && one.picks.length ? say("wrong") : say("not-answered"), good: one.good,
      where: (one.self ? say("self-graded") + " · " : "") + (topic ? topic[1] : one.key),
      order: one.order, picks: card.numbers.length < 2 ? [] : one.picks || [], open: !place, links: links
    });
  }
  // The domains or parts, and the topics of which there were several cards, the worst first.
  function tally(done) {
    var at = grouping(), topic = facetAt("topic");
    function table(selector, head, facet, fewest) {
      var values = facet < 0 ? [] : deck.facets[facet].values, name = facet < 0 ? "" : deck.facets[facet].name;
      var list = R.tally(done, values.map(function (value, number) { return titleOf(facet, number); }), function (one) { return groupOf(one, facet); }, good);
      list.forEach(function (row, number) { row.link = "#" + name + "=" + encodeURIComponent(values[number][0]); });
      var first = name === "domain" && list.filter(function (row, number) { return values[number][0].split("::")[0] === values[0][0].split("::")[0]; });
      if (first && first.some(function (row) { return row.all; })) { list = first; }   // one exam at a time
      R.bars(find(selector), head, list, fewest);
    }
    table(".by-part", at >= 0 && deck.facets[at].name === "domain" ? say("per-domain") : say("per-part"), at, 1);
    table(".by-topic", say("topics-several-cards"), topic, 2);
  }
  function parcelOf(round) { return deck.packages.filter(function (one) { return one[0] === round.parcel; })[0]; }
  // The package for the choice. The one of the first level is also named if it is smaller.
  function take() {
    var lists = document.querySelectorAll(".take ul"), at = facetAt("level");
    var number = deck.packages.indexOf(parcelOf(kept.round));
    var less = at < 0 ? null : deck.facets[at].values[0][2];
    var both = answered(kept.round).every(function (one) { return at >= 0 && rows[one.key][FACET + at].indexOf(0) >= 0; });
    each(lists, function (list) { list.textContent = ""; });
    find(".take").hidden = number < 0;
    find(".fewer").hidden = lists[1].hidden = true;
    if (number < 0) { return; }
    lists[0].appendChild(download(deck.packages[number]));
    if (less !== null && less < number) {
      lists[both ? 0 : 1].appendChild(download(deck.packages[less]));
      find(".fewer").hidden = lists[1].hidden = both;
    }
  }
  function download(one) {
    var item = make("li"), link = item.appendChild(make("a", "", "download"));
    link.href = "packages/" + one[0];
    link.download = "";
    link.appendChild(make("span", one[1], "what"));
    var facts = link.appendChild(make("span", "", "facts"));
    facts.appendChild(make("span", cards(one[2])));
    facts.append(" ");
    facts.appendChild(make("span", one[3]));
    return item;
  }

  // ---- Which part is shown

  function isOver() { return !!kept.round && kept.round.at >= kept.round.cards.length; }
  // The result has an address, so that Back and a reload show it again.
  function show(setup, heading) {
    var round = kept.round, part = setup || !round ? "setup" : isOver() ? "score" : "round", last = find(".last-round");
    if ((location.hash === RESULT) !== (part === "score")) { history.replaceState(null, "", part === "score" ? RESULT : location.pathname + location.search); }
    each(["setup", "round", "score"], function (name) { find("section." + name).hidden = name !== part; });
    if (part === "setup") {
      again.hidden = !round || isOver();
      last.hidden = !isOver();
      if (isOver()) { last.firstChild.textContent = say("last-round", { right: answered(round).filter(good).length, all: answered(round).length }); }
      if (!again.hidden) { again.firstChild.textContent = say("continue-round", { at: round.at + 1, all: round.cards.length }); }
      count();
      propose();
      filters.open = chosen().some(Boolean);
    } else if (part === "round") { ask(); } else { score(); }
    record();
    window.scrollTo(0, 0);
    if (part === "score" || heading) { find("section." + part + " h1").focus({ preventScroll: true }); }
  }
  form.addEventListener("input", count);
  form.addEventListener("change", count);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  function startRound(count) {
    if (location.hash) { history.replaceState(null, "", location.pathname + location.search); }
    mark();
    begin(drawn(chosen(), count || Number(form.elements.count.value)), parcel(chosen()), addressOf(chosen()));
  }
  // Rounds that start with one click: what was missed, what is weakest, what matters most, anything, and each domain or part.
  function propose() {
    var box = find(".presets"), few = find(".quick div"), level = deck.facets[facetAt("level")], weak = R.weakestOf(deck, answers);
    var groups = R.ofExam(deck, "domain", answers).slice(0, 8);
    box.replaceChildren();
    few.replaceChildren();
    function add(words, more, address, most, share) {
      var button = (share ? few : box).appendChild(make("button")), choice = choiceOf(address), all = fitting(choice).length;
      if (!all) { return button.remove(); }
      button.type = "button";
      button.append(make("b", words), " ", make("small", share || (all > most ? say("some-cards", { n: all, some: most }) : cards(all))), " ");
      if (more) { button.append(make("span", more)); }
      button.addEventListener("click", function () {
        fill(choice);
        startRound(most);
      });
    }
    add(say("missed-cards"), say("missed-about"), "#answer=missed", MANY);
    if (weak) { add(say("weakest"), say("weakest-is", weak), weak.link.replace(/^.*#/, "#"), FEW); }
    if (level) { add(level.values[0][1], level.values[0][3], "#level=" + encodeURIComponent(level.values[0][0]), FEW); }
    var exam = deck.facets[facetAt("exam")];
    if (exam && exam.values.length > 1) { add(exam.values[0][1], say("all-about"), "#exam=" + encodeURIComponent(exam.values[0][0]), MANY); } else { add(say("all"), say("all-about"), "#", MANY); }
    groups.forEach(function (row) {
      add(row.name.replace(/^.*?\d: /, ""), "", row.link.replace(/^.*#/, "#"), FEW, row.all ? say("n-seen", { n: row.all + row.fresh, all: row.all, right: row.right }) : cards(row.fresh));
    });
    find(".quick").hidden = groups.length < 2;
    find(".quick h2").textContent = facetAt("domain") < 0 ? say("cards-of-part", { n: FEW }) : say("cards-of-domain", { n: FEW });
  }
  start.addEventListener("click", function () { startRound(); });
  find(".columns").addEventListener("click", function (event) {
    if (!event.target.closest(".bars a") || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    preset(event.target.closest("a").hash);
    startRound();
  });
  again.firstChild.addEventListener("click", function () { show(); });
  find(".last-round button").addEventListener("click", function () { location.hash = RESULT; });
  find(".show-answer").addEventListener("click", function () {   // an incomplete answer counts only the second time
    var choice = frame.contentDocument.querySelector(".choice"), n = choice ? Number(choice.dataset.pick) : 0;
    if (!picked() || picked() >= n || asked === picked()) { return reveal(); }
    asked = picked();
    verdict.textContent = say("picked-few", { n: n, picked: asked });
  });
  find(".to-review").addEventListener("click", function (event) {   // keep the address
    event.preventDefault();
    find("#review").scrollIntoView();
    find("#review").focus({ preventScroll: true });
  });
  find(".next-card").addEventListener("click", next);
  find(".retry").addEventListener("click", ask);
  find(".missed").addEventListener("click", function () { grade(0, 1); next(); });
  find(".knew").addEventListener("click", function () { grade(1, 1); next(); });
  find(".end-round").addEventListener("click", function () {
    var round = kept.round;
    if (!answered(round).length) { kept.round = null; } else { round.at = round.cards.length; finish(); }
    keep();
    show();
  });
  find(".redo").addEventListener("click", function () {
    var round = kept.round, keys = round.cards.filter(function (one) { return one.good === 0; }).map(function (one) { return one.key; });
    begin(D.shuffled(keys, Math.random), round.parcel, round.choice);
  });
  find(".more").addEventListener("click", function () {
    fill(choiceOf(kept.round.choice || "#"));
    startRound(left(kept.round));
  });
  find(".fresh").addEventListener("click", function () { fill(choiceOf("#")); show(true, true); });
  find(".record button").addEventListener("click", function () {
    if (!window.confirm(store.kept.done.length ? say("clear-practice") : say("clear-answers"))) { return; }
    store.clearPractice();
    kept = store.kept.practice;
    answers = store.answers();
    show(false, true);
  });
  document.addEventListener("keydown", press);

  var mock = find(".setup .last"), exams = store.kept.done;
  if (mock && exams.length) { mock.textContent = " " + say("last-one", { result: R.summary(exams[exams.length - 1]) }); }
  function preset(hash) {   // whether it names a choice
    var asked = new URLSearchParams(hash.slice(1)), choice = choiceOf(hash);
    if (deck.facets.some(function (facet) { return asked.has(facet.name); })) { fill(choice); }
    return choice.some(Boolean);
  }
  // With `start` in the address, the round starts at once, unless one has answers. `start` can have the number of cards.
  function arrive(heading) {
    var known = preset(location.hash), wanted = new URLSearchParams(location.hash.slice(1)).get("start");
    var over = isOver(), open = kept.round && !over && answered(kept.round).length;
    mark();
    again.firstChild.classList.toggle("main", wanted === null);
    if (known && !open && wanted !== null && fitting(chosen()).length) { return startRound(Number(wanted)); }
    if (known || over || !heading) { show(known || (over && location.hash !== RESULT), heading); }
  }
  window.addEventListener("hashchange", function () { arrive(true); });
  arrive();
})();
