// The language server of build.py in VS Code: starts it, tells it what is typed, shows what it says. No packages, nothing to build.
"use strict";

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const CARDS = { language: "markdown", scheme: "file" };
let server;

/** JSON-RPC over the pipes of a process (Language Server Protocol 3.17, "Base Protocol"). */
class Server {
  constructor(command, parameters, folder, hear, ended) {
    this.hear = hear;
    this.number = 0;
    this.waiting = new Map();
    this.heard = Buffer.alloc(0);
    this.process = spawn(command, parameters, { cwd: folder });
    this.process.stdout.on("data", (data) => this.take(data));
    this.process.stdin.on("error", () => {});
    let said = "";
    this.process.stderr.on("data", (data) => (said = (said + data).slice(-2000)));
    this.process.on("error", (error) => ended(error.message));
    this.process.on("exit", (code) => ended(code ? said || `it ended with ${code}` : ""));
  }

  take(data) {
    this.heard = Buffer.concat([this.heard, data]);
    for (;;) {
      const end = this.heard.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.heard.toString("ascii", 0, end))[1]);
      if (this.heard.length < end + 4 + length) return;
      const message = JSON.parse(this.heard.toString("utf8", end + 4, end + 4 + length));
      this.heard = this.heard.subarray(end + 4 + length);
      if (message.method) {
        this.hear(message.method, message.params);
        if (message.id !== undefined) this.send({ id: message.id, result: null });
      } else {
        this.waiting.get(message.id)?.(message.result ?? null);
        this.waiting.delete(message.id);
      }
    }
  }

  send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    if (this.process.stdin.writable) this.process.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  notify(method, params) {
    this.send({ method, params });
  }

  /** The result, or null where there is none. */
  ask(method, params, token) {
    const id = ++this.number;
    this.send({ id, method, params });
    token?.onCancellationRequested(() => this.notify("$/cancelRequest", { id }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}

const name = (document) => ({ uri: document.uri.toString() });
const place = (p) => new vscode.Position(p.line, p.character);
const range = (r) => new vscode.Range(place(r.start), place(r.end));
const location = (l) => new vscode.Location(vscode.Uri.parse(l.uri), range(l.range));
const at = (document, position) => ({ textDocument: name(document), position: { line: position.line, character: position.character } });

function complaint(d) {
  const out = new vscode.Diagnostic(range(d.range), d.message, d.severity - 1);
  out.code = d.code;
  out.source = d.source;
  out.relatedInformation = d.relatedInformation?.map((r) => new vscode.DiagnosticRelatedInformation(location(r.location), r.message));
  return out;
}

function completion(item) {
  const out = new vscode.CompletionItem(item.label, item.kind - 1);
  out.range = range(item.textEdit.range);
  out.insertText = item.textEdit.newText;
  out.sortText = item.sortText;
  out.filterText = item.filterText;
  out.detail = item.detail;
  out.documentation = item.documentation;
  // After a key its values are the next thing to ask for.
  if (item.textEdit.newText.endsWith(": ")) out.command = { command: "editor.action.triggerSuggest", title: "Values" };
  return out;
}

function activate(context) {
  const folder = vscode.workspace.workspaceFolders?.map((f) => f.uri.fsPath).find((path) => existsSync(join(path, "build.py")));
  if (!folder) return;
  const log = vscode.window.createOutputChannel("Cards");
  const complaints = vscode.languages.createDiagnosticCollection("deckwright");
  const own = ["bin/python", "Scripts/python.exe"].map((path) => join(folder, ".venv", path)).find(existsSync);
  const parameters = vscode.workspace.getConfiguration("deckwright").get("arguments", []);
  const hear = (method, params) => {
    if (method === "textDocument/publishDiagnostics") complaints.set(vscode.Uri.parse(params.uri), params.diagnostics.map(complaint));
    else if (method === "window/showMessage") vscode.window.showErrorMessage(params.message);
    else if (method === "window/logMessage") log.appendLine(params.message);
    else if (method === "client/registerCapability") params.registrations.flatMap((r) => r.registerOptions.watchers).forEach(watch);
    else if (method === "client/unregisterCapability") watchers.splice(0).forEach((watcher) => watcher.dispose());
  };
  // The server knows where the cards of a project lie.
  const watchers = [];
  const seen = (uri) => server.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: uri.toString(), type: 2 }] });
  const watch = ({ globPattern: { baseUri, pattern } }) => {
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.parse(baseUri), pattern));
    watchers.push(watcher, watcher.onDidCreate(seen), watcher.onDidChange(seen), watcher.onDidDelete(seen));
  };
  const ended = (why) => {
    complaints.clear();
    if (why) vscode.window.showErrorMessage(`The language server of build.py has ended: ${why}`);
  };
  server = new Server(own ?? "python3", ["build.py", ...parameters, "lsp"], folder, hear, ended);

  const capabilities = {
    workspace: { didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true } },
    textDocument: {
      publishDiagnostics: { relatedInformation: true },
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      hover: { contentFormat: ["markdown"] },
      codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
    },
  };
  server.ask("initialize", { processId: process.pid, rootUri: vscode.Uri.file(folder).toString(), capabilities });
  server.notify("initialized", {});

  const mine = (document) => vscode.languages.match(CARDS, document) > 0;
  const open = (d) =>
    mine(d) && server.notify("textDocument/didOpen", { textDocument: { ...name(d), languageId: "markdown", version: d.version, text: d.getText() } });
  const changed = ({ document, contentChanges }) =>
    mine(document) &&
    contentChanges.length > 0 &&
    server.notify("textDocument/didChange", {
      textDocument: { ...name(document), version: document.version },
      contentChanges: contentChanges.map(({ range, text }) => ({ range: { start: range.start, end: range.end }, text })),
    });
  vscode.workspace.textDocuments.forEach(open);

  context.subscriptions.push(
    log,
    complaints,
    { dispose: () => watchers.forEach((watcher) => watcher.dispose()) },
    vscode.workspace.onDidOpenTextDocument(open),
    vscode.workspace.onDidChangeTextDocument(changed),
    vscode.workspace.onDidCloseTextDocument((d) => mine(d) && server.notify("textDocument/didClose", { textDocument: name(d) })),
    vscode.languages.registerCompletionItemProvider(
      CARDS,
      {
        async provideCompletionItems(document, position, token) {
          const found = await server.ask("textDocument/completion", at(document, position), token);
          return found && new vscode.CompletionList((found.items ?? found).map(completion), found.isIncomplete ?? false);
        },
      },
      " ",
      ":",
      "-",
    ),
    vscode.languages.registerHoverProvider(CARDS, {
      async provideHover(document, position, token) {
        const found = await server.ask("textDocument/hover", at(document, position), token);
        return found && new vscode.Hover(new vscode.MarkdownString(found.contents.value), range(found.range));
      },
    }),
    vscode.languages.registerDefinitionProvider(CARDS, {
      async provideDefinition(document, position, token) {
        const found = await server.ask("textDocument/definition", at(document, position), token);
        return found && location(found);
      },
    }),
    vscode.languages.registerDocumentSymbolProvider(CARDS, {
      async provideDocumentSymbols(document, token) {
        const found = await server.ask("textDocument/documentSymbol", { textDocument: name(document) }, token);
        return found?.map((s) => new vscode.DocumentSymbol(s.name, s.detail, s.kind - 1, range(s.range), range(s.selectionRange)));
      },
    }),
    vscode.languages.registerCodeActionsProvider(
      CARDS,
      {
        async provideCodeActions(document, where, context, token) {
          const asked = { textDocument: name(document), range: { start: where.start, end: where.end }, context: { diagnostics: [] } };
          return (await server.ask("textDocument/codeAction", asked, token))?.map((found) => {
            const out = new vscode.CodeAction(found.title, vscode.CodeActionKind.QuickFix);
            out.diagnostics = context.diagnostics.filter((d) => found.diagnostics.some((f) => f.code === d.code && f.message === d.message));
            out.isPreferred = found.isPreferred;
            out.edit = new vscode.WorkspaceEdit();
            for (const edit of Object.values(found.edit.changes).flat()) out.edit.replace(document.uri, range(edit.range), edit.newText);
            return out;
          });
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
    vscode.languages.registerDocumentFormattingEditProvider(CARDS, {
      async provideDocumentFormattingEdits(document, options, token) {
        const found = await server.ask("textDocument/formatting", { textDocument: name(document), options }, token);
        return found?.map((edit) => vscode.TextEdit.replace(range(edit.range), edit.newText));
      },
    }),
  );
}

async function deactivate() {
  await server?.ask("shutdown");
  server?.notify("exit");
}

module.exports = { activate, deactivate };
