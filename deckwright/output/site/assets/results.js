// Results of practice and of rounds by weight: bars by part, what was missed, and the search that finds it in Anki.
(function () {
  "use strict";
  var Q = window.deckQuestion, make = Q.make, say = window.deckSay;
  var FEW = 4;   // so many answers say nothing in percent

  // Counts by group: `of(card)` is the group of a card, or null; `right(card)` is whether it was answered correctly. In order of `names`.
  function tally(cards, names, of, right) {
    var rows = names.map(function (name) { return { name: name, right: 0, all: 0 }; });
    cards.forEach(function (card) {
      var row = rows[of(card)];
      if (row) { row.all++; row.right += right(card) ? 1 : 0; }
    });
    return rows;
  }
  // Of a round that was handed in.
  function good(round) { return round.cards.filter(function (one) { return one.r; }).length; }
  function day(when) {
    var parts = { month: "short", day: "numeric" };
    try { return new Date(when).toLocaleDateString(document.documentElement.lang, parts); } catch (e) { return new Date(when).toLocaleDateString("en", parts); }   // no language
  }
  function summary(round) { return say("summary", { right: good(round), all: round.cards.length, share: percent(good(round), round.cards.length), day: day(round.done) }); }
  function percent(right, all) { return all ? Math.round(100 * right / all) : 0; }

  // Fills a table with a bar for each tallied row that has `fewest` cards or more, the worst first if that is several. `link` of a row is an address;
  // a click on the row calls pick(row) instead, if there is `pick`.
  function bars(table, head, rows, fewest, pick) {
    var body = make("tbody"), shown = rows.filter(function (row) { return row.all >= fewest; });
    if (fewest > 1) { shown.sort(function (a, b) { return a.right / a.all - b.right / b.all || b.all - a.all; }); }
    shown.forEach(function (row) {
      var line = body.appendChild(make("tr")), name = line.appendChild(make("th"));
      name.scope = "row";
      name.appendChild(make("a", row.name)).href = row.link;
      line.appendChild(make("td", row.all ? say("out-of", row) : say("never-practiced"), "num" + (row.all > FEW && 2 * row.right < row.all ? " low" : "")));
      if (pick) {
        line.className = "picks-row";
        name.firstChild.title = say("review-only", { n: row.all, name: row.name });
        line.addEventListener("click", function (event) { event.preventDefault(); pick(row); });
      }
      line.appendChild(make("td", row.all > FEW ? say("percent", { share: percent(row.right, row.all) }) : "", "num"));
      line.appendChild(make("td", "", "gauge")).style.setProperty("--share", percent(row.right, row.all) + "%");
    });
    table.replaceChildren(make("caption", head), body);
    table.hidden = !shown.length;
  }

  // Fills a box with a button for each view, as [name, words, cards]; a click calls pick(name). Returns the cards of the chosen view.
  function views(box, all, chosen, pick) {
    box.replaceChildren.apply(box, all.map(function (view) {
      var button = make("button", view[1] + " (" + view[2].length + ")");
      button.type = "button";
      button.disabled = !view[2].length;
      button.setAttribute("aria-pressed", String(view[0] === chosen));
      button.addEventListener("click", function () { pick(view[0]); box.querySelector('[aria-pressed="true"]').focus({ preventScroll: true }); });
      return button;
    }));
    return all.filter(function (view) { return view[0] === chosen; })[0][2];
  }

  // The search in Anki that finds exactly these cards. The ID is the last part of a card's key.
  function search(keys) { return keys.map(function (key) { return '"ID:' + key.split("/").pop() + '"'; }).join(" or "); }
  // Fills a box made by the template `anki.html` with the search for these cards; hidden if there are none. The filtered deck gets a name,
  // and who lacks cards gets the package that has them: its path and its title, if there is one.
  function anki(box, keys, name, parcel) {
    var field = box.querySelector("textarea"), button = box.querySelector("button"), said = box.querySelector("[role=status]");
    box.hidden = !keys.length;
    field.value = search(keys);
    said.textContent = "";
    box.querySelector(".how-many").textContent = name ? say("finds-missed", { n: keys.length }) : say("finds", { n: keys.length });
    if (name) {
      var missing = box.querySelector(".to-import"), link = missing.querySelector("a");
      box.querySelector(".limit").textContent = keys.length;
      box.querySelector(".deck-name").textContent = name;
      missing.hidden = !parcel;
      if (parcel) {
        link.textContent = parcel[0].split("/").pop();
        missing.querySelector("span").textContent = parcel[1];
        link.href = "packages/" + parcel[0];
      }
    }
    button.onclick = function () {
      function done() { said.textContent = say("copied"); }
      function select() {
        field.focus();
        field.select();
        if (document.execCommand("copy")) { done(); } else { said.textContent = say("press-to-copy"); }
      }
      if (navigator.clipboard && navigator.clipboard.writeText) { navigator.clipboard.writeText(field.value).then(done, select); } else { select(); }
    };
  }

  // What was answered last, by the values of a facet of `deck`: rows as tally() has them, with `slug` and `link`, and how many were `missed`, `open`, or are `fresh`.
  function byFacet(deck, name, answers) {
    var at = deck.facets.findIndex(function (facet) { return facet.name === name; }), values = at < 0 ? [] : deck.facets[at].values;
    return values.map(function (value, number) {
      var cards = deck.cards.filter(function (row) { return row[1 + at].indexOf(number) >= 0; }), rows = cards.filter(function (row) { return answers[row[0]]; });
      var right = rows.filter(function (row) { return answers[row[0]].good; }).length;
      var open = rows.filter(function (row) { return answers[row[0]].open; }).length;
      return { name: value[3] || value[1], slug: value[0], right: right, open: open, missed: rows.length - right, fresh: cards.length - rows.length, all: rows.length, link: "practice.html#" + name + "=" + encodeURIComponent(value[0]) };
    });
  }
  // Of rows with five answered cards or more, the one with the smallest share of correct answers, and of those with the same share the one
  // with most answers; null if all are correct. What was left open says nothing. Returns `name`, `link`, `right`, and `all`, the answered ones.
  function weakest(rows) {
    var some = rows.map(function (row) { return { name: row.name, link: row.link, right: row.right, all: row.all - row.open }; });
    some = some.filter(function (row) { return row.all > FEW && row.right < row.all; });
    return some.sort(function (a, b) { return a.right / a.all - b.right / b.all || b.all - a.all; })[0] || null;
  }
  // Fills in the link to practice a row; hides its line if there is none.
  function lead(line, row) {
    line.hidden = !row;
    if (!row) { return; }
    line.querySelector("a").textContent = row.all ? say("weakest-is", row) : row.name;
    line.querySelector("a").href = row.link + "&start=10";
  }
  // The same by the domains or tasks of the first exam, or by parts if there are none.
  function ofExam(deck, name, answers) {
    var rows = byFacet(deck, name, answers), exam = rows.length && rows[0].slug.split("::")[0];
    return exam ? rows.filter(function (row) { return row.slug.split("::")[0] === exam; }) : byFacet(deck, "part", answers);
  }
  // The weakest task, or if there is none, the weakest domain.
  function weakestOf(deck, answers) { return weakest(ofExam(deck, "task", answers)) || weakest(ofExam(deck, "domain", answers)); }

  window.deckResults = { good: good, day: day, summary: summary, tally: tally, percent: percent, bars: bars, views: views, anki: anki, byFacet: byFacet, weakest: weakest, weakestOf: weakestOf, lead: lead, ofExam: ofExam };
})();
