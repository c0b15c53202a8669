/** Transitions and handovers of the mock host, and the lines of its register. */
import type { AuditLineView } from '../generated/AuditLineView'
import type { HandoverView } from '../generated/HandoverView'
import type { LogLineView } from '../generated/LogLineView'
import type { PatientView } from '../generated/PatientView'
import type { TransitionBoardView } from '../generated/TransitionBoardView'
import type { TransitionCardView } from '../generated/TransitionCardView'
import type { TransitionDestination } from '../generated/TransitionDestination'
import type { TransitionFilterRequest } from '../generated/TransitionFilterRequest'
import type { TransitionOrigin } from '../generated/TransitionOrigin'
import type { TransitionState } from '../generated/TransitionState'
import type { TransitionView } from '../generated/TransitionView'
import { at, dayOf } from './day'
import { PATIENTS, STAFF } from './people'
import { type HandlersOf, now, patientOf, refuse, spoken, type World } from './world'

const COLLEAGUES: [string, string][] = [
  ['renata-marzullesi', 'MARZULLESI Renata'],
  ['tito-grimaldesi', 'GRIMALDESI Tito'],
]

const CHECKS = [
  'Valutazione del bisogno concordata con il reparto',
  'Lettera di dimissione e terapia ricevute',
  'Ausili, ossigeno e presidi ordinati',
  'Trasporto prenotato',
  'Caregiver informato e formato',
  'MMG o PLS avvisato',
  'Primo accesso ADI fissato',
]

const line = (of: Pick<LogLineView, 'at' | 'author' | 'text'> & Partial<LogLineView>): LogLineView => ({
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

function newCases(world: World): TransitionView[] {
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

export function transitions(world: World): HandlersOf<'transition_' | 'handover_'> {
  const cases = newCases(world)
  const me = spoken(world.person)
  const caseOf = (id: string) => cases.find(({ card }) => card.id === id) ?? refuse('not_found', 'transition')
  const waiting = () => (world.online() ? null : ('waiting' as const))
  const done = (view: TransitionView, subject: 'transition' | 'handover' = 'transition') => {
    view.card.queue = waiting()
    if (view.card.queue) world.queue(subject, view.card.patient, view.card.id)
    world.changed('transition', 'handover', 'queue')
    return view
  }
  const openCases = () => cases.map(({ card }) => card).filter(({ state }) => state !== 'closed')
  const board = ({ owner, older_than_days, text, limit }: TransitionFilterRequest): TransitionBoardView => {
    const open = openCases()
    const wanted = text.trim().toLocaleLowerCase('it')
    const taken = open.filter(
      (card) =>
        (owner === 'all' ||
          (owner === 'mine' && card.mine) ||
          (owner === 'free' && card.owner === null) ||
          (owner === 'late' && card.urgency === 'late')) &&
        (older_than_days === null || Date.now() - Date.parse(card.since) >= older_than_days * 86_400_000) &&
        `${card.patient.family} ${card.patient.given} ${card.patient.fiscal_code}`
          .toLocaleLowerCase('it')
          .includes(wanted),
    )
    const columns = (['referred', 'assessment', 'protected_discharge', 'territory_confirmation'] as const).map(
      (state) => {
        const inside = taken.filter((card) => card.state === state)
        return { state, total: inside.length, more: inside.length > limit }
      },
    )
    return {
      cards: columns.flatMap(({ state }) => taken.filter((card) => card.state === state).slice(0, limit)),
      columns,
      counts: {
        all: open.length,
        mine: open.filter(({ mine }) => mine).length,
        free: open.filter(({ owner: of }) => of === null).length,
        late: open.filter(({ urgency }) => urgency === 'late').length,
      },
      load: COLLEAGUES.map(([, name]) => ({ name, cases: open.filter(({ owner: of }) => of === name).length })),
      most_each: 8,
      escalations: open
        .filter(({ owner: of, urgency }) => of === null && urgency === 'late')
        .map((card) => ({
          transition_id: card.id,
          waiting_since: card.since,
          threshold_minutes: 120,
          told_at: card.escalated_at,
          acknowledged_at: card.acknowledged_at,
          acknowledged_by: card.acknowledged_at ? me : null,
        })),
      colleagues: COLLEAGUES,
      as_of: now(),
    }
  }
  const offers: HandoverView[] = []
  const first = cases.find(({ card }) => card.owner === COLLEAGUES[0]?.[1])
  const given = cases.find(({ card }) => card.handed_to !== null)
  if (first)
    offers.push({
      id: 'ho-1',
      card: first.card,
      from: first.card.owner ?? '',
      to: me,
      incoming: true,
      accepted_at: null,
      at: at('08:50'),
      note: 'Richiamare la struttura entro mezzogiorno.',
      queue: null,
    })
  if (given)
    offers.push({
      id: 'ho-2',
      card: given.card,
      from: me,
      to: given.card.handed_to ?? '',
      incoming: false,
      accepted_at: null,
      at: at('09:10'),
      note: '',
      queue: null,
    })
  const taken = cases.find(({ card }) => card.owner === COLLEAGUES[1]?.[1])
  if (taken)
    offers.push({
      id: 'ho-3',
      card: taken.card,
      from: me,
      to: taken.card.owner ?? '',
      incoming: false,
      accepted_at: at('09:40'),
      at: at('09:05'),
      note: 'Ossigeno in consegna entro le 17.',
      queue: null,
    })
  const take = (id: string) => {
    const offer = offers.find((each) => each.id === id) ?? refuse('not_found', 'handover')
    offers.splice(offers.indexOf(offer), 1)
    return { offer, view: caseOf(offer.card.id) }
  }

  return {
    transition_board: () => board({ owner: 'all', older_than_days: null, text: '', limit: 40 }),
    transition_filter: (request) => board(request),
    transition_open: ({ transition_id }) => caseOf(transition_id),
    transition_create: ({ patient_id, origin, destination, expected_discharge, from_citizen, note }) => {
      const patient = patientOf(patient_id)
      const view: TransitionView = {
        card: {
          id: `tr-new-${patient.id}`,
          patient,
          origin,
          destination,
          state: 'referred',
          note,
          owner: null,
          mine: false,
          since: now(),
          expected_discharge,
          call_back_at: null,
          call_back_whom: null,
          no_answers: 0,
          due_at: new Date(Date.now() + 7_200_000).toISOString(),
          urgency: 'none',
          escalated_at: null,
          acknowledged_at: null,
          checks_done: 0,
          checks: CHECKS.length,
          handed_to: null,
          queue: null,
        },
        checklist: CHECKS.map((name) => ({ name, done_at: null })),
        assessment: null,
        pai: null,
        receiver: null,
        from_citizen: from_citizen ?? false,
        colleagues: COLLEAGUES,
        log: note ? [line({ at: now(), author: me, text: note })] : [],
      }
      cases.push(view)
      return done(view)
    },
    transition_claim: ({ transition_id }) => {
      const view = caseOf(transition_id)
      if (!world.online()) refuse('region_unreachable', 'region/connect')
      if (view.card.owner && !view.card.mine) refuse('already_claimed', 'transition/claimed', { name: view.card.owner })
      Object.assign(view.card, {
        owner: me,
        mine: true,
        since: now(),
        urgency: 'none',
        state: view.card.state === 'referred' ? 'assessment' : view.card.state,
      })
      return done(view)
    },
    transition_move: ({ transition_id, state }) => {
      const view = caseOf(transition_id)
      if (!view.card.mine) refuse('access_denied', 'transition/owner')
      Object.assign(view.card, { state, since: now() })
      return done(view)
    },
    transition_log_call: ({ transition_id, call, whom, call_back_at, text }) => {
      const view = caseOf(transition_id)
      if (call === 'call_back' && !call_back_at)
        refuse('request_incomplete', 'transition/call-back', { field: 'call_back_at' })
      view.log.push(line({ at: now(), author: me, call, whom: whom || null, call_back_at, text }))
      if (text.trim()) view.card.note = text
      if (call) {
        view.card.call_back_at = call === 'call_back' ? call_back_at : null
        view.card.call_back_whom = call === 'call_back' ? whom || null : null
        view.card.no_answers = call === 'called' ? 0 : view.card.no_answers + (call === 'no_answer' ? 1 : 0)
        view.card.urgency = 'none'
      }
      return done(view)
    },
    handover_offer: ({ transition_id, colleague_id, note }) => {
      const view = caseOf(transition_id)
      const name = COLLEAGUES.find(([id]) => id === colleague_id)?.[1] ?? refuse('not_found', 'colleague')
      view.card.handed_to = name
      offers.push({
        id: `ho-${offers.length + 3}`,
        card: view.card,
        from: me,
        to: name,
        incoming: false,
        accepted_at: null,
        at: now(),
        note,
        queue: waiting(),
      })
      return done(view, 'handover')
    },
    transition_assign: ({ transition_id, colleague_id }) => {
      if (!world.online()) refuse('region_unreachable', 'region/connect')
      const view = caseOf(transition_id)
      const name = COLLEAGUES.find(([id]) => id === colleague_id)?.[1] ?? refuse('not_found', 'colleague')
      Object.assign(view.card, {
        owner: name,
        mine: false,
        urgency: 'none',
        state: view.card.state === 'referred' ? 'assessment' : view.card.state,
      })
      return done(view)
    },
    transition_check: ({ transition_id, item, done: ticked }) => {
      const view = caseOf(transition_id)
      view.checklist = view.checklist.map((each) =>
        each.name === item ? { ...each, done_at: ticked ? now() : null } : each,
      )
      view.card.checks_done = view.checklist.filter(({ done_at }) => done_at !== null).length
      return done(view)
    },
    transition_detail: ({ transition_id, expected_discharge, assessment, pai }) => {
      const view = caseOf(transition_id)
      view.card.expected_discharge = expected_discharge
      return done(Object.assign(view, { assessment, pai: pai.trim() || null }))
    },
    transition_acknowledge: ({ transition_id }) => {
      const view = caseOf(transition_id)
      view.card.acknowledged_at = now()
      view.log.push(
        line({ at: now(), author: me, escalation: 'acknowledged', text: 'Presa visione del coordinamento' }),
      )
      return done(view)
    },
    handover_acknowledge: ({ handover_id }) => {
      take(handover_id)
      world.changed('handover')
      return { handovers: offers }
    },
    handover_sheet: () => ({
      at: now(),
      operator: me,
      structure: 'COT Valle Serena',
      cards: cases.map(({ card }) => card).filter(({ mine, state }) => mine && state !== 'closed'),
      left_out: 0,
    }),
    handover_list: () => ({ handovers: offers }),
    handover_accept: ({ handover_id }) => {
      if (!world.online()) refuse('region_unreachable', 'region/connect')
      const { view } = take(handover_id)
      Object.assign(view.card, { owner: me, mine: true, handed_to: null })
      done(view)
      return { handovers: offers }
    },
    handover_refuse: ({ handover_id }) => {
      const { view } = take(handover_id)
      view.card.handed_to = null
      done(view, 'handover')
      return { handovers: offers }
    },
  }
}

export function register(world: World): AuditLineView[] {
  const me = spoken(world.person)
  const lines: [string, string, string][] = [
    ['10:02', 'patient_opened', 'Patient/marottoli'],
    ['10:01', 'document_opened', 'DocumentReference/marottoli-1'],
    ['09:58', 'teleconsult_answered', 'ServiceRequest/44815'],
    ['09:40', 'report_delivered', 'Composition/rp-altobrandi'],
    ['09:38', 'report_signed', 'Composition/rp-altobrandi'],
    ['09:21', 'consent_recorded', 'Consent/tv-altobrandi'],
    ['09:20', 'identity_recorded', 'Encounter/tv-altobrandi'],
    ['08:12', 'role_chosen', 'PractitionerRole/golfo-cardiologia'],
    ['08:11', 'logged_in', 'Practitioner/irene-valmori'],
  ]
  return /empty/.test(world.scene)
    ? []
    : lines.map(([hour, action, subject], index) => ({ seq: 412 - index, at: at(hour), actor: me, action, subject }))
}
