/**
 * The places of the rail, by role. A new place is one line here, a folder of its own beside `agenda/`, and its words in `i18n/it`.
 */
import { type ComponentType, lazy } from 'react'
import type { IconName } from '../design'
import type { Role } from '../ipc/generated/Role'
import type { Place } from './routes'

export type PlaceDefinition = { place: Place; icon: IconName; screen: ComponentType }

const Today = lazy(() => import('../agenda/Today').then(({ Today }) => ({ default: Today })))
const Cases = lazy(() => import('../transition/Cases').then(({ Cases }) => ({ default: Cases })))
const Handovers = lazy(() => import('../transition/Handovers').then(({ Handovers }) => ({ default: Handovers })))
const Teleconsults = lazy(() =>
  import('../teleconsult/Teleconsults').then(({ Teleconsults }) => ({ default: Teleconsults })),
)
const Patients = lazy(() => import('../patient/Patients').then(({ Patients }) => ({ default: Patients })))
const Documents = lazy(() => import('../document/Documents').then(({ Documents }) => ({ default: Documents })))
const Settings = lazy(() => import('../settings/Settings').then(({ Settings }) => ({ default: Settings })))
const Queue = lazy(() => import('../delivery/Queue').then(({ Queue }) => ({ default: Queue })))

const ALL: Record<Place, PlaceDefinition> = {
  today: { place: 'today', icon: 'today', screen: Today },
  cases: { place: 'cases', icon: 'cases', screen: Cases },
  handovers: { place: 'handovers', icon: 'handover', screen: Handovers },
  teleconsults: { place: 'teleconsults', icon: 'comment', screen: Teleconsults },
  patients: { place: 'patients', icon: 'user', screen: Patients },
  documents: { place: 'documents', icon: 'file', screen: Documents },
  queue: { place: 'queue', icon: 'upload', screen: Queue },
  settings: { place: 'settings', icon: 'settings', screen: Settings },
}

const CLINICIAN: Place[] = ['today', 'teleconsults', 'patients', 'documents', 'queue', 'settings']
const COT: Place[] = ['cases', 'handovers', 'teleconsults', 'patients', 'documents', 'queue', 'settings']

export const placesOf = (role: Role): PlaceDefinition[] =>
  (role === 'cot_operator' ? COT : CLINICIAN).map((place) => ALL[place])

export const firstPlace = (role: Role): Place => (role === 'cot_operator' ? 'cases' : 'today')

export const screenOf = (place: Place) => ALL[place].screen
