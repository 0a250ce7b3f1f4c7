// A substitute for the API of VS Code, as far as .vscode/extensions/deckwright uses it, to run the
// extension and the server without an editor: node vscode.js EXTENSION FOLDER FILE. Prints what the
// user would see, as JSON.
"use strict";

const Module = require("node:module");
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL, fileURLToPath } = require("node:url");

const [extension, folder, path] = process.argv.slice(2);
const shown = { errors: [], diagnostics: new Map() };
const listeners = {};
const providers = {};
const watchers = [];
const event = (name) => (listener) => ((listeners[name] = listener), {});
const keep = (name) => (selector, provider, ...triggers) => ((providers[name] = { ...provider, triggers }), {});
const record = (...names) => function (...values) { names.forEach((name, n) => (this[name] = values[n])); };

class Uri {
  constructor(text) { this.text = text; }
  static parse(text) { return new Uri(text); }
  static file(file) { return new Uri(pathToFileURL(file).href); }
  get fsPath() { return fileURLToPath(this.text); }
  toString() { return this.text; }
}
const document = {
  uri: Uri.file(join(folder, path)),
  version: 1,
  text: readFileSync(join(folder, path), "utf8"),
  getText() { return this.text; },
};
const api = {
  Uri,
  Position: record("line", "character"),
  Range: record("start", "end"),
  Location: record("uri", "range"),
  Diagnostic: record("range", "message", "severity"),
  DiagnosticRelatedInformation: record("location", "message"),
  CompletionItem: record("label", "kind"),
  CompletionList: record("items", "isIncomplete"),
  Hover: record("contents", "range"),
  MarkdownString: record("value"),
  CodeAction: record("title", "kind"),
  CodeActionKind: { QuickFix: "quickfix" },
  WorkspaceEdit: class { constructor() { this.edits = []; } replace(uri, range, text) { this.edits.push({ range, text }); } },
  TextEdit: { replace: (range, text) => ({ range, text }) },
  workspace: {
    workspaceFolders: [{ uri: Uri.file(folder) }],
    textDocuments: [document],
    getConfiguration: () => ({ get: (name, otherwise) => otherwise }),
    createFileSystemWatcher: (pattern) => {
      const watcher = { pattern };
      watchers.push(watcher);
      const on = (name) => (listener) => ((watcher[name] = listener), { dispose() {} });
      return Object.assign(watcher, { onDidCreate: on("create"), onDidChange: on("change"), onDidDelete: on("delete") });
    },
    onDidOpenTextDocument: event("open"),
    onDidChangeTextDocument: event("edit"),
    onDidCloseTextDocument: event("close"),
  },
  window: {
    createOutputChannel: () => ({ appendLine() {} }),
    showErrorMessage: (text) => shown.errors.push(text),
  },
  languages: {
    createDiagnosticCollection: () => ({ set: (uri, found) => shown.diagnostics.set(uri.toString(), found), clear() {} }),
    match: () => 10,
    registerCompletionItemProvider: keep("completion"),
    registerHoverProvider: keep("hover"),
    registerDefinitionProvider: keep("definition"),
    registerDocumentFormattingEditProvider: keep("format"),
    registerCodeActionsProvider: keep("actions"),
  },
};
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? api : load(name, ...rest));

const here = () => shown.diagnostics.get(document.uri.toString());
async function until(test) {
  const end = Date.now() + 30_000;
  while (!test()) {
    if (Date.now() > end) throw new Error(`this did not become true: ${test}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
/** Writes a file as another program would, and notifies the watchers. */
function save(file, text) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
  for (const watcher of watchers) watcher.change(Uri.file(join(folder, file)));
}
/** Replaces a whole line. */
function type(line, text) {
  const old = document.text.split("\n");
  const range = { start: { line, character: 0 }, end: { line, character: old[line].length } };
  document.text = old.with ? old.with(line, text).join("\n") : [...old.slice(0, line), text, ...old.slice(line + 1)].join("\n");
  document.version += 1;
  listeners.edit({ document, contentChanges: [{ range, text }] });
}

async function main() {
  const { activate, deactivate } = require(extension);
  activate({ subscriptions: [] });
  await until(here);
  const line = document.text.split("\n").indexOf("- kind: concept");
  const out = { clean: here().length, triggers: providers.completion.triggers };
  type(line, "- kind: conecpt");
  await until(() => here().length > 0);
  out.diagnostic = here()[0];
  out.actions = await providers.actions.provideCodeActions(document, out.diagnostic.range, { diagnostics: here() });
  type(line, "- ki");
  out.keys = await providers.completion.provideCompletionItems(document, { line, character: 4 });
  type(line, "- kind:   concept");
  out.hover = await providers.hover.provideHover(document, { line, character: 3 });
  out.definition = await providers.definition.provideDefinition(document, { line: line + 1, character: 10 });
  out.edits = await providers.format.provideDocumentFormattingEdits(document, { tabSize: 4, insertSpaces: true });
  const many = Array.from({ length: 300 }, (_, n) => `## many-${n}\n\n- kind: concept\n- topic: voices\n\n${n}?\n\n---\n\n${n}.\n\n`);
  type(line, "- kind: concept");
  type(line + 1, `- compare: many-29\n${document.text.split("\n")[line + 1]}`);
  await until(() => here().some((d) => d.message.includes("many-29")));
  save("cards/services/polly/many.md", `# Amazon Polly\n\n${many.join("")}`);
  await until(() => here().every((d) => !d.message.includes("many-29")));
  out.cards = await providers.completion.provideCompletionItems(document, { line: line + 1, character: 18 });
  out.watched = watchers.map((watcher) => watcher.pattern);
  await deactivate();
  await new Promise((resolve) => setTimeout(resolve, 10));
  console.log(JSON.stringify({ ...out, errors: shown.errors }));
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
