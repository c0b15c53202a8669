// The eligibility test: tries camera, microphone and the way to the televisit for real, one after the other, says
// what it found, and hands the outcome to the region. Nothing passes that was not measured here and now.
// Not in it: storing the outcome (the region does), devices in detail (devices.js).

import { closeDevices, DeviceTrouble, openDevices, pictureSize, watchVoice } from "./devices.js";

const body = document.body;
const base = `/portale/prova/${encodeURIComponent(body.dataset.appointment)}`;
const byId = (id) => document.getElementById(id);

/** Long enough to read the sentence and say a few words. */
const VOICE_MS = 12_000;
const STEP_MS = 10_000;
/** Above the noise of a quiet room. */
const VOICE_LEVEL = 0.35;
const ROUNDS = 5;

class Failed extends Error {}

byId("button-start").addEventListener("click", run);
byId("button-repeat").addEventListener("click", run);

async function run() {
  byId("intro").hidden = true;
  byId("outcome").hidden = true;
  byId("steps").hidden = false;
  body.dataset.state = "testing";
  for (const name of ["camera", "microphone", "network"]) show(name, "waiting", "In attesa");
  const results = {};
  let stream = null;
  try {
    stream = await openDevices(pictureSize(location.search));
  } catch (error) {
    const trouble = error instanceof DeviceTrouble ? error : new DeviceTrouble("unknown");
    for (const name of ["camera", "microphone"]) {
      if (trouble.reason === "no-microphone" && name === "camera") results.camera = { passed: false, words: "Non provata" };
      else results[name] = { passed: false, words: trouble.words.title, advice: trouble.words.text };
      show(name, "bad", results[name].words);
    }
  }
  if (stream) {
    await step(results, "camera", () => tryCamera(stream));
    await step(results, "microphone", () => tryMicrophone(stream));
  }
  await step(results, "network", tryNetwork);
  closeDevices(stream);
  byId("test-video").srcObject = null;
  body.dataset.picture = "off";
  await conclude(results);
}

async function step(results, name, attempt) {
  show(name, "working", "Prova in corso");
  try {
    results[name] = { passed: true, words: await attempt() };
  } catch (error) {
    const words = error instanceof Failed ? error.message : "Prova non riuscita";
    results[name] = { passed: false, words };
  }
  show(name, results[name].passed ? "good" : "bad", results[name].words);
}

function show(name, state, words) {
  const line = byId(`step-${name}`);
  line.dataset.state = state;
  line.querySelector(".check-words").textContent = words;
}

const within = (promise, words, limit = STEP_MS) => {
  let timer;
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failed(words)), limit);
  });
  return Promise.race([promise, end]).finally(() => clearTimeout(timer));
};

// --- camera: pictures must really arrive

async function tryCamera(stream) {
  const video = byId("test-video");
  video.srcObject = stream;
  body.dataset.picture = "on";
  await video.play();
  const pictures = countPictures(video, 10);
  await within(pictures, "La camera è accesa ma non arrivano immagini");
  const { width, height } = stream.getVideoTracks()[0].getSettings();
  return `Funziona, ${width ?? video.videoWidth} per ${height ?? video.videoHeight} punti`;
}

function countPictures(video, wanted) {
  return new Promise((resolve) => {
    let seen = 0;
    const next = () => {
      seen += 1;
      if (seen >= wanted) resolve();
      else again();
    };
    // Where the browser does not count pictures, the time of the video moving on says the same.
    const again = () =>
      video.requestVideoFrameCallback ? video.requestVideoFrameCallback(next) : video.addEventListener("timeupdate", next, { once: true });
    again();
  });
}

// --- microphone: a voice must really be heard

async function tryMicrophone(stream) {
  show("microphone", "working", "Legga ad alta voce: «Buongiorno, mi sente bene?»");
  let stop = () => undefined;
  const voice = new Promise((resolve) => {
    stop = watchVoice(stream, (level) => {
      byId("voice-level").value = level;
      if (level > VOICE_LEVEL) resolve();
    });
  });
  try {
    await within(voice, "Non sentiamo la Sua voce. Controlli che il microfono non sia spento", VOICE_MS);
  } finally {
    stop();
    byId("voice-level").value = 0;
  }
  return "Funziona, La sentiamo";
}

// --- network: the signalling channel, then the relay, with data that come back

async function tryNetwork() {
  const signalling = await within(trySocket(), "Il collegamento alla sala d'attesa non si apre");
  show("network", "working", "Sala d'attesa raggiunta, proviamo audio e video");
  const relay = await within(tryRelay(), "La rete non lascia passare audio e video");
  return `Buona, risposta in ${Math.max(1, Math.round(Math.max(signalling, relay)))} ms`;
}

function trySocket() {
  return new Promise((resolve, reject) => {
    const address = new URL(`${base}/eco`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    const times = [];
    let sent = 0;
    const send = () => {
      sent = performance.now();
      socket.send(`prova ${times.length}`);
    };
    socket.addEventListener("open", send);
    socket.addEventListener("message", () => {
      times.push(performance.now() - sent);
      if (times.length < ROUNDS) return send();
      socket.close();
      resolve(median(times));
    });
    socket.addEventListener("error", () => reject(new Failed("Il collegamento alla sala d'attesa non si apre")));
  });
}

/** Two ends in this page that may meet only at the region's relay. */
async function tryRelay() {
  const answer = await fetch(`${base}/relay`, { method: "POST" });
  if (!answer.ok) throw new Failed("La Regione non risponde. Riprovi tra qualche minuto");
  const { ice_servers: iceServers } = await answer.json();
  if (!iceServers.length) throw new Failed("La Regione non offre il servizio per audio e video");
  const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" }));
  const [near, far] = ends;
  near.addEventListener("icecandidate", ({ candidate }) => candidate && far.addIceCandidate(candidate).catch(() => undefined));
  far.addEventListener("icecandidate", ({ candidate }) => candidate && near.addIceCandidate(candidate).catch(() => undefined));
  try {
    const channel = near.createDataChannel("prova");
    far.addEventListener("datachannel", ({ channel: other }) => {
      other.addEventListener("message", ({ data }) => other.send(data));
    });
    const measured = new Promise((resolve) => {
      const times = [];
      let sent = 0;
      const send = () => {
        sent = performance.now();
        channel.send("prova");
      };
      channel.addEventListener("open", send);
      channel.addEventListener("message", () => {
        times.push(performance.now() - sent);
        if (times.length < ROUNDS) send();
        else resolve(median(times));
      });
    });
    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription);
    await far.setLocalDescription();
    await near.setRemoteDescription(far.localDescription);
    return await within(measured, "La rete non lascia passare audio e video");
  } finally {
    for (const end of ends) end.close();
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

// --- outcome

async function conclude(results) {
  const passed = Object.values(results).every((result) => result.passed);
  const failed = Object.values(results).find((result) => !result.passed);
  let stored = false;
  try {
    const answer = await fetch(`${base}/esito`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        passed,
        camera: results.camera.words,
        microphone: results.microphone.words,
        network: results.network.words,
      }),
    });
    stored = answer.ok;
  } catch {
    stored = false;
  }
  const outcome = byId("outcome");
  outcome.dataset.outcome = passed && stored ? "passed" : "failed";
  if (!stored) {
    byId("outcome-title").textContent = "L'esito non è stato consegnato";
    byId("outcome-text").textContent = "La Regione non ha risposto. Le prove non si perdono: prema Ripeti il test tra poco.";
  } else if (passed) {
    byId("outcome-title").textContent = "Test superato";
    byId("outcome-text").textContent =
      "Questo dispositivo va bene per la televisita. Usi lo stesso dispositivo e la stessa rete il giorno dell'appuntamento.";
  } else {
    byId("outcome-title").textContent = "Test non superato";
    byId("outcome-text").textContent =
      failed.advice ?? "Corregga quanto indicato qui sopra e ripeta il test, oppure provi con un altro dispositivo.";
  }
  byId("button-repeat").hidden = passed && stored;
  outcome.hidden = false;
  body.dataset.state = passed && stored ? "passed" : "failed";
  byId("outcome-title").focus();
}
