/**
 * What can be done with a teleconsult of the mock host: writing and sending a request, claiming, answering, asking, taking
 * note, prescribing. The cases it begins with are in `teleconsultSeeds.ts`.
 */
import type { MessageView } from '../generated/MessageView'
import type { PatientView } from '../generated/PatientView'
import type { PrescriptionDueView } from '../generated/PrescriptionDueView'
import type { TeleconsultDraftView } from '../generated/TeleconsultDraftView'
import type { TeleconsultView } from '../generated/TeleconsultView'
import type { WordsKind } from '../generated/WordsKind'
import { at } from './day'
import { PATIENTS } from './people'
import { COLLEAGUES, EMPTY, file, make, newCases, PLAIN, SPECIALITIES, TEMPLATE } from './teleconsultSeeds'
import { type HandlersOf, now, patientOf, refuse, spoken, type World } from './world'

/** The message that a text becomes once it is sent. */
const DRAFTS: Record<WordsKind, MessageView['kind']> = {
  information_request: 'information_request',
  reply: 'reply',
  involvement: 'involvement',
  opinion: 'opinion',
  remarks: 'acknowledgement',
}

const mustSpeak = (patient: PatientView) => patient.minor || patient.related.some(({ title }) => title === 'guardian')

function missingOf({ form, patient }: TeleconsultDraftView) {
  const missing: string[] = []
  if (!form.question.trim()) missing.push('question')
  if (!form.speciality) missing.push('speciality')
  if (!form.priority) missing.push('priority')
  const giver = form.representative
  if (
    mustSpeak(patient)
      ? !giver?.family.trim() || !giver.given.trim() || !giver.document.trim() || !giver.phone.trim()
      : false
  )
    missing.push('representative')
  if (!form.consent) missing.push('consent')
  return missing
}

export function teleconsults(world: World): HandlersOf<'teleconsult_'> {
  const cases = newCases(world)
  const drafts: TeleconsultDraftView[] = []
  const me = spoken(world.person)

  const caseOf = (id: string) => cases.find(({ row }) => row.id === id) ?? refuse('not_found', 'teleconsult')
  const draftOf = (id: string) => drafts.find((draft) => draft.id === id) ?? refuse('not_found', 'teleconsult/draft')
  const check = (draft: TeleconsultDraftView) => {
    draft.missing = missingOf(draft)
    draft.template = draft.form.speciality ? TEMPLATE : []
    draft.unsaid = draft.template
      .filter(({ id, wanted, filled }) => wanted && !(draft.form.particulars[id] ?? filled ?? '').trim())
      .map(({ id }) => id)
    return draft
  }
  const newDraft = (patient: PatientView): TeleconsultDraftView => {
    const draft: TeleconsultDraftView = {
      id: `draft-${patient.id}`,
      patient,
      form: { ...EMPTY },
      revision: 1,
      saved_at: null,
      attachments: [],
      missing: [],
      specialities: SPECIALITIES,
      template: [],
      unsaid: [],
      other_version: null,
    }
    drafts.push(draft)
    return check(draft)
  }
  if (world.role === 'general_practitioner' && !/empty/.test(world.scene)) {
    const begun = newDraft(PATIENTS.supported)
    begun.form = {
      ...begun.form,
      question: 'Edemi declivi da una settimana, in terapia con calcioantagonista: sostituire?',
      speciality: '08',
    }
    begun.saved_at = at('08:55')
    begun.revision = 4
    check(begun)
  }
  const say = (
    view: TeleconsultView,
    kind: MessageView['kind'],
    text: string,
    more: Partial<Pick<MessageView, 'opening' | 'to' | 'disagrees'>> = {},
  ) => {
    const waiting = world.online() ? null : ('waiting' as const)
    view.messages.push({
      id: `${view.row.id}-${view.messages.length}`,
      author: me,
      author_role: '',
      mine: true,
      at: now(),
      kind,
      text,
      ...PLAIN,
      ...more,
      queue: waiting,
    })
    view.begun = view.begun.filter((words) => DRAFTS[words.kind] !== kind)
    view.row.queue = waiting
    view.row.due = null
    view.row.my_turn = false
    if (waiting)
      world.queue(kind === 'answer' ? 'teleconsult_answer' : 'teleconsult_message', view.row.patient, view.row.id)
    world.changed('teleconsult', 'queue')
  }

  const recorded = new Map<string, string>()
  const prescriptions = (): PrescriptionDueView[] =>
    cases.flatMap(({ row, messages }) => {
      const answer = messages.findLast(({ kind }) => kind === 'answer')
      if (world.role === 'specialist' || !answer?.opening?.control_visit) return []
      const nre = recorded.get(row.id) ?? null
      return [
        {
          teleconsult_id: row.id,
          number: row.number,
          patient: row.patient,
          what: answer.opening.what,
          by_when: answer.opening.by_when,
          indicated_by: answer.author,
          indicated_at: answer.at,
          state: nre === null ? 'to_prescribe' : world.online() ? 'booked' : 'recorded',
          nre,
          eligible: nre !== null && world.online() ? true : null,
          booked_for: nre !== null && world.online() ? at('10:20', 12) : null,
          as_of: nre !== null ? now() : null,
          queue: nre !== null && !world.online() ? 'waiting' : null,
        },
      ]
    })

  return {
    teleconsult_list: () => ({
      rows: [
        ...cases.map(({ row }) => row),
        ...drafts
          .filter(({ form, attachments }) => form.question.trim() !== '' || attachments.length > 0)
          .map((draft) => ({
            id: draft.id,
            number: null,
            patient: draft.patient,
            question: draft.form.question.split('\n')[0] ?? '',
            priority: draft.form.priority ?? ('D' as const),
            state: 'draft' as const,
            turn_of: me,
            turn_unit: null,
            my_turn: true,
            opinion_due: false,
            due: null,
            asked_at: draft.saved_at ?? now(),
            queue: null,
            speciality: SPECIALITIES.find(([code]) => code === draft.form.speciality)?.[1] ?? '',
          })),
      ],
      as_of: now(),
    }),
    teleconsult_open: ({ teleconsult_id }) => caseOf(teleconsult_id),
    teleconsult_draft_open: ({ patient_id }) =>
      drafts.find(({ patient }) => patient.id === patient_id) ?? newDraft(patientOf(patient_id)),
    teleconsult_draft_save: ({ teleconsult_id, revision, form }) => {
      const draft = draftOf(teleconsult_id)
      if (revision !== draft.revision) refuse('conflict', 'draft/revision')
      draft.form = form
      draft.revision += 1
      draft.saved_at = now()
      world.changed('teleconsult')
      return check(draft)
    },
    teleconsult_attach: ({ teleconsult_id }) => {
      const draft = draftOf(teleconsult_id)
      const count = draft.attachments.length
      draft.attachments.push(
        count % 2 === 0
          ? file(`a${count}`, 'ECG.png', 'image/png', 1_100_000)
          : file(`a${count}`, 'Esami ematici.pdf', 'application/pdf', 240_000),
      )
      return check(draft)
    },
    teleconsult_detach: ({ teleconsult_id, attachment_id }) => {
      const draft = draftOf(teleconsult_id)
      draft.attachments = draft.attachments.filter(({ id }) => id !== attachment_id)
      return check(draft)
    },
    teleconsult_send: ({ teleconsult_id }) => {
      const known = cases.find(({ row }) => row.id === teleconsult_id)
      if (known) return known
      const draft = check(draftOf(teleconsult_id))
      if (draft.missing[0]) refuse('request_incomplete', 'teleconsult/incomplete', { field: draft.missing[0] })
      drafts.splice(drafts.indexOf(draft), 1)
      const { form, patient } = draft
      const view = make(
        {
          patient,
          question: form.question,
          priority: form.priority ?? 'D',
          state: world.online() ? 'requested' : 'queued',
          due: at('16:00', 10),
          number: 44841,
        },
        world,
      )
      view.row = {
        ...view.row,
        id: draft.id,
        number: world.online() ? '44841' : null,
        queue: world.online() ? null : 'waiting',
        asked_at: now(),
        my_turn: false,
        due: world.online() ? at('16:00', 10) : null,
        speciality: SPECIALITIES.find(([code]) => code === form.speciality)?.[1] ?? '',
      }
      view.messages = view.messages.map((message) => ({ ...message, author: me, at: now(), queue: view.row.queue }))
      view.attachments = draft.attachments
      view.requester = me
      view.representative = form.representative
      view.mode = form.mode
      cases.push(view)
      if (!world.online()) world.queue('teleconsult_request', patient, draft.id)
      world.changed('teleconsult', 'queue')
      return view
    },
    teleconsult_claim: ({ teleconsult_id }) => {
      const view = caseOf(teleconsult_id)
      if (!world.online()) refuse('region_unreachable', 'region/connect')
      if (view.owner && view.owner !== me) refuse('already_claimed', 'teleconsult/claimed', { name: view.owner })
      view.owner = me
      view.row = { ...view.row, state: 'claimed', turn_of: me, my_turn: true }
      view.can_claim = false
      view.can_answer = true
      world.changed('teleconsult')
      return view
    },
    teleconsult_answer_save: ({ teleconsult_id, text, opening }) => {
      const view = caseOf(teleconsult_id)
      view.answer_draft = text
      view.answer_opening = opening
      return null
    },
    teleconsult_words_save: ({ teleconsult_id, words }) => {
      const view = caseOf(teleconsult_id)
      view.begun = [...view.begun.filter(({ kind }) => kind !== words.kind), words]
      return null
    },
    teleconsult_answer: ({ teleconsult_id, text, opening }) => {
      const view = caseOf(teleconsult_id)
      const lines = [opening.what, opening.by_when, opening.worry]
      const begun = lines.some((line) => line.trim())
      if (begun ? lines.some((line) => !line.trim()) : !text.trim())
        refuse('request_incomplete', 'teleconsult/text', { field: 'text' })
      say(view, 'answer', text, { opening: begun ? opening : null })
      view.row.state = 'answered'
      view.row.turn_of = view.requester
      view.can_answer = false
      view.can_ask_information = false
      view.can_involve = false
      view.answer_draft = ''
      return view
    },
    teleconsult_ask_information: ({ teleconsult_id, text }) => {
      const view = caseOf(teleconsult_id)
      if (!text.trim()) refuse('request_incomplete', 'teleconsult/text', { field: 'text' })
      say(view, 'information_request', text)
      view.row = { ...view.row, state: 'needs_information', turn_of: view.requester, turn_unit: null }
      view.can_ask_information = false
      if (view.clock) view.clock = { ...view.clock, standing: true }
      return view
    },
    teleconsult_reply: ({ teleconsult_id, text }) => {
      const view = caseOf(teleconsult_id)
      if (!text.trim()) refuse('request_incomplete', 'teleconsult/text', { field: 'text' })
      say(view, 'reply', text)
      view.row = { ...view.row, state: 'claimed', turn_of: view.owner, due: at('12:00', 4) }
      view.can_reply = false
      return view
    },
    teleconsult_involve: ({ teleconsult_id, role, text }) => {
      const view = caseOf(teleconsult_id)
      const { due, my_turn } = view.row
      say(view, 'involvement', text, { to: COLLEAGUES.find(([id]) => id === role)?.[1] ?? null })
      view.row = { ...view.row, due, my_turn }
      return view
    },
    teleconsult_opinion: ({ teleconsult_id, text, disagrees }) => {
      const view = caseOf(teleconsult_id)
      say(view, 'opinion', text, { disagrees })
      view.row = { ...view.row, opinion_due: false }
      return view
    },
    teleconsult_resolve: ({ teleconsult_id }) => {
      const view = caseOf(teleconsult_id)
      const mine = view.versions?.mine
      view.versions = null
      if (mine) say(view, 'note', mine.text)
      return view
    },
    teleconsult_withdraw: ({ teleconsult_id }) => {
      const view = caseOf(teleconsult_id)
      if (!world.online()) refuse('region_unreachable', 'region/connect')
      const back = view.stopped?.message ?? view.versions?.mine
      view.stopped = null
      view.versions = null
      view.row = { ...view.row, queue: null }
      if (back?.kind === 'answer') {
        view.answer_draft = back.text
        if (back.opening) view.answer_opening = back.opening
      } else if (back) view.begun = [{ kind: 'reply', text: back.text, disagrees: false, role: '' }]
      world.changed('teleconsult', 'queue')
      return null
    },
    teleconsult_draft_settle: ({ teleconsult_id, take_other }) => {
      const draft = draftOf(teleconsult_id)
      if (take_other && draft.other_version) draft.form = draft.other_version.form
      draft.other_version = null
      draft.revision += 1
      return check(draft)
    },
    teleconsult_prescriptions: () => ({ rows: prescriptions() }),
    teleconsult_prescribe: ({ teleconsult_id, nre }) => {
      const clean = nre.replace(/[\s*-]/g, '').toLocaleUpperCase('it')
      if (!/^\d{3}[A-Z0-9]{2}\d{10}$/.test(clean)) refuse('request_incomplete', 'teleconsult/nre', { field: 'nre' })
      recorded.set(teleconsult_id, clean)
      world.changed('teleconsult')
      return { rows: prescriptions() }
    },
    teleconsult_acknowledge: ({ teleconsult_id, text }) => {
      const view = caseOf(teleconsult_id)
      say(view, 'acknowledgement', text.trim() || 'Presa visione')
      view.row.state = 'acknowledged'
      view.row.turn_of = null
      view.can_acknowledge = false
      return view
    },
  }
}
