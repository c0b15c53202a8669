// The signalling channel of a televisit, as the region's contract writes it: hello and welcome, life signs, and
// reconnection for as long as the page is open. Messages arrive as events named by their type.
// Not in it: what the messages mean for the call (call.js) or for the page (televisita.js).

const VERSION = 1;
const SILENCE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** Errors after which trying again cannot help by itself. */
const FINAL_ERRORS = new Set(["version", "token", "unknown", "busy", "too_large"]);

export class Signalling extends EventTarget {
  #address;
  #role;
  #socket = null;
  #pause = FIRST_PAUSE_MS;
  #retry = 0;
  #heardAt = 0;
  #watch = 0;
  #wanted = false;

  /** @param {string} address ws: or wss: address with the invitation. @param {"patient"|"caregiver"} role */
  constructor(address, role) {
    super();
    this.#address = address;
    this.#role = role;
    // A network that came back is tried at once instead of at the end of the pause.
    addEventListener("online", () => {
      if (this.#wanted && !this.#socket) this.#connect();
    });
  }

  open() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#pause = FIRST_PAUSE_MS;
    this.#connect();
  }

  close() {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** True when the message left; what does not leave is not queued, because the other end begins anew anyway. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.addEventListener("open", () => this.send({ type: "hello", version: VERSION, role: this.#role }));
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#hear(event.data);
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lost();
    });
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      if (performance.now() - this.#heardAt > SILENCE_MS) this.#lost();
      else this.send({ type: "ping" });
    }, 5_000);
  }

  #hear(text) {
    this.#heardAt = performance.now();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    switch (message?.type) {
      case "ping":
        this.send({ type: "pong" });
        return;
      case "pong":
        return;
      case "welcome":
        this.#pause = FIRST_PAUSE_MS;
        break;
      case "error":
        if (FINAL_ERRORS.has(message.code)) this.close();
        break;
      default:
        if (typeof message?.type !== "string") return;
    }
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
  }

  #lost() {
    this.#drop();
    if (!this.#wanted) return;
    this.dispatchEvent(new CustomEvent("lost"));
    this.#retry = setTimeout(() => this.#connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #drop() {
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
