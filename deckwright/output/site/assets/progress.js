// The learner's progress, from the answers that this browser keeps: by topic, task, domain, and part on the outline, by domain on the first page, and what to practice next. Without answers, only a link to an open mock exam.
(function () {
  "use strict";
  var store = window.deckRounds(document.querySelector("[data-deck]").dataset.deck), answers = store.answers(), Q = window.deckQuestion, R = window.deckResults, say = window.deckSay;
  if (!Object.keys(answers).length && !(store.kept.open && document.querySelector(".mock"))) { return; }
  window.deckLoad("practice/deck", function () {
    var deck = window.deckPractice, box = document.querySelector(".progress"), topics, link, last;
    if (!deck) { return; }
    document.querySelector(".counting").hidden = !deck.facets.some(function (facet) { return facet.name === "task"; });
    ["topic", "task", "domain", "part"].forEach(function (name) {
      var heads = document.querySelectorAll("[data-" + name + "]");
      R.byFacet(deck, name, heads.length ? answers : {}).forEach(function (row) {
        heads.forEach(function (head) {
          if (head.dataset[name] !== row.slug || (name === "topic" && !row.all)) { return; }
          row.n = row.all + row.fresh;
          link = head.appendChild(Q.make(row.all || name !== "task" ? "span" : "a", name === "topic" ? say("topic-progress", row) : row.all ? say("n-seen", row) : say("never-practiced"), "done"));
          link.style.setProperty("--share", (row.right && Math.max(3, R.percent(row.right, row.n))) + "%");
          link.style.setProperty("--answered", (row.all && Math.max(row.right ? 5 : 3, R.percent(row.all, row.n))) + "%");
          if (!row.all) { link.href = row.link + "&start"; }
        });
      });
    });
    topics = R.byFacet(deck, "topic", answers);
    R.lead(document.querySelector(".weakest"), R.weakestOf(deck, answers));
    if (!box) { return R.lead(document.querySelector(".unseen"), topics.filter(function (row) { return !row.all; })[0]); }
    R.bars(box.querySelector("table"), "", R.ofExam(deck, "domain", answers), 0);
    last = document.querySelector(".mock") && (store.kept.open || store.kept.done[store.kept.done.length - 1]);
    if (last) {
      link = box.querySelector(".last a");
      link.parentNode.hidden = false;
      link.textContent = last.done ? say("last-exam", { result: R.summary(last) }) : say("continue-exam");
      link.href = "exam.html" + (last.done ? "#round=" + last.id : "");
    }
    box.hidden = false;
  });
})();
