// The library for LSP, a bundle of its own.

export * from 'vscode-languageclient/node';
