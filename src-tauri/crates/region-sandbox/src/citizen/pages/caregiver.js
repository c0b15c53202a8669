// The caregiver's page: present in the room in words only. It shows who is there and how far the visit has come.
// Not in it: sound and picture, which the workstation exchanges with the patient alone.

import { Signalling } from "./signalling.js";

const body = document.body;
const { appointment, doctor, doctorGender } = body.dataset;
const byId = (id) => document.getElementById(id);
const theDoctor = doctorGender === "female" ? `La ${doctor}` : `Il ${doctor}`;

const address = new URL(`/calls/${encodeURIComponent(appointment)}/ws`, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
address.searchParams.set("t", new URLSearchParams(location.search).get("t") ?? "");
address.searchParams.set("caregiver", "1");
const signalling = new Signalling(address.href, "caregiver");

const TITLES = {
  waiting: "La televisita non è ancora iniziata",
  connected: "La televisita è in corso",
  ended: "La televisita è terminata",
};
const REFUSALS = {
  token: "Questo invito non è valido. Chieda un nuovo invito all'ambulatorio.",
  unknown: "Questa televisita non esiste più. Può essere stata spostata o annullata.",
  busy: "L'invito è aperto in un'altra finestra. Prosegua in quella, oppure rientri qui.",
};

function enter(state) {
  body.dataset.state = state;
  byId("caregiver-title").textContent = TITLES[state];
  byId("announce").textContent = TITLES[state];
}

function show(state, words) {
  byId("link").dataset.state = state;
  byId("link").className = `notice ${state === "good" ? "ok" : "warn"}`;
  byId("link-text").textContent = words;
}

function present(role, here) {
  const line = byId(`presence-${role}`);
  if (line) line.textContent = here ? "in linea" : "non in linea";
}

signalling.addEventListener("welcome", ({ detail }) => {
  show("good", "È collegato: il medico vede che è presente");
  for (const role of ["clinician", "patient"]) present(role, detail.peers.includes(role));
  enter("waiting");
});
signalling.addEventListener("lost", () => show("lost", "Collegamento interrotto, riproviamo da soli"));
signalling.addEventListener("peer", ({ detail }) => present(detail.role, detail.state === "joined"));
signalling.addEventListener("delay", ({ detail }) => {
  const minutes = Number(detail.minutes);
  if (!Number.isFinite(minutes) || minutes <= 0) return;
  byId("delay-text").textContent = `${theDoctor} è in ritardo di circa ${minutes} minuti.`;
  byId("delay").hidden = false;
});
signalling.addEventListener("admit", () => {
  byId("delay").hidden = true;
  enter("connected");
});
signalling.addEventListener("bye", () => {
  signalling.close();
  show("lost", "Può chiudere questa pagina");
  enter("ended");
});
signalling.addEventListener("error", ({ detail }) => {
  enter("ended");
  byId("caregiver-title").textContent = "Non è collegato alla televisita";
  show("lost", REFUSALS[detail.code] ?? "Ricarichi la pagina.");
  for (const id of ["people", "limits"]) byId(id).hidden = true;
  byId("button-again").hidden = detail.code !== "busy";
});
byId("button-again").addEventListener("click", () => {
  byId("button-again").hidden = true;
  for (const id of ["people", "limits"]) byId(id).hidden = false;
  signalling.open();
});
addEventListener("pagehide", () => signalling.close());
signalling.open();
