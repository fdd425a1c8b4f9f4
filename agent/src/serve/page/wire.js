// JSON-RPC over a port: whatever carries texts both ways. The view knows this and no socket, so that an editor's web view can give it
// another port: { send(text), onmessage(text), onclose(reason) }, of which the view sets the last two.

/** What the other side answered in the place of a result. */
export class Fault extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.kind = data?.kind ?? null;
  }
}

export class Wire {
  #port;
  #next = 1;
  #asked = new Map();
  #heard = new Map();
  #answers = new Map();

  constructor(port) {
    this.#port = port;
    port.onmessage = (text) => this.#take(JSON.parse(text));
    port.onclose = (reason) => {
      const gone = new Fault({ code: 0, message: reason || 'The connection to nextline ended.' });
      for (const { reject } of this.#asked.values()) reject(gone);
      this.#asked.clear();
      this.onclose?.(gone);
    };
  }

  /** The result; an AbortSignal cancels it. */
  request(method, params = {}, signal = null) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => this.notify('$/cancelRequest', { id }), { once: true });
      this.#port.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  notify(method, params = {}) {
    this.#port.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** Hears a notification. */
  on(method, hear) {
    this.#heard.set(method, hear);
  }

  /** Answers a request of the other side; `answer` may take its time. */
  answer(method, answer) {
    this.#answers.set(method, answer);
  }

  async #take(message) {
    if (message.method === undefined) {
      const asked = this.#asked.get(message.id);
      this.#asked.delete(message.id);
      if (message.error) asked?.reject(new Fault(message.error));
      else asked?.resolve(message.result);
    } else if (message.id === undefined) {
      this.#heard.get(message.method)?.(message.params);
    } else {
      const answer = this.#answers.get(message.method);
      const reply = answer
        ? { result: (await answer(message.params)) ?? null }
        : { error: { code: -32601, message: `no such method: ${message.method}` } };
      this.#port.send(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...reply }));
    }
  }
}

/** A port over a WebSocket, once it is open. The token goes in a header, never in an address. */
export function socketPort(address, token) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, ['nextline', `token.${token}`]);
    const port = { send: (text) => socket.send(text), close: () => socket.close() };
    let open = false;
    socket.onopen = () => {
      open = true;
      resolve(port);
    };
    socket.onmessage = (event) => port.onmessage(event.data);
    socket.onclose = (event) => (open ? port.onclose?.(event.reason) : reject(new Error(event.reason)));
  });
}
