// Camera and microphone: asking for them, saying in plain Italian why they cannot be had, and measuring the voice.
// Not in it: sending (call.js). Nothing is recorded here or anywhere in these pages.

/** Pictures that the workstation expects: 640x360, or 1280x720 with `?size=720`; 30 a second. */
export function pictureSize(search) {
  const large = new URLSearchParams(search).get("size") === "720";
  return large ? { width: 1280, height: 720 } : { width: 640, height: 360 };
}

/** Opens both devices, or throws a `DeviceTrouble`. */
export async function openDevices({ width, height }, { camera, microphone } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceTrouble("unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: {
        width: { ideal: width },
        height: { ideal: height },
        frameRate: { ideal: 30 },
        ...(camera ? { deviceId: { exact: camera } } : { facingMode: "user" }),
      },
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(microphone ? { deviceId: { exact: microphone } } : {}),
      },
    });
  } catch (error) {
    throw new DeviceTrouble(await nameTrouble(error));
  }
}

export function closeDevices(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

async function nameTrouble(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotReadableError":
    case "AbortError":
      return "taken";
    case "NotFoundError":
    case "OverconstrainedError": {
      const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
      const has = (kind) => devices.some((device) => device.kind === kind);
      if (has("audioinput") && !has("videoinput")) return "no-camera";
      if (has("videoinput") && !has("audioinput")) return "no-microphone";
      return "no-device";
    }
    default:
      return "unknown";
  }
}

const WORDS = {
  unsupported: {
    title: "Questo browser non può collegarsi",
    text: "Apra l'invito con una versione aggiornata di Chrome, Edge, Firefox o Safari. L'appuntamento resta valido.",
  },
  denied: {
    title: "Il browser non ha il permesso di usare camera e microfono",
    text: "Prema l'icona accanto all'indirizzo della pagina, consenta camera e microfono, poi prema Riprova. L'appuntamento resta valido.",
  },
  taken: {
    title: "Camera o microfono sono usati da un altro programma",
    text: "Chiuda le altre videochiamate o i programmi che li usano, poi prema Riprova.",
  },
  "no-camera": {
    title: "Non troviamo una camera",
    text: "Colleghi una camera, oppure apra l'invito dal telefono, poi prema Riprova. Il medico deve poterLa vedere.",
  },
  "no-microphone": {
    title: "Non troviamo un microfono",
    text: "Colleghi un microfono o le cuffie, oppure apra l'invito dal telefono, poi prema Riprova.",
  },
  "no-device": {
    title: "Non troviamo camera e microfono",
    text: "Li colleghi, oppure apra l'invito dal telefono, poi prema Riprova. L'appuntamento resta valido.",
  },
  unknown: {
    title: "Camera e microfono non si aprono",
    text: "Chiuda e riapra il browser, poi prema Riprova. Se non basta, apra l'invito dal telefono.",
  },
};

export class DeviceTrouble extends Error {
  /** @param {keyof typeof WORDS} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
    this.words = WORDS[reason];
  }
}

/** Calls `tell(level)` with 0..1 about 20 times a second. Returns the way to stop. */
export function watchVoice(stream, tell) {
  if (!stream.getAudioTracks().length) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // From -60 dB, a quiet room, to -10 dB, a voice close by.
    const decibels = 10 * Math.log10(power + 1e-12);
    tell(Math.min(1, Math.max(0, (decibels + 60) / 50)));
  }, 50);
  // A context made without a gesture may sleep until there is one.
  const wake = () => context.resume();
  addEventListener("pointerdown", wake, { once: true });
  return () => {
    clearInterval(timer);
    removeEventListener("pointerdown", wake);
    if (context.state !== "closed") context.close();
  };
}
