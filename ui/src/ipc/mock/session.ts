/**
 * Who is at the mock station: login, role, lock and unlock, with the invented assignment of each role.
 * The station itself is in `station.ts`, the people in `people.ts`.
 */
import type { SessionView } from '../generated/SessionView'
import { STAFF } from './people'
import { type HandlersOf, now, refuse, type World } from './world'

export const ASSIGNMENT = {
  id: 'golfo-cardiologia',
  role: 'specialist',
  structure: 'Ospedale del Golfo, Cardiologia',
  speciality: 'Cardiologia',
} as const
/** Scenes that begin with these words are of other roles. */
const OTHERS = {
  gp: {
    person: STAFF.guido,
    assignment: { id: 'tigli-mmg', role: 'general_practitioner', structure: 'Ambulatorio dei Tigli', speciality: null },
  },
  pls: {
    person: STAFF.ugo,
    assignment: { id: 'tigli-pls', role: 'paediatrician', structure: 'Ambulatorio dei Tigli', speciality: null },
  },
  cot: {
    person: STAFF.dario,
    assignment: { id: 'cot-valle', role: 'cot_operator', structure: 'COT Valle Serena', speciality: null },
  },
} as const
const SECRET = '246813'

/** Who the scene is about. */
export function whoIn(scene: string): Pick<World, 'role' | 'person' | 'assignment'> {
  const other = OTHERS[scene.split('-')[0] as keyof typeof OTHERS]
  return {
    role: other?.assignment.role ?? 'specialist',
    person: other?.person ?? STAFF.irene,
    assignment: other?.assignment ?? ASSIGNMENT,
  }
}

export const open = (world: World, person = world.person): SessionView => ({
  state: 'open',
  person,
  assignment: world.assignment,
  offline: !world.inside.link.online,
})

export function setSession(world: World, session: SessionView) {
  world.inside.session = session
  return session
}

/** The person at this station for the first time, with a secret just made and no role chosen. */
export const toChooseRole = (world: World) =>
  setSession(world, { state: 'needs_role', person: STAFF.irene, assignments: [ASSIGNMENT] })

export function sessions(world: World): HandlersOf<'session_'> {
  const { inside } = world
  return {
    session_state: () => inside.session,
    session_login: () => {
      if (!inside.link.online) refuse('first_login_needs_network', 'oidc/unreachable')
      setTimeout(
        () =>
          world.emit(
            'session',
            setSession(world, {
              state: 'needs_role',
              person: STAFF.irene,
              assignments: [
                ASSIGNMENT,
                {
                  id: 'distretto-32',
                  role: 'specialist',
                  structure: 'Distretto 32, Poliambulatorio',
                  speciality: 'Cardiologia',
                },
              ],
            }),
          ),
        1200,
      )
      return setSession(world, { state: 'logging_in', address: 'http://127.0.0.1:8734/authorize?client_id=postazione' })
    },
    session_login_cancel: () => setSession(world, { state: 'out' }),
    session_create_secret: ({ secret }) => {
      if (/^(\d)\1+$/.test(secret) || secret === '123456') refuse('weak_station_secret', 'session/weak')
      return toChooseRole(world)
    },
    session_choose_role: () => setSession(world, open(world)),
    session_unlock: ({ person_id, secret }) => {
      if (secret !== SECRET) refuse('wrong_station_secret', 'session/secret')
      return setSession(
        world,
        open(
          world,
          Object.values(STAFF).find(({ id }) => id === person_id),
        ),
      )
    },
    session_lock: () => {
      const person = 'person' in inside.session ? inside.session.person : STAFF.irene
      return setSession(world, {
        state: 'locked',
        person,
        since: now(),
        reason: 'asked',
        call_in_progress: inside.call !== null && inside.call.phase.phase !== 'ended',
        kind: 'pin',
      })
    },
    session_leave: () => setSession(world, { state: 'out' }),
    session_touch: () => null,
    session_settings: () => inside.settings,
    session_set_card_lock: ({ on }) => {
      inside.settings = { card_lock: on }
      return inside.settings
    },
  }
}
