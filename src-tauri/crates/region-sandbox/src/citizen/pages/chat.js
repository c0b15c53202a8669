// The chat of a call: what was written, whether it arrived, and what waits for the link to come back.
// Not in it: the channel (call.js). Messages live in this page only and go with it.

const LONGEST = 4_000;

export class Chat extends EventTarget {
  #log;
  #tell;
  #doctor;
  #mine = new Map();
  #seen = new Set();

  /** @param {HTMLElement} log an <ol> @param {(message: object) => boolean} tell @param {string} doctor */
  constructor(log, tell, doctor) {
    super();
    this.#log = log;
    this.#tell = tell;
    this.#doctor = doctor;
  }

  /** Writes a message. False when there is nothing to write. */
  write(text) {
    const words = text.trim().slice(0, LONGEST);
    if (!words) return false;
    const message = { type: "chat", id: crypto.randomUUID(), at: new Date().toISOString(), text: words };
    const note = this.#draw("Lei", message, "mine");
    this.#mine.set(message.id, { message, note, received: false });
    note.textContent = this.#tell(message) ? "Inviato" : "Parte quando torna il collegamento";
    return true;
  }

  /** The channel is open, perhaps again: what has no receipt leaves again with the same id. */
  resume() {
    for (const { message, note, received } of this.#mine.values()) {
      if (!received && this.#tell(message)) note.textContent = "Inviato";
    }
  }

  /** @param {object} message of the data channel */
  hear(message) {
    if (message.type === "received") {
      const entry = this.#mine.get(message.id);
      if (!entry) return;
      entry.received = true;
      entry.note.textContent = "Ricevuto";
      return;
    }
    if (message.type !== "chat" || typeof message.text !== "string") return;
    this.#tell({ type: "received", id: message.id });
    if (this.#seen.has(message.id)) return;
    this.#seen.add(message.id);
    this.#draw(this.#doctor, { ...message, text: message.text.slice(0, LONGEST) }, "theirs");
    this.dispatchEvent(new CustomEvent("arrived"));
  }

  #draw(who, { at, text }, kind) {
    const item = document.createElement("li");
    item.className = `message ${kind}`;
    const head = document.createElement("p");
    head.className = "message-head";
    head.textContent = `${who}, ${clock(at)}`;
    const body = document.createElement("p");
    body.className = "message-text";
    body.textContent = text;
    const note = document.createElement("p");
    note.className = "message-note";
    item.append(head, body);
    if (kind === "mine") item.append(note);
    this.#log.append(item);
    item.scrollIntoView({ block: "nearest" });
    return note;
  }
}

export function clock(at) {
  const time = new Date(at);
  const shown = Number.isNaN(time.getTime()) ? new Date() : time;
  return shown.toLocaleTimeString("it-IT", { hour: "2-digit", minute: "2-digit" });
}
