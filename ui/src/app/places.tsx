/**
 * The places of the rail, by role. A new place is one line here, a folder of its own beside `agenda/`, and its words in `i18n/it`.
 */
import { type ComponentType, lazy } from 'react'
import type { IconName } from '../design'
import type { Role } from '../ipc/generated/Role'
import { Coming } from './Coming'
import type { Place } from './routes'

export type PlaceDefinition = { place: Place; icon: IconName; screen: ComponentType }

const Today = lazy(() => import('../agenda/Today').then(({ Today }) => ({ default: Today })))
const Queue = lazy(() => import('../delivery/Queue').then(({ Queue }) => ({ default: Queue })))

const ALL: Record<Place, PlaceDefinition> = {
  today: { place: 'today', icon: 'today', screen: Today },
  cases: { place: 'cases', icon: 'cases', screen: Coming },
  handovers: { place: 'handovers', icon: 'handover', screen: Coming },
  teleconsults: { place: 'teleconsults', icon: 'comment', screen: Coming },
  patients: { place: 'patients', icon: 'user', screen: Coming },
  documents: { place: 'documents', icon: 'file', screen: Coming },
  queue: { place: 'queue', icon: 'upload', screen: Queue },
  settings: { place: 'settings', icon: 'settings', screen: Coming },
}

const CLINICIAN: Place[] = ['today', 'teleconsults', 'patients', 'documents', 'queue', 'settings']
const COT: Place[] = ['cases', 'handovers', 'teleconsults', 'patients', 'documents', 'queue', 'settings']

export const placesOf = (role: Role): PlaceDefinition[] =>
  (role === 'cot_operator' ? COT : CLINICIAN).map((place) => ALL[place])

export const firstPlace = (role: Role): Place =>
  role === 'specialist' ? 'today' : role === 'cot_operator' ? 'cases' : 'teleconsults'

export const screenOf = (place: Place) => ALL[place].screen
