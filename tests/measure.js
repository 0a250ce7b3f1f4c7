// Looks at the side of a card that stands in #qa, as a reader would, and says what hurts: {findings, height, math}.
// Sizes are CSS pixels. Contrast is that of WCAG 2: (L1 + .05) / (L2 + .05) of relative luminances, text over all grounds below it.
window.measure = function () {
  "use strict";
  var page = document.documentElement, root = document.getElementById("qa"), width = page.clientWidth, findings = new Set();

  function say(kind, node, words) {
    findings.add(kind + ": " + name(node) + (words ? " " + words : ""));
  }
  function name(node) {
    return node.tagName.toLowerCase() + (node.id ? "#" + node.id : "") + Array.from(node.classList).map(function (c) { return "." + c; }).join("");
  }
  function visible(node) {
    return node.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  }
  function color(text) {          // [r, g, b, a], the first three from 0 to 255
    var parts = (text.match(/[\d.]+%?/g) || []).map(parseFloat);
    if (/^color\(srgb/.test(text)) { parts = parts.map(function (p, i) { return i < 3 ? p * 255 : p; }); }
    return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
  }
  function over(top, under) {
    return [0, 1, 2].map(function (i) { return top[i] * top[3] + under[i] * (1 - top[3]); }).concat(1);
  }
  function ground(node) {         // what lies behind the text of an element
    var layers = [];
    for (var at = node; at; at = at.parentElement) { layers.unshift(color(getComputedStyle(at).backgroundColor)); }
    return layers.reduce(function (under, layer) { return over(layer, under); }, [255, 255, 255, 1]);
  }
  function luminance(c) {
    var linear = c.slice(0, 3).map(function (v) { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }
  function read(node, style, words, under) {
    var size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700, inMath = node.closest("mjx-container");
    if (size < 12 && !inMath && !node.closest("sub, sup")) { say("text under 12 px", node, size + " px: " + words); }
    var ink = luminance(over(color(style.color), under)), paper = luminance(under);
    var ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    var needed = size >= 24 || (size >= 18.66 && bold) ? 3 : 4.5;
    if (ratio < needed) { say("contrast", node, ratio.toFixed(2) + ":1 of " + needed + ": " + words); }
  }

  var walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), text = "";
  while (walker.nextNode()) {
    var words = walker.currentNode.nodeValue.replace(/\s+/g, " ").trim(), holder = walker.currentNode.parentElement;
    if (!words || holder.closest("script, style, mjx-assistive-mml") || !visible(holder)) { continue; }
    read(holder, getComputedStyle(holder), words.slice(0, 40), ground(holder));
    if (!holder.closest("code, mjx-container")) { text += words + "\n"; }
  }
  if (!text) { findings.add("empty: no text"); }
  (text.match(/\\[(\[]|\$\$|\{\{|\}\}|\*\*|`|\]\(http/g) || []).forEach(function (rest) { findings.add("markup left: " + rest); });

  var all = Array.from(root.querySelectorAll("*")).filter(function (node) { return !node.closest("script, style") && visible(node); });
  all.forEach(function (node) {
    var style = getComputedStyle(node), box = node.getBoundingClientRect();
    if (!node.closest("mjx-container")) {
      ["::before", "::after"].forEach(function (part) {
        var own = getComputedStyle(node, part);
        if (/^"[^"]*[^\s"]/.test(own.content) || /counter/.test(own.content)) {
          read(node, own, part + " " + own.content, over(color(own.backgroundColor), ground(node)));
        }
      });
    }
    if (node.closest("mjx-assistive-mml")) { return; }
    if (/auto|scroll/.test(style.overflowX)) {
      if (node.scrollWidth > node.clientWidth + 1) {
        say("scrolls sideways", node, "by " + (node.scrollWidth - node.clientWidth) + " px");
        if (!/local/.test(style.backgroundAttachment)) { say("cut without a shadow", node); }
      }
    } else if (box.width && (box.right > width + 1 || box.left < -1) && !node.parentElement.closest(".tbl, pre, .math, .picture")) {
      say("overflow", node, "by " + Math.round(Math.max(box.right - width, -box.left)) + " px");
    }
    if (node.matches("a[href], button, summary, [onclick]") && box.height < 43.5 && !inSentence(node)) {
      say("small target", node, Math.round(box.width) + " x " + Math.round(box.height));
    }
    if (node.classList.contains("card")) { say("class card", node, "(AnkiDroid looks for it)"); }
    if (node.id && document.querySelectorAll("#" + CSS.escape(node.id)).length > 1) { say("id twice", node); }
  });
  function inSentence(node) {     // a link within a line of words may be as small as they are
    var around = (node.parentElement.textContent || "").length - node.textContent.length;
    return getComputedStyle(node).display === "inline" && around > 12;
  }
  if (page.scrollWidth > width) { findings.add("overflow: the page, by " + (page.scrollWidth - width) + " px"); }

  root.querySelectorAll("img").forEach(function (picture) {
    if (!(picture.getAttribute("alt") || "").trim()) { say("no alt text", picture, picture.getAttribute("src")); }
    if (!picture.complete || !picture.naturalWidth) { say("picture not shown", picture, picture.getAttribute("src")); }
  });
  root.querySelectorAll("table").forEach(function (table) { if (!table.querySelector("th")) { say("no header", table); } });
  root.querySelectorAll("mjx-merror, [data-mjx-error]").forEach(function (error) {
    findings.add("math: " + (error.getAttribute("data-mjx-error") || error.textContent));
  });
  root.querySelectorAll("mjx-mtext").forEach(function (part) {      // Anki shows a macro that it does not know in red
    if (getComputedStyle(part).color === "rgb(255, 0, 0)") { findings.add("math: unknown macro"); }
  });
  return {
    findings: Array.from(findings),
    height: Math.ceil(root.getBoundingClientRect().bottom + window.scrollY),
    math: root.querySelectorAll("mjx-container").length
  };
};

// For the apps that keep one page: shows a side through Anki's own reviewer, and waits until it stands, pictures and math too.
window.show = async function (side, markup, bodyClass) {
  if (side === "front") { _showQuestion(markup, "", bodyClass); } else { _showAnswer(markup, bodyClass); }
  await new Promise(function (done) { _queueAction(done); });
  await window.settled();
};
window.settled = async function () {
  await document.fonts.ready;
  await Promise.all(Array.from(document.images).map(function (picture) { return picture.decode().catch(function () {}); }));
};

// Both sides of a card in each of some body classes: [{side, body, findings, height, math}].
window.look = async function (sides, bodies) {
  var out = [];
  for (var side of Object.keys(sides)) {
    await window.show(side, sides[side], bodies[0]);
    for (var body of bodies) {
      document.body.className = body;
      document.documentElement.classList.toggle("night-mode", /night/i.test(body));
      out.push(Object.assign({ side: side, body: body }, window.measure()));
    }
  }
  return out;
};
