/**
 * The border with the core. It is the only file that imports the Tauri API; in tests and in a plain browser the
 * mock host of invented people stands in its place, and is left out of every other build.
 */
import type { AnswerOf, Command } from './commands'
import type { CallView } from './generated/CallView'
import type { Changed } from './generated/Changed'
import type { Failure } from './generated/Failure'
import type { LinkView } from './generated/LinkView'
import type { SessionView } from './generated/SessionView'

export type Events = {
  changed: Changed
  call: CallView
  link: LinkView
  session: SessionView
  login_failed: Failure
}

export interface Host {
  invoke<C extends Command>(command: C, request: unknown): Promise<AnswerOf<C>>
  listen<E extends keyof Events>(event: E, handler: (payload: Events[E]) => void): Promise<() => void>
  /** Asks for the pictures of the call; each comes in the wire form of `media::wire`. */
  frames(onFrame: (frame: ArrayBuffer) => void): Promise<void>
}

const MOCKED =
  import.meta.env.MODE === 'mock' || import.meta.env.MODE === 'test' || import.meta.env.MODE === 'development'

async function tauriHost(): Promise<Host> {
  const [{ Channel, invoke }, { listen }] = await Promise.all([
    import('@tauri-apps/api/core'),
    import('@tauri-apps/api/event'),
  ])
  return {
    invoke: (command, request) => invoke(command, request === undefined ? {} : { request }),
    listen: (event, handler) => listen(event, ({ payload }) => handler(payload as never)),
    frames: async (onFrame) => {
      const channel = new Channel<ArrayBuffer | number[]>()
      channel.onmessage = (message) =>
        onFrame(message instanceof ArrayBuffer ? message : Uint8Array.from(message).buffer)
      await invoke('call_frames', { channel })
    },
  }
}

async function open(): Promise<Host> {
  if (MOCKED && !('__TAURI_INTERNALS__' in window)) {
    const { mockHost } = await import('./mock/host')
    return mockHost()
  }
  return tauriHost()
}

let opened: Promise<Host> | undefined

export function host(): Promise<Host> {
  opened ??= open()
  return opened
}

/** For tests: another host, or none to begin again. */
export function replaceHost(next: Host | undefined) {
  opened = next ? Promise.resolve(next) : undefined
}
