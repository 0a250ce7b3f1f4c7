// The learner's progress, from the answers that this browser keeps: by topic, task, and domain on the outline, by domain on the first page. Without answers, nothing.
(function () {
  "use strict";
  var store = window.deckRounds(document.querySelector("[data-deck]").dataset.deck), answers = store.answers(), Q = window.deckQuestion, R = window.deckResults, say = window.deckSay;
  if (!Object.keys(answers).length) { return; }
  window.deckLoad("practice/deck", function () {
    var deck = window.deckPractice, box = document.querySelector(".progress"), weak, link, last, among;
    if (!deck) { return; }
    document.querySelector(".counting").hidden = !deck.facets.some(function (facet) { return facet.name === "task"; });
    ["topic", "task", "domain"].forEach(function (name) {
      var heads = document.querySelectorAll("[data-" + name + "]");
      R.byFacet(deck, name, heads.length ? answers : {}).forEach(function (row) {
        heads.forEach(function (head) {
          if (head.dataset[name] !== row.slug || (name === "topic" && !row.all)) { return; }
          link = head.appendChild(Q.make(row.all || name === "domain" ? "span" : "a", name === "topic" ? say("topic-progress", row) : row.all ? say("n-correct", row) : say("never-practiced"), "done"));
          among = row.all + (name === "topic" ? row.fresh : 0);   // the bar of a topic is for all its cards
          link.style.setProperty("--share", R.percent(row.right, among) + "%");
          link.style.setProperty("--answered", R.percent(row.all, among) + "%");
          if (!row.all) { link.href = row.link + "&start"; }
        });
      });
    });
    if (!box) { return; }
    R.bars(box.querySelector("table"), "", R.ofExam(deck, "domain", answers), 0);
    weak = R.weakest(R.ofExam(deck, "task", answers));
    link = box.querySelector(".weakest a");
    link.parentNode.hidden = !weak;
    if (weak) {
      link.textContent = say("weakest-is", weak);
      link.href = weak.link + "&start=10";
    }
    last = document.querySelector(".mock") && store.kept.done[store.kept.done.length - 1];
    if (last) {
      link = box.querySelector(".last a");
      link.parentNode.hidden = false;
      link.textContent = say("last-exam", { result: R.summary(last) });
      link.href = "exam.html#round=" + last.id;
    }
    box.hidden = false;
  });
})();
