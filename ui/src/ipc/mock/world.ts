/**
 * What the parts of the mock host share: who is logged in, whether there is a network, what the window can see change, how to
 * refuse and to tell. What one part alone keeps (the tries of a PIN, the last check of the station) is inside that part.
 */
import type { Command, Commands } from '../commands'
import type { AssignmentView } from '../generated/AssignmentView'
import type { CallView } from '../generated/CallView'
import type { ErrorCode } from '../generated/ErrorCode'
import type { Failure } from '../generated/Failure'
import type { LinkView } from '../generated/LinkView'
import type { PatientView } from '../generated/PatientView'
import type { PersonView } from '../generated/PersonView'
import type { QueueRowView } from '../generated/QueueRowView'
import type { QueueSubject } from '../generated/QueueSubject'
import type { ReportView } from '../generated/ReportView'
import type { Role } from '../generated/Role'
import type { SessionSettingsView } from '../generated/SessionSettingsView'
import type { SessionView } from '../generated/SessionView'
import type { SigningSettingsView } from '../generated/SigningSettingsView'
import type { Tag } from '../generated/Tag'
import type { Events } from '../host'
import { ribbonOf, type Visit } from './day'
import { PATIENTS } from './people'

export type Handlers = { [C in Command]: (request: Commands[C]['request']) => Commands[C]['answer'] }

/** The handlers of the commands whose names begin so. */
export type HandlersOf<Prefix extends string> = Pick<Handlers, Extract<Command, `${Prefix}${string}`>>

/** What the window sees change, and what a test may look at or set. */
export type Inside = {
  visits: Visit[]
  reports: Map<string, ReportView>
  link: LinkView
  session: SessionView
  settings: SessionSettingsView
  call: CallView | null
  /** What is in the reader: the operator's card, nothing, or the card in a reader with keys of its own. */
  reader: 'card' | 'empty' | 'pin_pad'
  /** The settings of signatures. */
  signing: SigningSettingsView
  calls: string[]
}

export type World = {
  scene: string
  role: Role
  person: PersonView
  assignment: AssignmentView
  inside: Inside
  /** The rows of the queue: those that wait, and those confirmed today. */
  rows: { queued: QueueRowView[]; today: QueueRowView[] }
  online: () => boolean
  emit: <E extends keyof Events>(event: E, payload: Events[E]) => void
  changed: (...tags: Tag[]) => void
  /** Puts an item in the queue of the mock. */
  queue: (subject: QueueSubject, patient: PatientView, opens: string) => void
}

export const now = () => new Date().toISOString()

export function refuse(code: ErrorCode, detail: string, more?: Partial<Failure>): never {
  throw { code, detail, ...more } satisfies Failure
}

export const patientOf = (id: string): PatientView =>
  Object.values<PatientView>(PATIENTS).find((patient) => patient.id === id) ?? refuse('not_found', 'patient')

export const spoken = ({ family, given }: { family: string; given: string }) =>
  `${family.toLocaleUpperCase('it')} ${given}`

export const visitOf = ({ inside }: World, id: string) =>
  inside.visits.find(({ view }) => view.id === id) ?? refuse('not_found', `televisit/${id}`)

/** Brings a televisit to a stage, with its ribbon. */
export function stage(world: World, visit: Visit, to: Visit['view']['stage']) {
  visit.view.stage = to
  visit.view.ribbon = ribbonOf(to, visit.view.waiting_since)
  world.changed('agenda')
  return visit.view
}
