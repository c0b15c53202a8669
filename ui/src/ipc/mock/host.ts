/**
 * A region, a core and a station made of invented people, in memory: the whole window runs on it in a plain browser and in
 * the tests. It keeps the order that the core demands (identity, consent, call, outcome, report) and nothing else of its rules.
 * The address chooses where it begins: `?scene=today`, `call`, `cut`, `report`, `sign`, `batch`, `queue`, `locked`, `first`, `role`, `empty`.
 * Here is the wire alone: commands in, answers and events out. What each command does is in the file of its subject, beside this one.
 */
import type { Command } from '../commands'
import type { Failure } from '../generated/Failure'
import type { Tag } from '../generated/Tag'
import type { Events, Host } from '../host'
import { audit } from './audit'
import { batches } from './batch'
import { calls } from './call'
import { newDay } from './day'
import { deliveries, enqueue, newRows } from './delivery'
import { play } from './film'
import { patients } from './patients'
import { reports } from './report'
import { begin } from './scene'
import { sessions, whoIn } from './session'
import { newSigning, signing } from './signing'
import { station } from './station'
import { teleconsults } from './teleconsults'
import { televisits } from './televisit'
import { transitions } from './transitions'
import type { Handlers, Inside, World } from './world'

export type MockHost = Host & {
  /** For tests and for the pictures: what is inside, and how to tell the window that it changed. */
  inside: Inside
  emit<E extends keyof Events>(event: E, payload: Events[E]): void
  /** The next answer of a command is this failure, once. */
  failNext(command: Command, failure: Failure): void
  /** How long an answer takes. */
  delay: number
}

export function mockHost(scene = new URLSearchParams(window.location.search).get('scene') ?? 'out'): MockHost {
  const listeners = new Map<keyof Events, Set<(payload: never) => void>>()
  const failures = new Map<Command, Failure>()

  const host: MockHost = {
    delay: 0,
    inside: {
      visits: scene === 'empty' ? [] : newDay(),
      reports: new Map(),
      link: { online: true, data_as_of: null, offline_since: null, queued: 0, to_correct: 0, next_try_s: null },
      session: { state: 'out' },
      settings: { card_lock: true },
      call: null,
      reader: 'card',
      signing: newSigning(scene),
      calls: [],
    },
    emit(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never)
    },
    failNext: (command, failure) => void failures.set(command, failure),
    async invoke(command, request) {
      host.inside.calls.push(command)
      await new Promise((done) => setTimeout(done, host.delay))
      const failure = failures.get(command)
      if (failure) {
        failures.delete(command)
        throw failure
      }
      return structuredClone((handlers[command] as (request: unknown) => never)(request))
    },
    async listen(event, handler) {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set)
      set.add(handler as never)
      return () => void set.delete(handler as never)
    },
    async frames(onFrame) {
      play(onFrame, () => {
        const call = host.inside.call
        const preview = call !== null && call.televisit_id === null
        const flowing = call?.phase.phase === 'connected'
        return { remote: flowing, own: preview || (flowing && call.camera_on), stamped: false }
      })
    },
  }
  const { inside } = host

  const changed = (...tags: Tag[]) => setTimeout(() => host.emit('changed', { tags }))
  const world: World = {
    scene,
    ...whoIn(scene),
    inside,
    rows: newRows(scene),
    online: () => inside.link.online,
    emit: (event, payload) => host.emit(event, payload),
    changed,
    queue: (...of) => enqueue(world, ...of),
  }
  const handlers: Handlers = {
    ...sessions(world),
    ...station(world),
    ...televisits(world),
    ...calls(world),
    ...reports(world),
    ...batches(world),
    ...signing(world),
    ...deliveries(world),
    ...patients(world),
    ...teleconsults(world),
    ...transitions(world),
    ...audit(world),
  }

  begin(world)
  return host
}
