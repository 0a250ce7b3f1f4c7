// What this browser keeps: the open mock exam and those handed in, the practice round, the last answers in practice, and the last ten rounds there; export and import.
// A round has `id` (when it began), `exam`, `what`, `mode`, `limit` (minutes, or 0), `spent` (seconds), `seed`, `at`, `done` (when it was handed
// in, or 0), and `cards`: `k` the card's key, `p` and `t` the slugs of its part and task, `o` its options in order, `a` the picked ones, `x` those struck out,
// `r` whether that is right, `h` whether picks are missing, `f` whether it is flagged, `s` whether its answer was shown.
(function () {
  "use strict";
  var FORMAT = "mock-exam rounds 1";

  function texts(list) { return Array.isArray(list) && list.every(function (one) { return typeof one === "string"; }); }
  function isValid(round) {
    return !!round && typeof round.id === "number" && typeof round.exam === "string" && Array.isArray(round.cards) && round.cards.length > 0 &&
      round.cards.every(function (one) { return one && typeof one.k === "string" && typeof one.p === "string" && texts(one.a) && (!one.o || texts(one.o)) && (!one.x || texts(one.x)); });
  }

  // What the browser keeps at a place; null if there is nothing.
  function read(place) { try { return JSON.parse(localStorage.getItem(place)); } catch (e) { return null; } }
  function write(place, value) {   // whether it is kept beyond this page
    try { localStorage.setItem(place, JSON.stringify(value)); return true; } catch (e) { return false; }
  }

  window.deckRounds = function (name) {
    var place = "deck-exam: " + name, open = place + " (open)", practiced = "deck-practice: " + name;
    var kept = { open: read(open), done: [], practice: read(practiced) };
    if (!isValid(kept.open)) { kept.open = null; }
    if (!kept.practice || !kept.practice.last) { kept.practice = { round: null, last: {} }; }
    if (!Array.isArray(kept.practice.rounds)) { kept.practice.rounds = []; }
    // Adds rounds that are not here yet, also those that another tab has added. Returns how many of `rounds` were new.
    function add(rounds) {
      var known = {}, fresh = 0;
      function take(round) { if (isValid(round) && round.done && !known[round.id]) { known[round.id] = round; return 1; } return 0; }
      [].concat(read(place) || [], kept.done).forEach(take);
      rounds.forEach(function (round) { fresh += take(round); });
      kept.done = Object.keys(known).map(function (id) { return known[id]; }).sort(function (a, b) { return a.done - b.done; });
      if (fresh) { write(place, kept.done); }
      return fresh;
    }
    add([]);

    // For each card of handed-in rounds: in which round it was asked last (from 1), how often it was missed, and whether it was right the last time.
    function history() {
      var cards = Object.create(null);
      kept.done.forEach(function (round, number) {
        round.cards.forEach(function (one) {
          var card = cards[one.k] = cards[one.k] || { last: 0, missed: 0, good: false };
          card.last = number + 1;
          card.good = !!one.r;
          if (!one.r) { card.missed++; }
        });
      });
      return cards;
    }
    // The last answer to each card, in practice or a mock exam: `when`, whether it was `good`, and whether it was left `open`.
    function answers() {
      var out = Object.create(null), last = kept.practice.last;
      kept.done.forEach(function (round) { round.cards.forEach(function (one) { out[one.k] = { when: round.done, good: !!one.r, open: !one.s && (!one.a.length || !!one.h) }; }); });
      Object.keys(last).forEach(function (key) { if (!out[key] || last[key].when > out[key].when) { out[key] = last[key]; } });
      return out;
    }
    return {
      kept: kept, history: history, answers: answers,
      answer: function (key, good) { kept.practice.last[key] = { when: Date.now(), good: !!good }; },
      keepPractice: function () { return write(practiced, kept.practice); },
      finish: function (right, all) { kept.practice.rounds = kept.practice.rounds.concat([[Date.now(), right, all]]).slice(-10); },   // a practice round
      clearPractice: function () {
        kept.practice = { round: null, last: {}, rounds: [] };
        try { localStorage.removeItem(practiced); } catch (e) { /* nothing was kept */ }
      },
      keep: function () { return write(open, kept.open); },
      handIn: function () {
        var round = kept.open;
        round.done = Date.now();
        kept.open = null;
        write(open, null);
        add([round]);
        return round;
      },
      text: function () { return JSON.stringify({ format: FORMAT, deck: name, rounds: kept.done }); },
      // Adds the rounds of an exported text. Returns how many were new, or -1 if it is no such text.
      merge: function (text) {
        var found = null;
        try { found = JSON.parse(text); } catch (e) { /* no JSON */ }
        if (!found || found.format !== FORMAT || !Array.isArray(found.rounds) || !found.rounds.every(isValid)) { return -1; }
        return add(found.rounds);
      },
      clear: function () {
        kept.open = null;
        kept.done = [];
        [open, place].forEach(function (one) { try { localStorage.removeItem(one); } catch (e) { /* nothing was kept */ } });
      }
    };
  };
})();
