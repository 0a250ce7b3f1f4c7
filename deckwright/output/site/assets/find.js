// Finds cards by words. `deckFind(cards)` returns a function from a query to a score for each card, 0 if it does not match.
// A card is a list of texts, from the most telling to the least. Case, accents, and the endings of words don't matter.
(function () {
  "use strict";
  var WEIGHTS = [4, 3, 1.2, 1];   // of a word in each text of a card
  var ENOUGH = 0.6;               // the share of a query's weight that a card must have
  var STOP = set("a an and are as at be between by can difference do does for from get has have how i if in into is it its me my of on or" +
    " our should so than that the their them then there they this to use versus vs was we were what when where which who why will with" +
    " would you your");
  var SAME = ["cost price pricing bill billing charge pay", "limit limits quota maximum max most"].map(function (group) { return group.split(" "); });
  var LONG = /(?:at(?:es?|ed|ing|ions?)|ments?)$/, ENDING = /(?:ions?|ings?|ies|ied|ed|es|ly|[esy])$/;

  function set(list) { return new Set(list.split(" ")); }
  // Marks and letters with them are the same; so are the ways to write a dash, an apostrophe, and a quotation mark.
  function plain(text) {
    var low = text.toLowerCase();
    return /^[\x00-\x7f]*$/.test(low) ? low : low.normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
      .replace(/[\u2010-\u2015]/g, "-").replace(/[\u2018\u2019]/g, "'").replace(/[\u201c-\u201f]/g, '"');
  }
  function words(text) { return text.match(/[a-z0-9]+(?:'s\b)?|[^\x00-\x7f]+/g) || []; }
  // A stem is a beginning of its word, so that what was found can be marked.
  function stem(word) {
    var cut = word.replace(/'s$/, "");
    if (cut.length < 4 || /\d|ss$/.test(cut)) { return cut; }
    var short = cut.replace(LONG, "");
    if (short === cut || short.length < 4) { short = cut.replace(ENDING, ""); }
    return short.length < 3 ? cut : short.replace(/([^aeiouls])\1$/, "$1");
  }

  // The words of a query that count, and its phrases in quotation marks; the last mark may still be missing.
  function understood(query) {
    var text = plain(query), phrases = text.split('"').filter(function (part, place) { return place % 2 && part.trim(); });
    var all = words(text), telling = all.filter(function (word) { return !STOP.has(word); }), seen = new Set();
    var terms = (telling.length ? telling : all).filter(function (word) { return !seen.has(stem(word)) && seen.add(stem(word)); });
    return {
      text: text.trim(), phrases: phrases.map(function (part) { return part.trim().replace(/\s+/g, " "); }),
      terms: terms.map(function (word) {
        var same = SAME.filter(function (group) { return group.indexOf(word) >= 0; })[0] || [];
        return { word: word, stem: stem(word), same: new Set(same.map(stem)) };
      })
    };
  }

  // For each stem the numbers of the cards that have it, and its weight in each.
  function index(cards) {
    var numbers = new Map(), known = new Map(), stems = [], places = [], weights = [];
    function number(word) {
      var found = known.get(word), cut;
      if (found === undefined) {
        cut = stem(word);
        found = numbers.get(cut);
        if (found === undefined) { found = stems.push(cut) - 1; numbers.set(cut, found); places.push([]); weights.push([]); }
        known.set(word, found);
      }
      return found;
    }
    cards.forEach(function (texts, card) {
      texts.forEach(function (text, part) {
        words(text).forEach(function (word) {
          var at = number(word), list = places[at];
          if (list[list.length - 1] !== card) { list.push(card); weights[at].push(WEIGHTS[part]); }
        });
      });
    });
    return { stems: stems, places: places, weights: weights };
  }

  // Whether two words differ by one letter that is missing, added, other, or has changed places with the next one.
  function close(one, other) {
    var from = 0, by = one.length - other.length;
    if (by < -1 || by > 1) { return false; }
    while (from < one.length && one[from] === other[from]) { from++; }
    var rest = one.slice(from), its = other.slice(from);
    return by ? (by > 0 ? rest.slice(1) === its : rest === its.slice(1))
      : rest.slice(1) === its.slice(1) || (rest[0] === its[1] && rest[1] === its[0] && rest.slice(2) === its.slice(2));
  }
  // The stems that a word may mean if no card has it, because it was mistyped.
  function meant(term, made) {
    if (term.stem.length < 4 || made.stems.some(function (found) { return found.indexOf(term.stem) >= 0; })) { return []; }
    return made.stems.filter(function (found) { return found[0] === term.stem[0] && (close(term.stem, found) || close(term.word, found)); });
  }

  // How well each card has a term: as a word, as a beginning of one, as a word of the same meaning, or inside of one.
  function rated(term, made, size) {
    var best = new Float64Array(size);
    made.stems.forEach(function (found, number) {
      var how = found === term.stem ? 1 : term.same.has(found) ? 0.6 : term.meant.indexOf(found) >= 0 ? 0.5
        : found.startsWith(term.word) || (term.stem.length > 3 && found.startsWith(term.stem)) ? 0.6
        : term.stem.length > 2 && found.indexOf(term.stem) > 0 ? 0.3 : 0;
      if (how) {
        made.places[number].forEach(function (card, place) { best[card] = Math.max(best[card], how * made.weights[number][place]); });
      }
    });
    return best;
  }

  window.deckFind = function (cards) {
    var plains = cards.map(function (texts) { return texts.map(function (text) { return plain(text).replace(/\s+/g, " "); }); });
    var made = index(plains), size = cards.length;
    function read(query) {
      var asked = understood(query);
      asked.terms.forEach(function (term) { term.meant = meant(term, made); });
      return asked;
    }
    var find = function (query) {
      var asked = read(query), scores = new Float64Array(size), has = new Float64Array(size), total = 0;
      if (!asked.terms.length) { return scores.fill(asked.text ? 0 : 1); }
      asked.terms.forEach(function (term) {
        var best = rated(term, made, size), among = best.filter(Boolean).length, rare = Math.log(1 + size / (1 + among));
        total += rare;
        best.forEach(function (value, card) { if (value) { scores[card] += rare * value; has[card] += rare; } });
      });
      var pairs = asked.terms.slice(1).map(function (term, place) { return asked.terms[place].word + " " + term.word; }).concat(asked.phrases);
      scores.forEach(function (score, card) {
        if (!score) { return; }
        var share = has[card] / total, texts = plains[card];
        var said = asked.phrases.every(function (phrase) { return texts.some(function (text) { return text.indexOf(phrase) >= 0; }); });
        var together = pairs.filter(function (pair) { return texts[0].indexOf(pair) >= 0; }).length;
        scores[card] = said && share >= ENOUGH ? score * share * share * (1 + 0.3 * together) : 0;
      });
      return scores;
    };
    // What to mark in the texts that were found.
    find.pattern = function (query) {
      var terms = read(query).terms.map(function (term) {
        var stems = [term.stem].concat(Array.from(term.same), term.meant);
        return "\\b(?:" + stems.join("|") + ")[a-z0-9]*" + (term.stem.length > 2 ? "|" + term.stem : "");
      });
      return terms.length ? new RegExp("(" + terms.join("|") + ")", "i") : null;
    };
    // What mistyped words were taken for.
    find.near = function (query) {
      return read(query).terms.reduce(function (all, term) { return all.concat(term.meant); }, []);
    };
    return find;
  };
})();
