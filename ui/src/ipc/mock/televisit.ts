/**
 * The mock agenda and its televisits, in the order that the core demands: identity, consent, call, outcome.
 * The visits themselves are in `day.ts`, what happens during the call in `call.ts`, the report in `report.ts`.
 */
import { isoDay } from '../../i18n/format'
import { newCall, tellCall } from './call'
import { rowOf } from './day'
import { type HandlersOf, now, refuse, stage, visitOf, type World } from './world'

export function televisits(world: World): HandlersOf<'agenda_' | 'televisit_'> {
  const { inside } = world
  return {
    agenda_day: ({ day, search }) => {
      const wanted = search.toLocaleLowerCase('it')
      const rows = inside.visits.filter(({ view }) =>
        `${view.patient.family} ${view.patient.given} ${view.patient.fiscal_code} ${view.prescription?.nre}`
          .toLocaleLowerCase('it')
          .includes(wanted),
      )
      return {
        day,
        rows: rows.filter(({ view, overdue }) => !overdue && isoDay(new Date(view.start)) === day).map(rowOf),
        overdue:
          day === isoDay() ? rows.filter(({ overdue, view }) => overdue && view.stage === 'to_report').map(rowOf) : [],
        as_of: inside.link.data_as_of ?? now(),
      }
    },
    televisit_open: ({ televisit_id }) => visitOf(world, televisit_id).view,
    televisit_confirm_identity: ({ televisit_id, method }) => {
      const { view } = visitOf(world, televisit_id)
      view.identity = { method, at: now() }
      world.changed('agenda')
      return view
    },
    televisit_refuse_identity: ({ televisit_id }) => {
      const visit = visitOf(world, televisit_id)
      visit.view.documents = []
      visit.view.outcome = { kind: 'not_delivered', reason: 'identity_not_confirmed', note: '' }
      return stage(world, visit, 'not_held')
    },
    televisit_record_consent: ({ televisit_id, to_service, to_image, representative }) => {
      const { view } = visitOf(world, televisit_id)
      if (!view.identity) refuse('identity_first', 'televisit/identity')
      if (view.patient.represented && !representative) refuse('representative_first', 'televisit/representative')
      view.consent = { to_service, to_image, representative, at: now() }
      world.changed('agenda')
      return view
    },
    televisit_notify_delay: ({ televisit_id, minutes }) => {
      const { view } = visitOf(world, televisit_id)
      view.delay_minutes = minutes
      return view
    },
    televisit_invite_caregiver: ({ televisit_id, family, given, relation }) => {
      const { view } = visitOf(world, televisit_id)
      const name = `${given} ${family}`
      const known = view.participants.find((person) => person.name === name)
      if (known?.invited_at) return view
      view.participants = [
        ...view.participants.filter((person) => person !== known),
        {
          name,
          relation,
          connected: false,
          invited_at: new Date().toISOString(),
          invitation_queued: !inside.link.online,
        },
      ]
      return view
    },
    televisit_not_delivered: ({ televisit_id, outcome }) => {
      const visit = visitOf(world, televisit_id)
      visit.view.outcome = outcome
      return stage(world, visit, 'not_held')
    },
    televisit_start: ({ televisit_id, camera }) => {
      const visit = visitOf(world, televisit_id)
      if (!visit.view.identity) refuse('identity_first', 'televisit/identity')
      if (!visit.view.consent) refuse('consent_first', 'televisit/consent')
      if (!visit.view.waiting_since) refuse('patient_absent', 'televisit/absent')
      inside.call = { ...newCall(televisit_id), synthetic: camera === 'synthetic', phone: visit.view.patient.phone }
      setTimeout(() => {
        if (!inside.call) return
        inside.call.phase = { phase: 'connected' }
        inside.call.started_at = now()
        visit.view.started_at = now()
        world.emit('call', structuredClone(inside.call))
        world.changed('agenda')
      }, 600)
      return stage(world, visit, 'in_call')
    },
    televisit_choose_outcome: ({ televisit_id, outcome }) => {
      const visit = visitOf(world, televisit_id)
      visit.view.outcome = outcome
      visit.view.ended_at = now()
      inside.call = inside.call ? { ...inside.call, phase: { phase: 'ended' } } : null
      tellCall(world)
      world.changed('report')
      return stage(world, visit, outcome.kind === 'not_delivered' ? 'not_held' : 'to_report')
    },
  }
}
