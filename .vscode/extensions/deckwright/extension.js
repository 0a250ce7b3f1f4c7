// The language server of build.py in VS Code: starts it, sends what is typed, shows what it answers.
// No packages, nothing to build.
"use strict";

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const CARDS = { language: "markdown", scheme: "file" };
let server;

/** JSON-RPC over the pipes of a process (Language Server Protocol 3.17, "Base Protocol"). */
class Server {
  constructor(command, parameters, folder, onMessage, onEnd) {
    this.onMessage = onMessage;
    this.number = 0;
    this.waiting = new Map();
    this.received = Buffer.alloc(0);
    this.process = spawn(command, parameters, { cwd: folder });
    this.process.stdout.on("data", (data) => this.receive(data));
    this.process.stdin.on("error", () => {});
    let errors = "";
    this.process.stderr.on("data", (data) => (errors = (errors + data).slice(-2000)));
    this.process.on("error", (error) => onEnd(error.message));
    this.process.on("exit", (code) => onEnd(code ? errors || `it ended with ${code}` : ""));
  }

  receive(data) {
    this.received = Buffer.concat([this.received, data]);
    for (;;) {
      const end = this.received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.toString("ascii", 0, end))[1]);
      if (this.received.length < end + 4 + length) return;
      const message = JSON.parse(this.received.toString("utf8", end + 4, end + 4 + length));
      this.received = this.received.subarray(end + 4 + length);
      if (message.method) {
        this.onMessage(message.method, message.params);
        if (message.id !== undefined) this.send({ id: message.id, result: null });
      } else {
        this.waiting.get(message.id)?.(message.result ?? null);
        this.waiting.delete(message.id);
      }
    }
  }

  send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    const header = Buffer.from(`Content-Length: ${body.length}\r\n\r\n`);
    if (this.process.stdin.writable) this.process.stdin.write(Buffer.concat([header, body]));
  }

  notify(method, params) {
    this.send({ method, params });
  }

  /** Sends a request; returns a promise of the result, or of null if there is none. */
  request(method, params, token) {
    const id = ++this.number;
    this.send({ id, method, params });
    token?.onCancellationRequested(() => this.notify("$/cancelRequest", { id }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}

const identifier = (document) => ({ uri: document.uri.toString() });
const position = (p) => new vscode.Position(p.line, p.character);
const range = (r) => new vscode.Range(position(r.start), position(r.end));
const location = (l) => new vscode.Location(vscode.Uri.parse(l.uri), range(l.range));
const at = (document, { line, character }) => ({ textDocument: identifier(document), position: { line, character } });

function diagnostic(d) {
  const out = new vscode.Diagnostic(range(d.range), d.message, d.severity - 1);
  out.code = d.code;
  out.source = d.source;
  const related = (r) => new vscode.DiagnosticRelatedInformation(location(r.location), r.message);
  out.relatedInformation = d.relatedInformation?.map(related);
  return out;
}

function completion(item) {
  const out = new vscode.CompletionItem(item.label, item.kind - 1);
  out.range = range(item.textEdit.range);
  out.insertText = item.textEdit.newText;
  out.sortText = item.sortText;
  out.filterText = item.filterText;
  out.detail = item.detail;
  out.documentation = new vscode.MarkdownString(item.documentation.value);
  // After a key its values come next.
  if (item.textEdit.newText.endsWith(": ")) out.command = { command: "editor.action.triggerSuggest", title: "Values" };
  return out;
}

function activate(context) {
  const folders = vscode.workspace.workspaceFolders?.map((f) => f.uri.fsPath);
  const folder = folders?.find((path) => existsSync(join(path, "build.py")));
  if (!folder) return;
  const log = vscode.window.createOutputChannel("Cards");
  const diagnostics = vscode.languages.createDiagnosticCollection("deckwright");
  const python = ["bin/python", "Scripts/python.exe"].map((path) => join(folder, ".venv", path)).find(existsSync);
  const parameters = vscode.workspace.getConfiguration("deckwright").get("arguments", []);
  // The server asks for the folders of a project's files to be watched.
  const changedOnDisk = (uri) =>
    server.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: uri.toString(), type: 2 }] });
  const watch = ({ globPattern }) => {
    const watcher = vscode.workspace.createFileSystemWatcher(globPattern);
    context.subscriptions.push(
      watcher,
      watcher.onDidCreate(changedOnDisk),
      watcher.onDidChange(changedOnDisk),
      watcher.onDidDelete(changedOnDisk),
    );
  };
  const handlers = {
    "textDocument/publishDiagnostics": (params) =>
      diagnostics.set(vscode.Uri.parse(params.uri), params.diagnostics.map(diagnostic)),
    "window/showMessage": (params) => vscode.window.showErrorMessage(params.message),
    "window/logMessage": (params) => log.appendLine(params.message),
    "client/registerCapability": (params) =>
      params.registrations.flatMap((r) => r.registerOptions.watchers).forEach(watch),
  };
  const ended = (why) => {
    diagnostics.clear();
    if (why) vscode.window.showErrorMessage(`The language server of build.py has ended: ${why}`);
  };
  const onMessage = (method, params) => handlers[method]?.(params);
  server = new Server(python ?? "python3", ["build.py", ...parameters, "lsp"], folder, onMessage, ended);

  const capabilities = {
    workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
    textDocument: {
      publishDiagnostics: { relatedInformation: true },
      hover: { contentFormat: ["markdown"] },
      codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
    },
  };
  const rootUri = vscode.Uri.file(folder).toString();
  server.request("initialize", { processId: process.pid, rootUri, capabilities });
  server.notify("initialized", {});

  const isMarkdown = (document) => vscode.languages.match(CARDS, document) > 0;
  const opened = (document) => {
    if (!isMarkdown(document)) return;
    const { version } = document;
    const textDocument = { ...identifier(document), languageId: "markdown", version, text: document.getText() };
    server.notify("textDocument/didOpen", { textDocument });
  };
  const changed = ({ document, contentChanges }) => {
    if (!isMarkdown(document) || contentChanges.length === 0) return;
    server.notify("textDocument/didChange", {
      textDocument: { ...identifier(document), version: document.version },
      contentChanges: [{ text: document.getText() }],
    });
  };
  const closed = (document) =>
    isMarkdown(document) && server.notify("textDocument/didClose", { textDocument: identifier(document) });
  vscode.workspace.textDocuments.forEach(opened);

  context.subscriptions.push(
    log,
    diagnostics,
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.workspace.onDidChangeTextDocument(changed),
    vscode.workspace.onDidCloseTextDocument(closed),
    vscode.languages.registerCompletionItemProvider(
      CARDS,
      {
        async provideCompletionItems(document, position, token) {
          const found = await server.request("textDocument/completion", at(document, position), token);
          return found && new vscode.CompletionList(found.items.map(completion), found.isIncomplete);
        },
      },
      " ",
      ":",
      "-",
    ),
    vscode.languages.registerHoverProvider(CARDS, {
      async provideHover(document, position, token) {
        const found = await server.request("textDocument/hover", at(document, position), token);
        return found && new vscode.Hover(new vscode.MarkdownString(found.contents.value), range(found.range));
      },
    }),
    vscode.languages.registerDefinitionProvider(CARDS, {
      async provideDefinition(document, position, token) {
        const found = await server.request("textDocument/definition", at(document, position), token);
        return found && location(found);
      },
    }),
    vscode.languages.registerCodeActionsProvider(
      CARDS,
      {
        async provideCodeActions(document, where, context, token) {
          const asked = {
            textDocument: identifier(document),
            range: { start: where.start, end: where.end },
            context: { diagnostics: [] },
          };
          return (await server.request("textDocument/codeAction", asked, token))?.map((found) => {
            const out = new vscode.CodeAction(found.title, vscode.CodeActionKind.QuickFix);
            const isFixed = (d) => found.diagnostics.some((f) => f.code === d.code && f.message === d.message);
            out.diagnostics = context.diagnostics.filter(isFixed);
            out.isPreferred = found.isPreferred;
            out.edit = new vscode.WorkspaceEdit();
            for (const edit of Object.values(found.edit.changes).flat()) {
              out.edit.replace(document.uri, range(edit.range), edit.newText);
            }
            return out;
          });
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
    vscode.languages.registerDocumentFormattingEditProvider(CARDS, {
      async provideDocumentFormattingEdits(document, options, token) {
        const asked = { textDocument: identifier(document), options };
        const found = await server.request("textDocument/formatting", asked, token);
        return found?.map((edit) => vscode.TextEdit.replace(range(edit.range), edit.newText));
      },
    }),
  );
}

async function deactivate() {
  await server?.request("shutdown");
  server?.notify("exit");
}

module.exports = { activate, deactivate };
