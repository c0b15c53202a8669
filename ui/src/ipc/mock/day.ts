/** The day of the mock host: televisits at fixed hours of today, in Campania. */
import { isoDay } from '../../i18n/format'
import type { AgendaRowView } from '../generated/AgendaRowView'
import type { DocumentView } from '../generated/DocumentView'
import type { PatientView } from '../generated/PatientView'
import type { RibbonState } from '../generated/RibbonState'
import type { RibbonStep } from '../generated/RibbonStep'
import type { RibbonStepView } from '../generated/RibbonStepView'
import type { TelevisitStage } from '../generated/TelevisitStage'
import type { TelevisitView } from '../generated/TelevisitView'
import { PATIENTS } from './people'

const DAY = 86_400_000

/** The instant at which the clocks of Campania show this hour, some days from now. */
export function at(hours: string, days = 0) {
  const day = isoDay(new Date(Date.now() + days * DAY))
  const guess = new Date(`${day}T${hours}:00+01:00`)
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Rome', hour: '2-digit', hourCycle: 'h23' }).format(
    guess,
  )
  return (Number(shown) === Number(hours.slice(0, 2)) ? guess : new Date(guess.getTime() - 3_600_000)).toISOString()
}

export const dayOf = (days: number) => isoDay(new Date(Date.now() + days * DAY))

const STEPS: RibbonStep[] = ['prescription', 'eligibility', 'booking', 'access', 'delivery', 'consultation']

function ribbon(
  states: RibbonState[],
  facts: Partial<Record<RibbonStep, { at?: string; note?: string }>>,
): RibbonStepView[] {
  return STEPS.map((step, index) => ({
    step,
    state: states[index] ?? 'to_do',
    at: facts[step]?.at ?? null,
    note: facts[step]?.note ?? null,
  }))
}

export function ribbonOf(stage: TelevisitStage, waitingSince: string | null, tested = true): RibbonStepView[] {
  const facts = {
    prescription: { at: dayOf(-18) },
    eligibility: { at: at('15:10', -2) },
    booking: { note: 'paid' },
    access: waitingSince ? { at: waitingSince } : {},
  }
  switch (stage) {
    case 'booked':
      return ribbon(tested ? ['done', 'done', 'current'] : ['done', 'failed'], facts)
    case 'waiting':
    case 'in_call':
      return ribbon(['done', 'done', 'done', 'current'], facts)
    case 'to_report':
      return ribbon(['done', 'done', 'done', 'done', 'current'], facts)
    case 'delivering':
      return ribbon(['done', 'done', 'done', 'done', 'current'], { ...facts, delivery: { note: 'queued' } })
    case 'done':
      return ribbon(['done', 'done', 'done', 'done', 'done', 'current'], { ...facts, delivery: { at: at('09:40') } })
    case 'not_held':
      return ribbon(['done', 'done', 'done', 'done', 'failed'], facts)
    case 'refused':
      return ribbon(['failed'], {})
  }
}

function documentsOf(patient: PatientView): DocumentView[] {
  const make = (n: number, title: string, days: number, here = true): DocumentView => ({
    id: `${patient.id}-${n}`,
    patient_id: patient.id,
    title,
    date: dayOf(-days),
    author: 'Ospedale del Golfo, Cardiologia',
    media_type: 'application/pdf',
    size: 84_000,
    on_this_pc: here,
  })
  return [
    make(1, 'Impianto pacemaker, dimissione', 94),
    make(2, 'Visita cardiologica con ECG', 143),
    make(3, 'Ecocardiogramma', 193, false),
  ]
}

type Made = {
  patient: PatientView
  start: string
  reason: string
  stage: TelevisitStage
  waiting?: number
  tested?: boolean
  control?: boolean
  caregiver?: boolean
}

const QUESTION =
  "Controllo a tre mesi dall'impianto di pacemaker bicamerale. Riferisce lieve affanno da sforzo da due settimane. Valutare terapia in atto."

export type Visit = {
  view: TelevisitView
  reason: string
  deadline: string | null
  caregiver: boolean
  overdue: boolean
}

function visit(made: Made): Visit {
  const { patient, stage } = made
  const since = made.waiting === undefined ? null : new Date(Date.now() - made.waiting * 60_000).toISOString()
  const tested = made.tested ?? true
  const after = !['booked', 'waiting', 'refused'].includes(stage)
  const held = after && stage !== 'not_held'
  return {
    reason: made.reason,
    deadline: null,
    caregiver: made.caregiver ?? false,
    overdue: false,
    view: {
      id: `tv-${patient.id}`,
      start: made.start,
      stage,
      patient,
      ribbon: ribbonOf(stage, since, tested),
      prescription: {
        nre: '1500A4000012345',
        date: dayOf(-18),
        question: QUESTION,
        requester: 'FERRANTINO Guido, medico di medicina generale',
        control_visit: made.control ?? true,
        service: 'Visita cardiologica di controllo',
      },
      eligibility: { passed: tested, at: at('15:10', -2), age_days: 2, device: 'telefono' },
      waiting_since: since,
      identity: after ? { method: 'document_shown', at: at('10:05') } : null,
      consent: after ? { to_service: true, to_image: true, representative: null, at: at('10:06') } : null,
      started_at: held ? at('10:07') : null,
      ended_at: held && stage !== 'in_call' ? at('10:25') : null,
      outcome:
        held && stage !== 'in_call'
          ? { kind: 'delivered' }
          : stage === 'not_held'
            ? { kind: 'not_delivered', reason: 'patient_absent', note: '' }
            : null,
      participants: [
        {
          name: `${patient.given} ${patient.family}`,
          relation: 'paziente',
          connected: since !== null || stage === 'in_call',
          invited_at: null,
          invitation_queued: false,
        },
        ...patient.related.map((each) => ({
          name: `${each.given} ${each.family}`,
          relation: each.relation,
          connected: false,
          invited_at: null,
          invitation_queued: false,
        })),
      ],
      documents: documentsOf(patient),
      therapy: ['Bisoprololo 2,5 mg: 1 volta al giorno', 'Apixaban 5 mg: 2 volte al giorno'],
      therapy_of: dayOf(-94),
      report_id: held ? `rp-${patient.id}` : null,
      delay_minutes: null,
    },
  }
}

export function newDay(): Visit[] {
  const late = visit({
    patient: PATIENTS.bellisario,
    start: at('11:30', -4),
    reason: 'Controllo scompenso, referto da firmare',
    stage: 'to_report',
  })
  late.overdue = true
  late.deadline = at('18:20', 1)
  return [
    late,
    visit({
      patient: PATIENTS.ventrigliani,
      start: at('09:00'),
      reason: 'Controllo dopo angioplastica',
      stage: 'done',
    }),
    visit({ patient: PATIENTS.altobrandi, start: at('09:20'), reason: 'Controllo ipertensione', stage: 'done' }),
    visit({ patient: PATIENTS.montefuschi, start: at('09:40'), reason: 'Controllo aritmia', stage: 'not_held' }),
    visit({
      patient: PATIENTS.marottoli,
      start: at('10:00'),
      reason: 'Controllo dopo impianto di pacemaker',
      stage: 'waiting',
      waiting: 6,
    }),
    visit({
      patient: PATIENTS.torrigiani,
      start: at('10:20'),
      reason: 'Controllo terapia anticoagulante',
      stage: 'waiting',
      waiting: 1,
    }),
    visit({
      patient: PATIENTS.fiorentano,
      start: at('10:40'),
      reason: 'Controllo fibrillazione atriale',
      stage: 'booked',
    }),
    visit({
      patient: PATIENTS.castagnari,
      start: at('11:00'),
      reason: 'Controllo ipertensione',
      stage: 'booked',
      tested: false,
    }),
    visit({
      patient: PATIENTS.palazzese,
      start: at('11:20'),
      reason: 'Controllo dopo ablazione',
      stage: 'booked',
      caregiver: true,
    }),
    visit({
      patient: PATIENTS.ward,
      start: at('11:40'),
      reason: 'Controllo scompenso cardiaco',
      stage: 'waiting',
      waiting: 0,
    }),
    visit({ patient: PATIENTS.child, start: at('12:00'), reason: 'Controllo soffio cardiaco', stage: 'booked' }),
    visit({
      patient: PATIENTS.sorbellini,
      start: at('12:20'),
      reason: 'Prima visita cardiologica',
      stage: 'refused',
      control: false,
    }),
  ]
}

export const rowOf = ({ view, reason, deadline, caregiver }: Visit): AgendaRowView => ({
  televisit_id: view.id,
  start: view.start,
  patient: view.patient,
  reason,
  stage: view.stage,
  ribbon: view.ribbon,
  waiting_since: view.waiting_since,
  deadline,
  with_caregiver: caregiver,
})
