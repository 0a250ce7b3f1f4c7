// Draws cards, with a seed or without: the same seed and the same cards give the same draw. Nothing here touches the page.
(function () {
  "use strict";

  // Numbers from 0 to 1 (mulberry32).
  function random(seed) {
    var state = seed >>> 0;
    return function () {
      state = (state + 0x6D2B79F5) >>> 0;
      var mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }
  function seed() { return Math.floor(Math.random() * 4294967296); }
  function shuffled(list, next) {
    var out = list.slice();
    for (var i = out.length - 1; i > 0; i--) {
      var j = Math.floor(next() * (i + 1)), held = out[i];
      out[i] = out[j];
      out[j] = held;
    }
    return out;
  }
  // `count` by weights: whole numbers, the largest remainders rounded up.
  function shares(weights, count) {
    var all = weights.reduce(function (sum, one) { return sum + one; }, 0) || 1;
    var exact = weights.map(function (one) { return count * one / all; }), out = exact.map(Math.floor);
    var left = count - out.reduce(function (sum, one) { return sum + one; }, 0);
    exact.map(function (one, place) { return [one - out[place], place]; })
      .sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; })
      .slice(0, left).forEach(function (one) { out[one[1]]++; });
    return out;
  }
  // For a practice round: `pile(card)` is 0 for what comes first.
  function round(cards, pile, count, next) {
    var piles = shuffled(cards, next).map(function (card, place) { return [pile(card), place, card]; });
    piles.sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; });
    return shuffled(piles.slice(0, count).map(function (one) { return one[2]; }), next);
  }
  // A round of `count` cards by weight. A card of `pool` has `key`, `right` (how many options are right), `apart` (keys of cards that may give
  // it away), and `parts` (indexes in `weights`). `asked` says in which earlier round a card was last asked, from 1. Returns [card, part] in the
  // order to ask: fewer if the pool has no more that may be asked together. What was never asked comes first, then what was asked longest ago.
  function weighted(pool, weights, count, asked, next) {
    var room = shares(weights, count), taken = Object.create(null), barred = Object.create(null), out = [];
    var fit = pool.filter(function (card) { return card.parts.some(function (part) { return weights[part]; }); });
    var ranked = round(fit, function () { return 0; }, fit.length, next).map(function (card, place) { return [asked[card.key] || 0, place, card]; })
      .sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; }).map(function (one) { return one[2]; });
    var several = fit.filter(function (card) { return card.right > 1; }).length;
    function free(card) { return !taken[card.key] && !barred[card.key]; }
    function take(card, part) {
      taken[card.key] = true;
      card.apart.forEach(function (key) { barred[key] = true; });
      room[part]--;
      out.push([card, part]);
    }
    // Takes up to `most` cards for parts with room; of a card's parts, the one with the most room.
    function fill(most, wanted) {
      ranked.some(function (card) {
        if (most <= 0) { return true; }
        var part = card.parts.filter(function (one) { return room[one] > 0 && wanted(card, one); })
          .sort(function (a, b) { return room[b] - room[a]; })[0];
        if (part !== undefined && free(card)) { take(card, part); most--; }
        return false;
      });
      return most;
    }
    fill(Math.floor(count * several / (fit.length || 1) + next()), function (card) { return card.right > 1; });
    function supply(part) { return fit.filter(function (card) { return card.parts.indexOf(part) >= 0; }).length / (room[part] || 1); }
    var scarce = weights.map(function (one, part) { return part; }).sort(function (a, b) { return supply(a) - supply(b); });
    [1, Infinity].forEach(function (most) {   // those with one right option first
      scarce.forEach(function (part) { fill(room[part], function (card, one) { return one === part && card.right <= most; }); });
    });
    var left = count - out.length;            // a part has too few: then more of the others
    if (left) {
      room = weights.map(function (one) { return one ? left : 0; });
      fill(left, function () { return true; });
    }
    return shuffled(out, next);
  }

  window.deckDraw = { random: random, seed: seed, shuffled: shuffled, shares: shares, round: round, weighted: weighted };
})();
