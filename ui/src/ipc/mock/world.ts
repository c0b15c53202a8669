/** What the parts of the mock host share: who is logged in, whether there is a network, how to refuse and to tell. */
import type { Command, Commands } from '../commands'
import type { ErrorCode } from '../generated/ErrorCode'
import type { Failure } from '../generated/Failure'
import type { PatientView } from '../generated/PatientView'
import type { PersonView } from '../generated/PersonView'
import type { QueueSubject } from '../generated/QueueSubject'
import type { Role } from '../generated/Role'
import type { Tag } from '../generated/Tag'
import { PATIENTS } from './people'

export type Handlers = { [C in Command]: (request: Commands[C]['request']) => Commands[C]['answer'] }

/** The handlers of the commands whose names begin so. */
export type HandlersOf<Prefix extends string> = Pick<Handlers, Extract<Command, `${Prefix}${string}`>>

export type World = {
  scene: string
  role: Role
  person: PersonView
  online: () => boolean
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
