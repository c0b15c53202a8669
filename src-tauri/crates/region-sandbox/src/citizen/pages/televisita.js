// The page of a televisit: waiting room, call, end. `data-state` of the body says where it is: waiting, calling,
// connected, interrupted, ended. Everything drawn follows from it and from the words of the doctor's end.
// Not in it: the caregiver's page (caregiver.js), the protocol (signalling.js), the peer connection (call.js), devices (devices.js), the chat (chat.js).

import { Call } from "./call.js";
import { Chat, clock } from "./chat.js";
import { closeDevices, DeviceTrouble, openDevices, pictureSize, watchVoice } from "./devices.js";
import { watchLink } from "./link.js";
import { Signalling } from "./signalling.js";

const body = document.body;
const { appointment, doctor, doctorGender } = body.dataset;
const invitation = new URLSearchParams(location.search).get("t") ?? "";
const she = doctorGender === "female";
const theDoctor = she ? `La ${doctor}` : `Il ${doctor}`;
const byId = (id) => document.getElementById(id);

const ENDS = {
  ended: {
    title: "La televisita è terminata",
    text: "Troverà il referto nei Suoi documenti appena il medico lo avrà firmato. Può chiudere questa pagina.",
    documents: true,
  },
  identity: {
    title: "Televisita interrotta: identità non confermata",
    text: "Il medico non ha potuto confermare l'identità. Nessun documento è stato mostrato. L'ambulatorio La contatterà.",
  },
  interrupted: {
    title: "La televisita è stata interrotta",
    text: "Tenga il telefono vicino: l'ambulatorio può chiamarLa per proseguire. Se Le è stato chiesto, rientri nella sala d'attesa.",
    again: true,
  },
  not_delivered: {
    title: "La televisita non si è svolta",
    text: "L'ambulatorio La contatterà per un nuovo appuntamento. Non deve pagare di nuovo.",
  },
  left: {
    title: "È uscito dalla televisita",
    text: "Camera e microfono sono spenti. Finché la televisita non è conclusa può rientrare.",
    again: true,
  },
};

const REFUSALS = {
  token: {
    title: "Questo invito non è valido",
    text: "Apra la televisita dai Suoi appuntamenti, oppure dal collegamento ricevuto, senza modificarlo.",
  },
  unknown: {
    title: "Questa televisita non esiste più",
    text: "Può essere stata spostata o annullata. Controlli i Suoi appuntamenti.",
  },
  version: {
    title: "Questa pagina va aggiornata",
    text: "Ricarichi la pagina. L'appuntamento resta valido.",
    again: true,
  },
  busy: {
    title: "La televisita è aperta in un'altra finestra",
    text: "Prosegua in quella finestra, oppure continui qui: l'altra si chiuderà.",
    again: true,
  },
  too_large: { title: "Il collegamento è stato chiuso", text: "Rientri nella sala d'attesa per continuare.", again: true },
};

const address = new URL(`/calls/${encodeURIComponent(appointment)}/ws`, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
address.searchParams.set("t", invitation);
const signalling = new Signalling(address.href, "patient");

let stream = null;
let call = null;
let chat = null;
let startedAt = 0;
let doctorHere = false;
let stopVoice = () => undefined;
const sending = { audio: true, video: true };

const enter = (state) => {
  if (body.dataset.state === state) return;
  body.dataset.state = state;
  byId("announce").textContent = {
    waiting: "Sala d'attesa",
    calling: "La televisita sta per iniziare",
    connected: "Collegato",
    interrupted: "Collegamento interrotto",
    ended: byId("end-title").textContent,
  }[state];
};

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

// --- waiting room

async function begin() {
  byId("trouble").hidden = true;
  byId("end").hidden = true;
  byId("waiting-title").textContent = `${theDoctor} La vedrà tra poco`;
  enter("waiting");
  if (!(await prepareDevices())) return;
  signalling.open();
}

async function prepareDevices(choice) {
  check("camera", "working", "Consenta camera e microfono se il browser lo chiede");
  check("microphone", "working", "");
  closeDevices(stream);
  stopVoice();
  stream = null;
  body.dataset.picture = "off";
  try {
    stream = await openDevices(pictureSize(location.search), choice);
  } catch (error) {
    const { words, reason } = error instanceof DeviceTrouble ? error : new DeviceTrouble("unknown");
    check("camera", reason === "no-microphone" ? "unknown" : "bad", "Non disponibile");
    check("microphone", reason === "no-camera" ? "unknown" : "bad", "Non disponibile");
    showTrouble(words, reason);
    return false;
  }
  byId("self-video").srcObject = stream;
  body.dataset.picture = "on";
  check("camera", "good", "Funziona");
  check("microphone", "good", "Dica qualcosa: la barra si muove");
  let heard = false;
  stopVoice = watchVoice(stream, (level) => {
    byId("voice-level").value = level;
    if (!heard && level > 0.35) {
      heard = true;
      check("microphone", "good", "Funziona, La sentiamo");
    }
  });
  await offerChoices();
  applySending();
  return true;
}

async function offerChoices() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  for (const [id, kind, name] of [
    ["choose-camera", "videoinput", "Camera"],
    ["choose-microphone", "audioinput", "Microfono"],
  ]) {
    const found = devices.filter((device) => device.kind === kind && device.deviceId !== "default");
    const select = byId(id);
    const used = stream.getTracks().map((track) => track.getSettings().deviceId);
    select.replaceChildren(
      ...found.map((device, index) => {
        const option = new Option(device.label || `${name} ${index + 1}`, device.deviceId);
        option.selected = used.includes(device.deviceId);
        return option;
      }),
    );
    select.closest("label").hidden = found.length < 2;
  }
}

function check(name, state, words) {
  const line = byId(`check-${name}`);
  line.dataset.state = state;
  line.querySelector(".check-words").textContent = words;
}

function showTrouble({ title, text }, reason) {
  byId("trouble-title").textContent = title;
  byId("trouble-text").textContent = text;
  byId("trouble").dataset.reason = reason;
  byId("trouble").hidden = false;
  byId("waiting-title").textContent = "Prima servono camera e microfono";
  check("link", "waiting", "Dopo camera e microfono");
}

for (const id of ["choose-camera", "choose-microphone"]) {
  byId(id).addEventListener("change", async () => {
    const ready = await prepareDevices({
      camera: byId("choose-camera").value,
      microphone: byId("choose-microphone").value,
    });
    if (ready) await call?.replaceStream(stream);
  });
}
byId("button-retry").addEventListener("click", begin);

// --- signalling

signalling.addEventListener("welcome", ({ detail }) => {
  check("link", "good", "Collegato alla sala d'attesa");
  showPresence(detail.peers.includes("clinician"));
  showCaregiver(detail.peers.includes("caregiver"));
  call ??= makeCall();
  call.iceServers = detail.ice_servers;
});

signalling.addEventListener("lost", () => check("link", "working", "Collegamento interrotto, riproviamo"));

signalling.addEventListener("peer", ({ detail }) => {
  const here = detail.state === "joined";
  if (detail.role === "clinician") showPresence(here);
  if (detail.role === "caregiver") showCaregiver(here);
});

signalling.addEventListener("delay", ({ detail }) => {
  const minutes = Number(detail.minutes);
  if (!Number.isFinite(minutes) || minutes <= 0) return;
  byId("delay-text").textContent =
    `${theDoctor} è in ritardo di circa ${minutes} minuti. Non perde il turno: può lasciare aperta questa pagina.`;
  byId("delay").hidden = false;
});

signalling.addEventListener("admit", () => {
  byId("delay").hidden = true;
  // The channel came back before the doctor's: the call goes on beside it, and there is nobody to offer another to.
  if (!doctorHere && call?.connection?.connectionState === "connected") return;
  if (!startedAt) enter("calling");
  call?.begin();
});

signalling.addEventListener("bye", ({ detail }) => finish(ENDS[detail.reason] ?? ENDS.ended, detail.reason));
signalling.addEventListener("error", ({ detail }) => finish(REFUSALS[detail.code] ?? REFUSALS.version, detail.code));

function showPresence(here) {
  doctorHere = here;
  byId("presence").hidden = !here;
  byId("presence-text").textContent = `${theDoctor} è in linea`;
}

function showCaregiver(here) {
  for (const element of document.querySelectorAll(".caregiver-here")) element.hidden = !here;
}

// --- call

function makeCall() {
  const made = new Call(signalling, stream);
  chat = new Chat(byId("chat-log"), (message) => body.dataset.state === "connected" && made.tell(message), capital(doctor));
  chat.addEventListener("arrived", () => {
    if (body.dataset.chat === "open") return;
    byId("chat-unread").hidden = false;
    byId("announce").textContent = "Nuovo messaggio";
  });
  made.addEventListener("stream", ({ detail }) => {
    const video = byId("remote-video");
    if (video.srcObject !== detail) video.srcObject = detail;
    // Browsers let a page that holds the microphone play sound; where one does not, a press of the button will.
    video.play().catch((error) => {
      byId("button-sound").hidden = error?.name !== "NotAllowedError";
    });
  });
  made.addEventListener("state", ({ detail }) => {
    if (detail === "connected") {
      startedAt ||= Date.now();
      enter("connected");
      chat.resume();
    }
    if (detail === "interrupted") enter("interrupted");
    applySending();
  });
  made.addEventListener("channel", () => {
    tellSending();
    chat.resume();
  });
  made.addEventListener("message", ({ detail }) => {
    if (detail.type === "state") showRemoteState(detail);
    if (detail.type === "image") showImageNotice(detail);
    chat.hear(detail);
  });
  return made;
}

/** Nothing is sent while the screen says that the link is interrupted. */
function applySending() {
  const open = body.dataset.state !== "interrupted";
  for (const track of stream?.getAudioTracks() ?? []) track.enabled = sending.audio && open;
  for (const track of stream?.getVideoTracks() ?? []) track.enabled = sending.video && open;
  byId("chat-send").disabled = body.dataset.state !== "connected";
  press("microphone", sending.audio, "Microfono", "Microfono spento");
  press("camera", sending.video, "Camera", "Camera spenta");
  body.dataset.camera = sending.video ? "on" : "off";
}

function press(name, on, words, offWords) {
  const button = byId(`button-${name}`);
  button.setAttribute("aria-pressed", String(!on));
  button.querySelector(".control-words").textContent = on ? words : offWords;
}

const tellSending = () => call?.tell({ type: "state", audio: sending.audio, video: sending.video });

for (const [name, kind] of [
  ["microphone", "audio"],
  ["camera", "video"],
]) {
  byId(`button-${name}`).addEventListener("click", () => {
    sending[kind] = !sending[kind];
    applySending();
    tellSending();
  });
}

function showRemoteState({ audio, video }) {
  const words = [];
  if (audio === false) words.push("microfono spento");
  if (video === false) words.push("camera spenta");
  byId("remote-muted").textContent = words.join(", ");
  byId("remote-muted").hidden = words.length === 0;
}

function showImageNotice({ at }) {
  const notice = byId("image-notice");
  notice.textContent = `${theDoctor} ha acquisito un'immagine alle ${clock(at)}, con il Suo consenso.`;
  notice.hidden = false;
  setTimeout(() => {
    notice.hidden = true;
  }, 15_000);
}

byId("button-sound").addEventListener("click", async () => {
  await byId("remote-video").play();
  byId("button-sound").hidden = true;
});

byId("button-chat").addEventListener("click", () => {
  const open = body.dataset.chat !== "open";
  body.dataset.chat = open ? "open" : "closed";
  byId("button-chat").setAttribute("aria-expanded", String(open));
  if (open) {
    byId("chat-unread").hidden = true;
    byId("chat-input").focus();
  }
});
byId("button-chat-close").addEventListener("click", () => {
  byId("button-chat").click();
  byId("button-chat").focus();
});

byId("chat-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (body.dataset.state !== "connected") return;
  if (chat?.write(byId("chat-input").value)) byId("chat-input").value = "";
});

byId("button-leave").addEventListener("click", () => finish(ENDS.left, "left"));
byId("button-again").addEventListener("click", begin);

watchLink(
  () => call?.connection,
  ({ bars, word }) => {
    byId("quality").dataset.bars = String(bars);
    byId("quality-word").textContent = word;
  },
);
setInterval(() => {
  if (!startedAt) return;
  const seconds = Math.floor((Date.now() - startedAt) / 1_000);
  byId("duration").textContent =
    `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}, 1_000);

// --- end

function finish({ title, text, documents = false, again = false }, reason) {
  signalling.close();
  call?.end();
  closeDevices(stream);
  stopVoice();
  stream = null;
  startedAt = 0;
  // Who comes back gets a fresh call, with fresh devices.
  call = null;
  byId("remote-video").srcObject = null;
  byId("self-video").srcObject = null;
  byId("end-title").textContent = title;
  byId("end-text").textContent = text;
  byId("end").dataset.reason = reason;
  byId("link-documents").hidden = !documents;
  byId("button-again").hidden = !again;
  byId("end").hidden = false;
  body.dataset.chat = "closed";
  enter("ended");
  byId("end-title").focus();
}

addEventListener("pagehide", () => signalling.close());
begin();
