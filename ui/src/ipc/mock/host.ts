/**
 * A region, a core and a station made of invented people, in memory: the whole window runs on it in a plain browser and in
 * the tests. It keeps the order that the core demands (identity, consent, call, outcome, report) and nothing else of its rules.
 * The address chooses where it begins: `?scene=today`, `call`, `cut`, `report`, `sign`, `queue`, `locked`, `first`, `role`, `empty`.
 */
import { isoDay } from '../../i18n/format'
import type { Command, Commands } from '../commands'
import type { CallView } from '../generated/CallView'
import type { DeliveryView } from '../generated/DeliveryView'
import type { ErrorCode } from '../generated/ErrorCode'
import type { Failure } from '../generated/Failure'
import type { FindingView } from '../generated/FindingView'
import type { LinkView } from '../generated/LinkView'
import type { QueueRowView } from '../generated/QueueRowView'
import type { ReportForm } from '../generated/ReportForm'
import type { ReportView } from '../generated/ReportView'
import type { SessionView } from '../generated/SessionView'
import type { ShiftView } from '../generated/ShiftView'
import type { SigningIdentityView } from '../generated/SigningIdentityView'
import type { StationCheckView } from '../generated/StationCheckView'
import type { Tag } from '../generated/Tag'
import type { Events, Host } from '../host'
import { at, dayOf, newDay, ribbonOf, rowOf, type Visit } from './day'
import { play } from './film'
import { makePdf } from './pdf'
import { PATIENTS, STAFF } from './people'
import { documentsOf, teleconsults } from './teleconsults'
import { register, transitions } from './transitions'
import { patientOf, type World } from './world'

type Handlers = { [C in Command]: (request: Commands[C]['request']) => Commands[C]['answer'] }

const ASSIGNMENT = {
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
const PIN = '12345'

const now = () => new Date().toISOString()

const folded = (text: string) =>
  text
    .trim()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLocaleLowerCase('it')

function refuse(code: ErrorCode, detail: string, more?: Partial<Failure>): never {
  throw { code, detail, ...more } satisfies Failure
}

export type MockHost = Host & {
  /** For tests and for the pictures: what is inside, and how to tell the window that it changed. */
  inside: {
    visits: Visit[]
    reports: Map<string, ReportView>
    link: LinkView
    session: SessionView
    call: CallView | null
    /** What is in the reader: the operator's card, nothing, or the card in a reader with keys of its own. */
    reader: 'card' | 'empty' | 'pin_pad'
    calls: string[]
  }
  emit<E extends keyof Events>(event: E, payload: Events[E]): void
  /** The next answer of a command is this failure, once. */
  failNext(command: Command, failure: Failure): void
  /** How long an answer takes. */
  delay: number
}

export function mockHost(scene = new URLSearchParams(window.location.search).get('scene') ?? 'out'): MockHost {
  const listeners = new Map<keyof Events, Set<(payload: never) => void>>()
  const failures = new Map<Command, Failure>()
  let pin: SigningIdentityView['pin'] = 'ready'
  let tries = 0

  const host: MockHost = {
    delay: 0,
    inside: {
      visits: scene === 'empty' ? [] : newDay(),
      reports: new Map(),
      link: { online: true, data_as_of: null, offline_since: null, queued: 0, to_correct: 0, next_try_s: null },
      session: { state: 'out' },
      call: null,
      reader: 'card',
      calls: [],
    },
    emit(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never)
    },
    failNext: (command, failure) => void failures.set(command, failure),
    async invoke(command, request) {
      host.inside.calls.push(command)
      await new Promise((done) => setTimeout(done, host.delay))
      const failure = failures.get(command)
      if (failure) {
        failures.delete(command)
        throw failure
      }
      return structuredClone((handlers[command] as (request: unknown) => never)(request))
    },
    async listen(event, handler) {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set)
      set.add(handler as never)
      return () => void set.delete(handler as never)
    },
    async frames(onFrame) {
      play(onFrame, () => {
        const call = host.inside.call
        const preview = call !== null && call.televisit_id === null
        const flowing = call?.phase.phase === 'connected'
        return { remote: flowing, own: preview || (flowing && call.camera_on), stamped: false }
      })
    },
  }
  const { inside } = host

  const changed = (...tags: Tag[]) => setTimeout(() => host.emit('changed', { tags }))
  const other = OTHERS[scene.split('-')[0] as keyof typeof OTHERS]
  const world: World = {
    scene,
    role: other?.assignment.role ?? 'specialist',
    person: other?.person ?? STAFF.irene,
    online: () => inside.link.online,
    changed,
    queue: (subject, patient, opens) => {
      queued.push({
        item: item(`w-${queued.length}-${opens}`, subject, 'waiting', now(), opens),
        patient,
        delivery: null,
      })
      inside.link = { ...inside.link, queued: queued.length }
      host.emit('link', inside.link)
    },
  }
  const open = (person = world.person): SessionView => ({
    state: 'open',
    person,
    assignment: other?.assignment ?? ASSIGNMENT,
    offline: !inside.link.online,
  })
  const setSession = (session: SessionView) => {
    inside.session = session
    return session
  }
  const visitOf = (id: string) =>
    inside.visits.find(({ view }) => view.id === id) ?? refuse('not_found', `televisit/${id}`)
  const stage = (visit: Visit, to: Visit['view']['stage']) => {
    visit.view.stage = to
    visit.view.ribbon = ribbonOf(to, visit.view.waiting_since)
    changed('agenda')
    return visit.view
  }
  const tellCall = () => setTimeout(() => inside.call && host.emit('call', structuredClone(inside.call)))
  const requireCall = () => inside.call ?? refuse('no_call', 'call/none')

  const check = (): StationCheckView => ({
    at: now(),
    passed: inside.link.online,
    items: [
      {
        item: 'region',
        outcome: inside.link.online ? 'passed' : 'failed',
        value: inside.link.online ? 84 : null,
        device: null,
        synthetic: false,
        detail: inside.link.online ? null : 'region/unreachable',
      },
      { item: 'clock', outcome: 'passed', value: 0.2, device: null, synthetic: false, detail: null },
      { item: 'archive', outcome: 'passed', value: 61, device: null, synthetic: false, detail: null },
      { item: 'camera', outcome: 'passed', value: 15, device: 'Immagine di prova', synthetic: true, detail: null },
      { item: 'microphone', outcome: 'passed', value: -18, device: 'Microfono USB', synthetic: false, detail: null },
      {
        item: 'relay',
        outcome: inside.link.online ? 'passed' : 'failed',
        value: inside.link.online ? 41 : null,
        device: null,
        synthetic: false,
        detail: inside.link.online ? null : 'turn/unreachable',
      },
      {
        item: 'signing_device',
        outcome: 'warning',
        value: 1,
        device: 'Lettore di carte 1',
        synthetic: false,
        detail: null,
      },
    ],
  })
  let lastCheck: StationCheckView | null = scene === 'first' ? null : check()

  const newCall = (televisit: string | null): CallView => ({
    televisit_id: televisit,
    phase: { phase: 'connecting' },
    started_at: null,
    quality: 'good',
    microphone_on: true,
    camera_on: true,
    synthetic: false,
    remote_audio: true,
    remote_video: true,
    patient_present: true,
    level_dbfs: -22,
    chat: [],
    image_acquired_at: null,
    phone: null,
  })

  const emptyForm = (question: string): ReportForm => ({
    question,
    history: '',
    allergies: '',
    current_therapy: 'Bisoprololo 2,5 mg 1 volta al giorno\nApixaban 5 mg 2 volte al giorno',
    examination: '',
    measurement_source: '',
    image_caption: '',
    diagnosis: '',
    conclusions: '',
    outcome: null,
    further_tests: '',
    priority: null,
    next_control: '',
    therapy: '',
    suggestions: '',
    link_suitable: null,
    link_note: '',
    darkening_asked: false,
    darkened: false,
    darkened_from_patient: false,
    darkened_from_parent: false,
  })

  const findingsOf = (form: ReportForm, visit: Visit): FindingView[] => {
    const found: FindingView[] = []
    const blocking = (field: FindingView['field'], code: string) =>
      found.push({ field, severity: 'blocking', code, region_text: null })
    if (!form.question.trim()) blocking('question', 'missing_question')
    if (!form.examination.trim()) blocking('examination', 'missing_findings')
    if (/riferit/.test(form.examination) && !form.measurement_source.trim())
      found.push({ field: 'examination', severity: 'advice', code: 'measurements_without_source', region_text: null })
    if (!form.conclusions.trim()) blocking('conclusions', 'missing_conclusions')
    if (!form.outcome) blocking('outcome', 'missing_outcome')
    if (form.outcome === 'further_tests' && !form.further_tests.trim())
      blocking('further_tests', 'missing_further_tests')
    if (form.further_tests.trim() && !form.priority) blocking('priority', 'missing_priority')
    if (form.link_suitable === null) blocking('link_suitability', 'missing_link_suitability')
    if (!form.darkening_asked)
      found.push({ field: 'darkening', severity: 'advice', code: 'darkening_not_asked', region_text: null })
    if (!visit.view.ended_at) blocking('visit', 'call_not_ended')
    return found
  }

  const reportOf = (televisit: string): ReportView => {
    const visit = visitOf(televisit)
    const before = inside.reports.get(televisit)
    const { view } = visit
    const report: ReportView = before ?? {
      id: `rp-${view.patient.id}`,
      televisit_id: televisit,
      patient: view.patient,
      stage: view.stage === 'done' ? 'delivered' : 'draft',
      form: emptyForm(view.prescription?.question ?? ''),
      revision: 1,
      saved_at: null,
      findings: [],
      visit: {
        nre: view.prescription?.nre ?? '',
        started_at: null,
        ended_at: null,
        participants: [],
        link_quality: 'good',
        identity_method: null,
        identity_at: null,
        consent_at: null,
        image_at: null,
        outcome: null,
      },
      delivery: null,
    }
    report.visit = {
      ...report.visit,
      started_at: view.started_at,
      ended_at: view.ended_at,
      participants: view.participants
        .filter(({ connected }, index) => connected || index === 0)
        .map(({ relation }) => relation.charAt(0).toUpperCase() + relation.slice(1)),
      identity_method: view.identity?.method ?? null,
      identity_at: view.identity?.at ?? null,
      consent_at: view.consent?.at ?? null,
      image_at: inside.call?.image_acquired_at ?? report.visit.image_at,
      outcome: view.outcome,
    }
    report.findings = report.stage === 'draft' ? findingsOf(report.form, visit) : report.findings
    inside.reports.set(televisit, report)
    return report
  }

  const delivered = (receivedAt: string): DeliveryView => ({
    receipts: [
      { step: 'validated', at: receivedAt, id: 'WII.2026.4411', foreseen: null },
      { step: 'signed', at: receivedAt, id: null, foreseen: null },
      { step: 'delivered', at: receivedAt, id: 'TRK-0192', foreseen: null },
      { step: 'on_portal', at: receivedAt, id: null, foreseen: null },
      { step: 'in_fse', at: null, id: null, foreseen: dayOf(5) },
    ],
    publish_before: new Date(Date.parse(receivedAt) + 5 * 86_400_000).toISOString(),
    item: null,
  })
  const waitingDelivery = (validated: string | null): DeliveryView => ({
    receipts: [
      { step: 'validated', at: validated, id: validated ? 'WII.2026.4420' : null, foreseen: null },
      { step: 'signed', at: at('10:41'), id: null, foreseen: null },
      { step: 'delivered', at: null, id: null, foreseen: null },
      { step: 'on_portal', at: null, id: null, foreseen: null },
      { step: 'in_fse', at: null, id: null, foreseen: dayOf(5) },
    ],
    publish_before: validated ? new Date(Date.parse(validated) + 5 * 86_400_000).toISOString() : null,
    item: null,
  })
  const item = (
    id: string,
    subject: QueueRowView['item']['subject'],
    state: QueueRowView['item']['state'],
    created: string,
    opens: string | null,
  ): QueueRowView['item'] => ({
    id,
    subject,
    state,
    created_at: created,
    next_try: state === 'waiting' ? new Date(Date.now() + 40_000).toISOString() : null,
    attempts: state === 'waiting' ? 2 : 0,
    detail: state === 'waiting' ? 'region/unreachable' : null,
    opens,
    upload: subject === 'attachment' ? { sent: 5_242_880, size: 20_971_520, paused: false } : null,
  })
  const queueRow = (row: QueueRowView): QueueRowView => ({
    ...row,
    delivery: row.delivery ? { ...row.delivery, item: row.item } : null,
  })

  let queued: QueueRowView[] = []
  const today: QueueRowView[] =
    scene === 'empty'
      ? []
      : [
          queueRow({
            item: item('q1', 'report', 'confirmed', at('10:28'), 'tv-ventrigliani'),
            patient: PATIENTS.ventrigliani,
            delivery: delivered(at('10:31')),
          }),
          queueRow({
            item: item('q2', 'report', 'confirmed', at('10:01'), 'tv-altobrandi'),
            patient: PATIENTS.altobrandi,
            delivery: delivered(at('10:05')),
          }),
          queueRow({
            item: item('q3', 'teleconsult_answer', 'confirmed', at('09:20'), null),
            patient: PATIENTS.montefuschi,
            delivery: null,
          }),
        ]

  const offline = () => {
    inside.link = {
      online: false,
      data_as_of: at('10:38'),
      offline_since: at('10:38'),
      queued: 4,
      to_correct: 0,
      next_try_s: 40,
    }
    queued = [
      queueRow({
        item: item('w1', 'report', 'waiting', at('18:20', -3), 'tv-bellisario'),
        patient: PATIENTS.bellisario,
        delivery: waitingDelivery(at('18:20', -4)),
      }),
      queueRow({
        item: item('w2', 'report', 'waiting', at('10:41'), 'tv-marottoli'),
        patient: PATIENTS.marottoli,
        delivery: waitingDelivery(at('10:34')),
      }),
      queueRow({
        item: item('w3', 'teleconsult_answer', 'waiting', at('10:52'), null),
        patient: PATIENTS.palazzese,
        delivery: null,
      }),
      queueRow({
        item: item('w4', 'visit_record', 'behind', at('10:53'), null),
        patient: PATIENTS.torrigiani,
        delivery: null,
      }),
    ]
  }

  let shift: ShiftView = {
    ready: false,
    prepared_at: null,
    until: null,
    items: (world.role === 'cot_operator'
      ? [
          { kind: 'transitions' as const, here: 11, needed: 11, fetched: true },
          { kind: 'patients' as const, here: 11, needed: 11, fetched: true },
        ]
      : [
          { kind: 'televisits' as const, here: 9, needed: 9, fetched: true },
          { kind: 'teleconsults' as const, here: 5, needed: 5, fetched: true },
          { kind: 'patients' as const, here: 12, needed: 12, fetched: true },
          { kind: 'documents' as const, here: 31, needed: 38, fetched: true },
        ]
    ).slice(),
  }

  const handlers: Handlers = {
    session_state: () => inside.session,
    session_login: () => {
      if (!inside.link.online) refuse('first_login_needs_network', 'oidc/unreachable')
      setTimeout(
        () =>
          host.emit(
            'session',
            setSession({
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
      return setSession({ state: 'logging_in', address: 'http://127.0.0.1:8734/authorize?client_id=postazione' })
    },
    session_login_cancel: () => setSession({ state: 'out' }),
    session_create_secret: ({ secret }) => {
      if (/^(\d)\1+$/.test(secret) || secret === '123456') refuse('weak_station_secret', 'session/weak')
      return setSession({ state: 'needs_role', person: STAFF.irene, assignments: [ASSIGNMENT] })
    },
    session_choose_role: () => setSession(open()),
    session_unlock: ({ person_id, secret }) => {
      if (secret !== SECRET) refuse('wrong_station_secret', 'session/secret')
      return setSession(open(Object.values(STAFF).find(({ id }) => id === person_id)))
    },
    session_lock: () => {
      const person = 'person' in inside.session ? inside.session.person : STAFF.irene
      return setSession({
        state: 'locked',
        person,
        since: now(),
        reason: 'asked',
        call_in_progress: inside.call !== null && inside.call.phase.phase !== 'ended',
        kind: 'pin',
      })
    },
    session_leave: () => setSession({ state: 'out' }),
    session_touch: () => null,
    station_state: () => ({
      version: '0.1.0',
      training: true,
      region: 'http://127.0.0.1:8734',
      citizen_address: 'http://127.0.0.1:8734/cittadino',
      link: inside.link,
      people:
        scene === 'first'
          ? []
          : [
              { person: STAFF.irene, structure: ASSIGNMENT.structure, last_access: at('19:22', -1), secret: 'pin' },
              { person: STAFF.sandro, structure: ASSIGNMENT.structure, last_access: at('07:41'), secret: 'pin' },
              {
                person: STAFF.livia,
                structure: 'Ospedale del Golfo, Pneumologia',
                last_access: at('16:05', -2),
                secret: 'pin',
              },
            ],
      check: lastCheck,
      needs_region: scene === 'region',
    }),
    station_set_region: ({ address }) => {
      if (!address.startsWith('https://')) refuse('bad_request', 'station/address', { field: 'address' })
      return null
    },
    station_check: () => {
      lastCheck = check()
      return lastCheck
    },
    shift_state: () => shift,
    shift_prepare: () => {
      if (!inside.link.online) refuse('region_unreachable', 'shift/offline')
      shift = {
        ready: true,
        prepared_at: now(),
        until: at('20:00', isoDay() === isoDay(new Date(at('20:00'))) && Date.now() < Date.parse(at('20:00')) ? 0 : 1),
        items: shift.items.map((item) => ({ ...item, here: item.needed, fetched: true })),
      }
      return shift
    },
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
    televisit_open: ({ televisit_id }) => visitOf(televisit_id).view,
    televisit_confirm_identity: ({ televisit_id, method }) => {
      const { view } = visitOf(televisit_id)
      view.identity = { method, at: now() }
      changed('agenda')
      return view
    },
    televisit_refuse_identity: ({ televisit_id }) => {
      const visit = visitOf(televisit_id)
      visit.view.documents = []
      visit.view.outcome = { kind: 'not_delivered', reason: 'identity_not_confirmed', note: '' }
      return stage(visit, 'not_held')
    },
    televisit_record_consent: ({ televisit_id, to_service, to_image, representative }) => {
      const { view } = visitOf(televisit_id)
      if (!view.identity) refuse('identity_first', 'televisit/identity')
      if (view.patient.represented && !representative) refuse('representative_first', 'televisit/representative')
      view.consent = { to_service, to_image, representative, at: now() }
      changed('agenda')
      return view
    },
    televisit_notify_delay: ({ televisit_id, minutes }) => {
      const { view } = visitOf(televisit_id)
      view.delay_minutes = minutes
      return view
    },
    televisit_invite_caregiver: ({ televisit_id, family, given, relation }) => {
      const { view } = visitOf(televisit_id)
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
      const visit = visitOf(televisit_id)
      visit.view.outcome = outcome
      return stage(visit, 'not_held')
    },
    televisit_start: ({ televisit_id, camera }) => {
      const visit = visitOf(televisit_id)
      if (!visit.view.identity) refuse('identity_first', 'televisit/identity')
      if (!visit.view.consent) refuse('consent_first', 'televisit/consent')
      if (!visit.view.waiting_since) refuse('patient_absent', 'televisit/absent')
      inside.call = { ...newCall(televisit_id), synthetic: camera === 'synthetic', phone: visit.view.patient.phone }
      setTimeout(() => {
        if (!inside.call) return
        inside.call.phase = { phase: 'connected' }
        inside.call.started_at = now()
        visit.view.started_at = now()
        host.emit('call', structuredClone(inside.call))
        changed('agenda')
      }, 600)
      return stage(visit, 'in_call')
    },
    televisit_choose_outcome: ({ televisit_id, outcome }) => {
      const visit = visitOf(televisit_id)
      visit.view.outcome = outcome
      visit.view.ended_at = now()
      inside.call = inside.call ? { ...inside.call, phase: { phase: 'ended' } } : null
      tellCall()
      changed('report')
      return stage(visit, outcome.kind === 'not_delivered' ? 'not_held' : 'to_report')
    },
    call_devices: () => ({
      cameras: [
        { id: 'logi', name: 'Camera USB', synthetic: false },
        { id: 'synthetic', name: 'Immagine di prova', synthetic: true },
      ],
      microphones: [
        { id: 'usb', name: 'Microfono USB', synthetic: false },
        { id: 'synthetic-sound', name: 'Suono di prova', synthetic: true },
      ],
    }),
    call_preview_start: ({ camera }) => {
      inside.call = { ...newCall(null), synthetic: camera === 'synthetic' }
      tellCall()
      return inside.call
    },
    call_preview_stop: () => {
      if (inside.call?.televisit_id === null) inside.call = null
      return null
    },
    call_frames_drawn: () => null,
    call_microphone: ({ on }) => {
      requireCall().microphone_on = on
      tellCall()
      return requireCall()
    },
    call_camera: ({ on }) => {
      requireCall().camera_on = on
      tellCall()
      return requireCall()
    },
    call_chat: ({ text }) => {
      const call = requireCall()
      call.chat.push({ id: `mine-${call.chat.length}`, at: now(), mine: true, text, received: true })
      tellCall()
      return call
    },
    call_capture_image: () => {
      const call = requireCall()
      if (!call.televisit_id || !visitOf(call.televisit_id).view.consent?.to_image)
        refuse('image_consent_missing', 'call/consent')
      call.image_acquired_at = now()
      tellCall()
      changed('report')
      return { at: now(), width: 640, height: 360 }
    },
    call_hang_up: () => {
      const call = requireCall()
      call.phase = { phase: 'ended' }
      return call
    },
    call_state: () => inside.call ?? { ...newCall(null), phase: { phase: 'ended' } },
    call_counters: () => ({
      seconds: 0,
      video_sent: 0,
      video_received: 0,
      video_decoded: 0,
      audio_packets_sent: 0,
      audio_packets_received: 0,
      audio_level_dbfs: -90,
      first_picture_ms: null,
      chat_received: 0,
    }),
    report_open: ({ televisit_id }) => reportOf(televisit_id),
    report_save: ({ televisit_id, revision, form }) => {
      const report = reportOf(televisit_id)
      if (report.stage !== 'draft' && report.stage !== 'to_correct') refuse('report_frozen', 'report/frozen')
      if (revision !== report.revision) refuse('conflict', 'report/revision')
      report.form = form
      report.stage = 'draft'
      report.revision += 1
      report.saved_at = now()
      report.findings = findingsOf(form, visitOf(televisit_id))
      return { revision: report.revision, saved_at: report.saved_at, findings: report.findings }
    },
    report_preview: ({ televisit_id }) => {
      const { form, patient, visit } = reportOf(televisit_id)
      const section = (title: string, text: string) => (text ? [{ text: title, bold: true, gap: 8 }, { text }] : [])
      return makePdf([
        { text: 'Ospedale del Golfo', bold: true, right: 'Referto di televisita' },
        { text: 'Cardiologia', bold: true },
        {
          text: `${patient.family.toUpperCase()} ${patient.given}, nata il ${patient.birth_date.split('-').reverse().join('/')}`,
          gap: 12,
        },
        { text: patient.fiscal_code },
        ...section('Quesito', form.question),
        ...section('Anamnesi', form.history),
        ...section('Terapia in atto', form.current_therapy),
        ...section(
          'Modalità e qualità',
          `Televisita. Partecipanti: ${visit.participants.join(', ')}. Collegamento buono.`,
        ),
        ...section('Esame e rilievi', form.examination),
        ...section('Conclusioni', form.conclusions),
        ...section('Esito', form.outcome ? 'Registrato' : 'da completare'),
        ...section('Terapia', form.therapy),
      ])
    },
    report_image: () => refuse('not_found', 'report/image'),
    report_signing_devices: () => {
      const identities: SigningIdentityView[] = [
        {
          id: 'card',
          device: 'Carta operatore, lettore 1',
          kind: 'card',
          subject: 'VALMORI Irene',
          issuer: 'CA di prova',
          not_after: '2028-06-14T12:00:00Z',
          is_author: true,
          pin,
          pin_on_device: host.inside.reader === 'pin_pad',
          blocked_by: pin === 'locked' ? 'pin_locked' : null,
        },
        {
          id: 'file',
          device: 'File di firma per formazione',
          kind: 'file',
          subject: 'VALMORI Irene',
          issuer: 'CA di prova',
          not_after: '2027-01-31T12:00:00Z',
          is_author: true,
          pin: 'ready',
          pin_on_device: false,
          blocked_by: null,
        },
      ]
      return { identities: identities.filter(({ kind }) => kind !== 'card' || host.inside.reader !== 'empty') }
    },
    report_sign_and_send: ({ televisit_id, pin: typed, revision }) => {
      const report = reportOf(televisit_id)
      if (revision !== report.revision) refuse('conflict', 'report/revision')
      if (report.findings.some(({ severity }) => severity === 'blocking'))
        refuse('report_incomplete', 'report/findings', { field: report.findings[0]?.field })
      if (typed !== (host.inside.reader === 'pin_pad' ? '' : PIN)) {
        tries += 1
        pin = tries === 1 ? 'few_left' : tries === 2 ? 'last_try' : 'locked'
        refuse(
          tries === 1 ? 'wrong_pin_few_left' : tries === 2 ? 'wrong_pin_last_try' : 'pin_locked',
          'pkcs11/CKR_PIN_INCORRECT',
        )
      }
      pin = 'ready'
      const visit = visitOf(televisit_id)
      const delivery = inside.link.online ? delivered(now()) : waitingDelivery(null)
      report.stage = inside.link.online ? 'delivered' : 'delivering'
      const row = queueRow({
        item: item(`s-${televisit_id}`, 'report', inside.link.online ? 'confirmed' : 'waiting', now(), televisit_id),
        patient: report.patient,
        delivery,
      })
      report.delivery = row.delivery
      if (inside.link.online) today.unshift(row)
      else queued.push(row)
      stage(visit, inside.link.online ? 'done' : 'delivering')
      changed('queue', 'report')
      return delivery
    },
    report_delivery: ({ televisit_id }) => reportOf(televisit_id).delivery ?? refuse('not_found', 'report/delivery'),
    delivery_queue: () => ({
      queued,
      to_correct: [],
      delivered_today: today,
      bytes: queued.length * 525_000,
      last_sent: today.length > 0 ? at('10:31') : null,
    }),
    delivery_retry_now: () => handlers.delivery_queue(undefined),
    delivery_pause_upload: ({ item_id, paused }) => {
      const row = queued.find(({ item }) => item.id === item_id)
      if (!row?.item.upload) return refuse('not_found', 'queue/upload')
      row.item.upload.paused = paused
      changed('queue')
      return handlers.delivery_queue(undefined)
    },
    patient_search: ({ text, limit }) => {
      const wanted = text.toLocaleLowerCase('it')
      const found = Object.values(PATIENTS).filter(({ family, given, fiscal_code }) =>
        `${family} ${given} ${fiscal_code}`.toLocaleLowerCase('it').includes(wanted),
      )
      return { patients: found.slice(0, limit), total: found.length }
    },
    patient_open: ({ patient_id }) =>
      Object.values(PATIENTS).find(({ id }) => id === patient_id) ?? refuse('not_found', 'patient'),
    document_list: ({ patient_id }) => ({ documents: documentsOf(patientOf(patient_id)) }),
    document_recent: ({ text, limit }) => {
      if (scene.startsWith('cot')) refuse('access_denied', 'role/not-allowed')
      const words = folded(text).split(/\s+/)
      const known = scene.endsWith('empty') ? [] : Object.values(PATIENTS)
      const found = known
        .flatMap((patient) => documentsOf(patient).map((document) => ({ document, patient })))
        .filter(({ document: { title }, patient: { family, given, fiscal_code } }) => {
          const hay = folded(`${family} ${given} ${fiscal_code} ${title}`)
          return words.every((word) => hay.includes(word))
        })
        .sort((a, b) => b.document.date.localeCompare(a.document.date))
      return { documents: found.slice(0, limit), total: found.length }
    },
    document_content: ({ document_id }) => {
      if (document_id.endsWith('-3')) refuse('region_unreachable', 'region/connect')
      return makePdf([
        { text: 'Ospedale del Golfo', bold: true, right: 'Lettera di dimissione' },
        { text: 'Cardiologia', bold: true },
        {
          text: 'Impianto di pacemaker bicamerale senza complicanze. Ferita asciutta. Dimissione al domicilio con controllo a tre mesi in televisita.',
          gap: 16,
        },
      ])
    },
    ...teleconsults(world),
    ...transitions(world),
    audit_list: () => ({ lines: register(world), intact: scene !== 'broken' }),
  }

  begin(scene)
  return host

  /** Where the scene begins. */
  function begin(name: string) {
    if (name === 'first') setSession({ state: 'needs_secret', person: STAFF.irene, kind: 'passphrase' })
    else if (name === 'role') handlers.session_create_secret({ secret: 'sei parole lontane tra loro' })
    else if (name === 'locked') {
      offline()
      inside.link = { ...inside.link, online: true }
      setSession({
        state: 'locked',
        person: STAFF.irene,
        since: at('10:48'),
        reason: 'idle',
        call_in_progress: false,
        kind: 'pin',
      })
    } else if (name !== 'out') setSession(open())
    if (name === 'queue' || name.endsWith('-offline')) offline()
    if (name === 'call' || name === 'cut' || name === 'report') {
      const visit = visitOf('tv-marottoli')
      visit.view.identity = { method: 'document_shown', at: at('10:05') }
      visit.view.consent = { to_service: true, to_image: true, representative: null, at: at('10:06') }
      visit.view.started_at = new Date(Date.now() - 462_000).toISOString()
      visit.view.participants = visit.view.participants.map((each) => ({ ...each, connected: true }))
      stage(visit, 'in_call')
      inside.call = {
        ...newCall('tv-marottoli'),
        phase:
          name === 'cut'
            ? {
                phase: 'interrupted',
                since: new Date(Date.now() - 34_000).toISOString(),
                offer_phone: true,
                ask_outcome: false,
              }
            : { phase: 'connected' },
        started_at: visit.view.started_at,
        phone: visit.view.patient.phone,
        image_acquired_at: name === 'report' ? at('10:19') : null,
        chat: [
          { id: 'c1', at: at('10:11'), mine: false, text: 'Le ho fotografato le medicine che prendo.', received: true },
          { id: 'c2', at: at('10:12'), mine: true, text: 'Grazie, le vedo bene.', received: true },
        ],
      }
    }
    if (name === 'report' || name === 'sign') {
      const visit = visitOf('tv-marottoli')
      const report = reportOf('tv-marottoli')
      report.form = {
        ...report.form,
        history: 'Impianto di pacemaker bicamerale il 14 agosto. Ipertensione in terapia.',
        examination:
          'Paziente vigile, eupnoica a riposo. Ferita asciutta, senza arrossamento. Peso riferito 68 kg, pressione riferita 135/80. Lieve affanno dopo una rampa di scale.',
        image_caption: name === 'report' ? 'Ferita' : '',
        conclusions: 'Compenso stabile. Si conferma la terapia in atto; controllo del dispositivo in ambulatorio.',
        next_control: 'Tra 3 mesi, in presenza',
        outcome: name === 'sign' ? 'stable' : null,
        link_suitable: name === 'sign' ? true : null,
        darkening_asked: true,
        measurement_source: name === 'sign' ? 'La figlia, con misuratore da braccio' : '',
        therapy: 'Invariata: bisoprololo 2,5 mg una volta al giorno, apixaban 5 mg due volte al giorno.',
      }
      report.saved_at = at('10:25')
      report.revision = 12
      if (name === 'sign') {
        visit.view.identity = { method: 'document_shown', at: at('10:05') }
        visit.view.consent = { to_service: true, to_image: true, representative: null, at: at('10:06') }
        visit.view.started_at = at('10:07')
        visit.view.ended_at = at('10:25')
        visit.view.outcome = { kind: 'delivered' }
        stage(visit, 'to_report')
      }
    }
  }
}
