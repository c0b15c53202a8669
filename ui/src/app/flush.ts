/** What is being typed and not yet on disk: saved before the screen is covered or left. */
const waiting = new Set<() => Promise<unknown>>()

/** Registers a save to be awaited; returns how to take it away. */
export function registerFlush(save: () => Promise<unknown>) {
  waiting.add(save)
  return () => {
    waiting.delete(save)
  }
}

export async function flushAll() {
  await Promise.allSettled([...waiting].map((save) => save()))
}
