// Stands where WebView2's port stands in the chat's window, and answers as the adapter and the agent do.
(() => {
  const heard = [];
  window.said = [];
  const post = (message) => setTimeout(() => heard.forEach((hear) => hear({ data: JSON.stringify(message) })), 0);
  const answers = {
    'agent/model/list': { models: [{ route: 'mock', model: 'm', usedFor: ['chat'], provider: 'openai-compatible' }] },
    'agent/chat/start': { id: 'c1', route: 'mock', model: 'm' },
    'agent/chat/list': { chats: [] },
    'agent/edit/start': { id: 'e1' },
    'agent/chat/send': { route: 'mock', model: 'm', stopReason: 'end', usage: {} },
  };
  window.gone = () => post({ closed: 'the agent ended; it is started again' });
  window.chrome ??= {};
  window.chrome.webview = {
    addEventListener: (_, hear) => heard.push(hear),
    postMessage(text) {
      const { id, method, params, ready } = JSON.parse(text);
      if (ready) {
        // A question that waited comes before anybody can answer it, or after.
        post({ say: 'Explain @src/a.rs:1-2' });
        post({ opened: true });
        return;
      }
      said.push(method === 'agent/chat/send' ? params.text : method);
      if (method === 'agent/chat/send') post({ jsonrpc: '2.0', method: 'agent/chat/event', params: { id: 'c1', kind: 'delta', text: 'It **adds** up.' } });
      const happened = (kind, more) => post({ jsonrpc: '2.0', method: 'agent/edit/event', params: { id: 'e1', kind, ...more } });
      if (id !== undefined) post({ jsonrpc: '2.0', id, result: answers[method] ?? {} });
      if (method === 'agent/edit/start') {
        happened('context', { account: { kept: [], leftOut: [], tokens: 1, limit: 2, forgotten: 0 } });
        happened('progress', { received: 120 });
      }
    },
  };
})();
