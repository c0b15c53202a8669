// The clinician's end of the contract in a browser, for tests only: the impolite side, which answers.
// `window.end` is driven by the test; the program itself has no such page.

const signalling = `${location.origin.replace("http", "ws")}/calls/${new URLSearchParams(location.search).get("appointment")}/ws`;
const local = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 30 }, audio: true });
const end = {
  heard: [],
  chat: [],
  states: [],
  offers: 0,
  socket: null,
  connection: null,
  channel: null,
  open() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(signalling);
      end.socket = socket;
      socket.addEventListener("open", () => say({ type: "hello", version: 1, role: "clinician" }));
      socket.addEventListener("error", () => reject(new Error("no signalling")));
      let inbox = Promise.resolve();
      socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "ping") return say({ type: "pong" });
        end.heard.push(message);
        if (message.type === "welcome") {
          end.iceServers = message.ice_servers;
          resolve(message);
        }
        inbox = inbox.then(() => follow(message)).catch((error) => end.states.push(`error: ${error.message}`));
      });
    });
  },
  say,
  drop() {
    end.connection?.close();
    end.connection = null;
  },
  tell: (message) => end.channel.send(JSON.stringify(message)),
  async totals() {
    const sum = { framesDecoded: 0, framesSent: 0, audioIn: 0, audioOut: 0, audioEnergy: 0, codec: null };
    const stats = await end.connection.getStats();
    for (const report of stats.values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") {
        sum.framesDecoded = report.framesDecoded ?? 0;
        sum.codec = stats.get(report.codecId)?.mimeType ?? null;
      }
      if (report.type === "inbound-rtp" && report.kind === "audio") {
        sum.audioIn = report.packetsReceived;
        sum.audioEnergy = report.totalAudioEnergy ?? 0;
      }
      if (report.type === "outbound-rtp" && report.kind === "video") sum.framesSent = report.framesSent ?? 0;
      if (report.type === "outbound-rtp" && report.kind === "audio") sum.audioOut = report.packetsSent;
    }
    return sum;
  },
};
window.end = end;

function say(message) {
  end.socket.send(JSON.stringify(message));
}

async function follow(message) {
  switch (message.type) {
    case "peer":
      if (message.role === "patient" && message.state === "left") end.drop();
      break;
    case "restart":
      end.drop();
      break;
    case "description":
      // An offer of another connection has another session.
      if (message.description.type === "offer") {
        end.drop();
        end.offers += 1;
        await answer(message.description);
      }
      break;
    case "candidate":
      await end.connection?.addIceCandidate(message.candidate ?? undefined).catch(() => undefined);
      break;
  }
}

async function answer(offer) {
  const connection = new RTCPeerConnection({ iceServers: end.iceServers });
  end.connection = connection;
  connection.addEventListener("icecandidate", ({ candidate }) => say({ type: "candidate", candidate: candidate?.toJSON() ?? null }));
  connection.addEventListener("connectionstatechange", () => end.states.push(connection.connectionState));
  connection.addEventListener("track", ({ streams }) => {
    document.getElementById("remote").srcObject = streams[0];
  });
  connection.addEventListener("datachannel", ({ channel }) => {
    end.channel = channel;
    channel.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      end.chat.push(message);
      if (message.type === "chat") channel.send(JSON.stringify({ type: "received", id: message.id }));
    });
  });
  await connection.setRemoteDescription(offer);
  for (const track of local.getTracks()) connection.addTrack(track, local);
  await connection.setLocalDescription();
  say({ type: "description", description: connection.localDescription.toJSON() });
}
window.ready = true;
