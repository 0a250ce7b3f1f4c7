// The words of the site in its language, from decks/notetypes/words.toml: `deckSay(name, places)` fills what is in braces. The number `n`
// chooses between the texts `one` and `other`.
(function () {
  "use strict";
  var words = window.deckWords, rules;
  try { rules = new Intl.PluralRules(document.documentElement.lang); } catch (e) { rules = new Intl.PluralRules("en"); }   // no language
  function shown(value) { return typeof value === "number" ? String(value).replace(/\B(?=(?:\d{3})+$)/g, words.thousands) : value; }
  window.deckSay = function (name, places) {
    var word = words[name];
    if (word.other) { word = word[rules.select(places.n)] || word.other; }
    return word.replace(/\{(\w+)\}/g, function (whole, place) { return shown(places[place]); });
  };
})();
