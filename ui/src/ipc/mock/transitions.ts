/**
 * What can be done with a transition of the mock host, and the handovers between operators. The cases it begins with are in
 * `transitionSeeds.ts`.
 */
import type { HandoverView } from '../generated/HandoverView'
import type { TransitionBoardView } from '../generated/TransitionBoardView'
import type { TransitionFilterRequest } from '../generated/TransitionFilterRequest'
import type { TransitionView } from '../generated/TransitionView'
import { at } from './day'
import { CHECKS, COLLEAGUES, line, newCases } from './transitionSeeds'
import { type HandlersOf, now, patientOf, refuse, spoken, type World } from './world'

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
