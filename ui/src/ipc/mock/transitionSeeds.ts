/**
 * The transitions that a mock COT begins with, its operators and its checklist. Data alone: what happens to a case after is in
 * `transitions.ts`.
 */
import type { LogLineView } from '../generated/LogLineView'
import type { PatientView } from '../generated/PatientView'
import type { TransitionCardView } from '../generated/TransitionCardView'
import type { TransitionDestination } from '../generated/TransitionDestination'
import type { TransitionOrigin } from '../generated/TransitionOrigin'
import type { TransitionState } from '../generated/TransitionState'
import type { TransitionView } from '../generated/TransitionView'
import { at, dayOf } from './day'
import { PATIENTS, STAFF } from './people'
import { spoken, type World } from './world'

export const COLLEAGUES: [string, string][] = [
  ['renata-marzullesi', 'MARZULLESI Renata'],
  ['tito-grimaldesi', 'GRIMALDESI Tito'],
]

export const CHECKS = [
  'Valutazione del bisogno concordata con il reparto',
  'Lettera di dimissione e terapia ricevute',
  'Ausili, ossigeno e presidi ordinati',
  'Trasporto prenotato',
  'Caregiver informato e formato',
  'MMG o PLS avvisato',
  'Primo accesso ADI fissato',
]

export const line = (of: Pick<LogLineView, 'at' | 'author' | 'text'> & Partial<LogLineView>): LogLineView => ({
  call: null,
  whom: null,
  call_back_at: null,
  escalation: null,
  ...of,
})

type Made = {
  patient: PatientView
  origin: TransitionOrigin
  destination: TransitionDestination
  state: TransitionState
  note: string
  owner?: string
  hours: number
  discharge?: number
  callBack?: string
  whom?: string
  done?: number
  missed?: number
  handedTo?: string
}

export function newCases(world: World): TransitionView[] {
  if (/empty/.test(world.scene)) return []
  const me = spoken(STAFF.dario)
  const [renata, tito] = COLLEAGUES.map(([, name]) => name)
  const made: Made[] = [
    {
      patient: PATIENTS.pontecorbi,
      origin: 'ward',
      destination: 'home',
      state: 'referred',
      note: 'Dimissione prevista nel pomeriggio',
      hours: 2.2,
      discharge: 0,
    },
    {
      patient: PATIENTS.laurenzani,
      origin: 'primary_care',
      destination: 'community_hospital',
      state: 'referred',
      note: 'Segnalato dal medico di famiglia',
      hours: 0.8,
    },
    {
      patient: PATIENTS.nocerelli,
      origin: 'ward',
      destination: 'residential_care',
      state: 'referred',
      note: 'Scheda di valutazione presente',
      hours: 0.4,
    },
    {
      patient: PATIENTS.trevisanti,
      origin: 'ward',
      destination: 'hospice',
      state: 'assessment',
      note: 'La figlia chiede tempo fino alle 11',
      owner: me,
      hours: 3,
      callBack: at('09:30'),
      whom: 'Figlia',
    },
    {
      patient: PATIENTS.basiletti,
      origin: 'ward',
      destination: 'home',
      state: 'assessment',
      note: 'Manca la scheda ausili',
      owner: me,
      hours: 5,
      callBack: at('11:00'),
      whom: 'Reparto di Medicina',
      done: 2,
    },
    {
      patient: PATIENTS.monfredini,
      origin: 'home_care',
      destination: 'community_hospital',
      state: 'assessment',
      note: 'Attende posto letto, due strutture',
      owner: renata,
      hours: 26,
    },
    {
      patient: PATIENTS.salvemari,
      origin: 'ward',
      destination: 'home',
      state: 'protected_discharge',
      note: 'Trasporto confermato',
      done: 4,
      owner: me,
      hours: 8,
      discharge: 0,
      handedTo: tito,
    },
    {
      patient: PATIENTS.orsoletti,
      origin: 'ward',
      destination: 'home',
      state: 'protected_discharge',
      note: 'Ossigeno in consegna',
      done: 3,
      owner: tito,
      hours: 20,
      discharge: 1,
    },
    {
      patient: PATIENTS.danielli,
      origin: 'emergency_room',
      destination: 'residential_care',
      state: 'protected_discharge',
      note: 'Lettera di dimissione attesa',
      owner: me,
      hours: 30,
      discharge: 1,
    },
    {
      patient: PATIENTS.vignolesi,
      origin: 'home_care',
      destination: 'home',
      state: 'territory_confirmation',
      note: 'Attende la presa in carico del Distretto Nord',
      owner: me,
      hours: 24,
      callBack: at('11:15'),
      whom: 'Distretto Nord',
      missed: 2,
      done: 6,
    },
    {
      patient: PATIENTS.peruginelli,
      origin: 'ward',
      destination: 'community_hospital',
      state: 'territory_confirmation',
      note: 'Prima visita fissata',
      owner: renata,
      hours: 4,
    },
  ]
  return made.map((each) => {
    const since = new Date(Date.now() - each.hours * 3_600_000).toISOString()
    const card: TransitionCardView = {
      id: `tr-${each.patient.id}`,
      patient: each.patient,
      origin: each.origin,
      destination: each.destination,
      state: each.state,
      note: each.note,
      owner: each.owner ?? null,
      mine: each.owner === me,
      since,
      expected_discharge: each.discharge === undefined ? null : dayOf(each.discharge),
      call_back_at: each.callBack ?? null,
      call_back_whom: each.whom ?? null,
      no_answers: each.missed ?? 0,
      due_at: each.callBack ?? since,
      urgency:
        each.owner === undefined
          ? each.hours >= 2
            ? 'late'
            : each.hours >= 1
              ? 'attention'
              : 'none'
          : each.callBack !== undefined && Date.parse(each.callBack) < Date.now()
            ? 'late'
            : 'none',
      escalated_at: each.owner === undefined && each.hours >= 2 ? new Date(Date.now() - 840_000).toISOString() : null,
      acknowledged_at: null,
      checks_done: each.done ?? 0,
      checks: CHECKS.length,
      handed_to: each.handedTo ?? null,
      queue: null,
    }
    return {
      card,
      checklist: CHECKS.map((name, index) => ({ name, done_at: index < (each.done ?? 0) ? since : null })),
      assessment: each.destination === 'residential_care' ? ('uvm' as const) : null,
      pai: each.destination === 'residential_care' ? 'PAI 2026/118' : null,
      receiver: each.callBack ? 'Distretto Nord' : null,
      from_citizen: each.origin === 'social_services',
      colleagues: COLLEAGUES,
      log: [
        line({ at: since, author: each.owner ?? 'Reparto di Medicina', text: each.note }),
        ...(each.callBack
          ? [
              line({
                at: since,
                author: me,
                call: 'call_back',
                whom: each.whom ?? null,
                call_back_at: each.callBack,
                text: 'Richiama se può prima',
              }),
            ]
          : []),
      ],
    }
  })
}
