// How good the link is, as a word and as bars, from the browser's own statistics.
// Not in it: any record of them; they are shown and forgotten.

const EVERY_MS = 2_000;

/** Worst first; a link is described by the first line that fits. */
const QUALITIES = [
  { bars: 1, word: "Collegamento debole", fits: ({ loss, delay }) => loss > 0.08 || delay > 0.5 },
  { bars: 2, word: "Collegamento sufficiente", fits: ({ loss, delay }) => loss > 0.02 || delay > 0.25 },
  { bars: 3, word: "Collegamento buono", fits: () => true },
];

/** Calls `tell({bars, word})` while `connection()` gives a peer connection. Returns the way to stop. */
export function watchLink(connection, tell) {
  let before = null;
  const timer = setInterval(async () => {
    const current = connection();
    if (current?.connectionState !== "connected") {
      before = null;
      return;
    }
    const now = await totals(current);
    const received = now.received - (before?.received ?? 0);
    const lost = Math.max(0, now.lost - (before?.lost ?? 0));
    if (before) tell(QUALITIES.find(({ fits }) => fits({ loss: lost / Math.max(1, received + lost), delay: now.delay })));
    before = now;
  }, EVERY_MS);
  return () => clearInterval(timer);
}

async function totals(connection) {
  const sum = { received: 0, lost: 0, delay: 0 };
  for (const report of (await connection.getStats()).values()) {
    if (report.type === "inbound-rtp") {
      sum.received += report.packetsReceived ?? 0;
      sum.lost += report.packetsLost ?? 0;
    }
    if (report.type === "candidate-pair" && report.nominated) sum.delay = report.currentRoundTripTime ?? 0;
  }
  return sum;
}
