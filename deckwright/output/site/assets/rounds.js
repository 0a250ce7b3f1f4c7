// The rounds of mock exams that this browser keeps: the open one and those handed in; what they say of each question; export and import.
// A round has `id` (when it began), `exam`, `what`, `mode`, `limit` (minutes, or 0), `spent` (seconds), `seed`, `at`, `done` (when it was handed
// in, or 0), and `cards`: `k` the card's key, `p` and `t` the slugs of its part and task, `o` its options in order, `a` the picked ones,
// `r` whether that is right, `f` whether it is flagged, `s` whether its answer was shown.
(function () {
  "use strict";
  var FORMAT = "mock-exam rounds 1";

  function texts(list) { return Array.isArray(list) && list.every(function (one) { return typeof one === "string"; }); }
  function sound(round) {
    return !!round && typeof round.id === "number" && typeof round.exam === "string" && Array.isArray(round.cards) && round.cards.length > 0 &&
      round.cards.every(function (one) { return one && typeof one.k === "string" && typeof one.p === "string" && texts(one.a) && (!one.o || texts(one.o)); });
  }

  window.deckRounds = function (name) {
    var place = "deck-exam: " + name, kept = { open: null, done: [] };
    function keep() {   // whether it is kept beyond this page
      try { localStorage.setItem(place, JSON.stringify(kept)); return true; } catch (e) { return false; }
    }
    (function recall() {
      var found = null;
      try { found = JSON.parse(localStorage.getItem(place)); } catch (e) { /* nothing is kept */ }
      if (!found || !Array.isArray(found.done)) { return; }
      kept.done = found.done.filter(sound);
      kept.open = sound(found.open) ? found.open : null;
    })();

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
    return {
      kept: kept, keep: keep, history: history,
      text: function () { return JSON.stringify({ format: FORMAT, deck: name, rounds: kept.done }); },
      // Adds the rounds of an exported text that are not here yet. Returns how many, or -1 if it is no such text.
      merge: function (text) {
        var found = null, known = kept.done.map(function (round) { return round.id; });
        try { found = JSON.parse(text); } catch (e) { /* no JSON */ }
        if (!found || found.format !== FORMAT || !Array.isArray(found.rounds) || !found.rounds.every(sound)) { return -1; }
        var fresh = found.rounds.filter(function (round) { return round.done && known.indexOf(round.id) < 0; });
        kept.done = kept.done.concat(fresh).sort(function (a, b) { return a.done - b.done; });
        keep();
        return fresh.length;
      },
      clear: function () {
        kept.open = null;
        kept.done = [];
        try { localStorage.removeItem(place); } catch (e) { /* nothing was kept */ }
      }
    };
  };
})();
