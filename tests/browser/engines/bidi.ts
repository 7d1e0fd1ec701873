/** An event of WebDriver BiDi. */
export interface BidiEvent {
  readonly method: string;
  // deno-lint-ignore no-explicit-any
  readonly params: any;
}

interface BidiAnswer {
  readonly id: number;
  readonly type: "success" | "error";
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
}

/** A connection to a browser by WebDriver BiDi. */
export class Bidi {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: BidiAnswer) => void>();
  #sent = 0;

  private constructor(socket: WebSocket, hear: (event: BidiEvent) => void) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "event") hear(message);
      else this.#waiting.get(message.id)?.(message);
    };
    socket.onclose = () => {
      for (const [id, answer] of this.#waiting) answer({ id, type: "error", error: "closed" });
    };
  }

  /** Connects to a browser, and begins a session with it. */
  static async connect(url: string, hear: (event: BidiEvent) => void): Promise<Bidi> {
    const socket = new WebSocket(`${url}/session`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`There is no connection to ${url}`));
    });
    const bidi = new Bidi(socket, hear);
    await bidi.send("session.new", { capabilities: {} });
    return bidi;
  }

  /** Sends a command; gives its result. */
  // deno-lint-ignore no-explicit-any
  async send(method: string, params: object): Promise<any> {
    const id = ++this.#sent;
    const answer = await new Promise<BidiAnswer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    this.#waiting.delete(id);
    if (answer.type === "success") return answer.result;
    throw new Error(`${method}: ${answer.error}: ${answer.message}`);
  }

  close(): void {
    this.#socket.close();
  }
}
