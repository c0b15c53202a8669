// The patient's end of a call: one peer connection at a time, perfect negotiation as the polite side, one sound and
// one picture each way, and the data channel `postazione`. The page makes the first offer, so that the workstation
// answers and takes the DTLS client role. A connection that cannot be saved is replaced, never mended by halves.
// Not in it: devices (devices.js), signalling (signalling.js), what is drawn (televisita.js).

/** Between ICE and DTLS; a handshake that hangs is begun anew. */
const HANDSHAKE_MS = 2_500;
/** From an offer to sound and picture. */
const JOIN_MS = 10_000;
/** A short loss often mends itself. */
const LOSS_MS = 3_000;
/** Both ends may ask for a restart at the same moment; one is enough. */
const GLARE_MS = 1_000;

export class Call extends EventTarget {
  #signalling;
  #stream;
  #iceServers = [];
  #connection = null;
  #channel = null;
  #making = false;
  #candidates = [];
  #inbox = Promise.resolve();
  #timers = new Map();
  #askedAt = -GLARE_MS;
  #last = null;

  /** @param {EventTarget & {send: (message: object) => boolean}} signalling @param {MediaStream} stream */
  constructor(signalling, stream) {
    super();
    this.#signalling = signalling;
    this.#stream = stream;
    signalling.addEventListener("description", (event) => this.#later(() => this.#described(event.detail.description)));
    signalling.addEventListener("candidate", (event) => this.#later(() => this.#candidate(event.detail.candidate)));
    signalling.addEventListener("restart", () => {
      if (!this.#connection || performance.now() - this.#askedAt < GLARE_MS) return;
      this.begin();
    });
  }

  set iceServers(servers) {
    this.#iceServers = servers.map(({ urls, username, credential }) => ({ urls, username, credential }));
  }

  /** The peer connection of now, for its statistics. */
  get connection() {
    return this.#connection;
  }

  /** Begins, or begins anew: the offer leaves as soon as it is made. */
  begin() {
    this.#close();
    const connection = new RTCPeerConnection({ iceServers: this.#iceServers, bundlePolicy: "max-bundle" });
    this.#connection = connection;
    this.#candidates = [];
    this.#inbox = Promise.resolve();
    this.#announce("connecting");

    const mine = (handler) => (event) => {
      if (connection === this.#connection) handler(event);
    };
    connection.addEventListener("negotiationneeded", mine(() => this.#later(() => this.#offer(connection))));
    connection.addEventListener(
      "icecandidate",
      mine(({ candidate }) => this.#signalling.send({ type: "candidate", candidate: candidate?.toJSON() ?? null })),
    );
    connection.addEventListener("iceconnectionstatechange", mine(() => this.#checkHandshake()));
    connection.addEventListener("connectionstatechange", mine(() => this.#checkConnection()));

    const remote = new MediaStream();
    connection.addEventListener(
      "track",
      mine(({ track }) => {
        remote.addTrack(track);
        this.dispatchEvent(new CustomEvent("stream", { detail: remote }));
      }),
    );
    for (const track of this.#stream.getTracks()) connection.addTrack(track, this.#stream);
    preferVp8(connection);

    const channel = connection.createDataChannel("postazione", { ordered: true });
    this.#channel = channel;
    channel.addEventListener("open", mine(() => this.dispatchEvent(new CustomEvent("channel"))));
    channel.addEventListener("message", mine(({ data }) => this.#message(data)));

    this.#after("join", JOIN_MS, () => this.#restart("ice"));
  }

  /** Over the data channel. True when it left. */
  tell(message) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  /** Takes other tracks of the same kinds, without a new offer. */
  async replaceStream(stream) {
    this.#stream = stream;
    for (const sender of this.#connection?.getSenders() ?? []) {
      const track = stream.getTracks().find(({ kind }) => kind === sender.track?.kind);
      if (track) await sender.replaceTrack(track);
    }
  }

  end() {
    this.#close();
    this.#announce("closed");
  }

  #close() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#channel?.close();
    this.#channel = null;
    this.#connection?.close();
    this.#connection = null;
  }

  /** Messages of the other end are handled one after the other, each for the connection of its moment. */
  #later(work) {
    const connection = this.#connection;
    this.#inbox = this.#inbox
      .then(() => (connection && connection === this.#connection ? work() : undefined))
      // Words for an earlier connection: the state machine of the browser refuses them, and that is right.
      .catch(() => undefined);
  }

  async #offer(connection) {
    this.#making = true;
    try {
      await connection.setLocalDescription();
      if (connection === this.#connection) this.#describe(connection.localDescription);
    } finally {
      this.#making = false;
    }
  }

  async #described(description) {
    const connection = this.#connection;
    if (description?.type === "answer" && connection.signalingState !== "have-local-offer") return;
    // The polite side gives way: an offer that crosses ours rolls ours back.
    await connection.setRemoteDescription(description);
    for (const candidate of this.#candidates.splice(0)) await this.#add(connection, candidate);
    if (description.type === "offer") {
      await connection.setLocalDescription();
      if (connection === this.#connection) this.#describe(connection.localDescription);
    }
  }

  async #candidate(candidate) {
    if (this.#connection.remoteDescription && !this.#making) await this.#add(this.#connection, candidate);
    else this.#candidates.push(candidate);
  }

  async #add(connection, candidate) {
    // `null` ends the candidates; a candidate of an earlier connection is refused and forgotten.
    await connection.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  }

  #describe({ type, sdp }) {
    this.#signalling.send({ type: "description", description: { type, sdp } });
  }

  #checkHandshake() {
    const state = this.#connection.iceConnectionState;
    if ((state === "connected" || state === "completed") && this.#connection.connectionState !== "connected") {
      this.#after("handshake", HANDSHAKE_MS, () => {
        if (this.#connection?.connectionState !== "connected") this.#restart("dtls");
      });
    }
  }

  #checkConnection() {
    switch (this.#connection.connectionState) {
      case "connected":
        for (const name of ["handshake", "join", "loss"]) this.#cancel(name);
        this.#announce("connected");
        break;
      case "disconnected":
        this.#announce("interrupted");
        this.#after("loss", LOSS_MS, () => this.#restart("ice"));
        break;
      case "failed":
        this.#announce("interrupted");
        this.#restart("ice");
        break;
    }
  }

  #restart(reason) {
    this.#askedAt = performance.now();
    this.#signalling.send({ type: "restart", reason });
    this.begin();
  }

  #message(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (typeof message?.type === "string") this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #announce(state) {
    if (state === this.#last) return;
    this.#last = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  #after(name, delay, work) {
    this.#cancel(name);
    this.#timers.set(name, setTimeout(work, delay));
  }

  #cancel(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

/** VP8 first: it is what the workstation encodes in software at the least cost. */
function preferVp8(connection) {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs;
  if (!codecs) return;
  const rank = ({ mimeType }) => (mimeType.toLowerCase() === "video/vp8" ? 0 : 1);
  const sorted = [...codecs].sort((a, b) => rank(a) - rank(b));
  for (const transceiver of connection.getTransceivers()) {
    if (transceiver.sender.track?.kind === "video") transceiver.setCodecPreferences?.(sorted);
  }
}
