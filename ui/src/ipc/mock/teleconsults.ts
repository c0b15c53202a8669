/** Teleconsults of the mock host, seen by who answers and by who asks. */
import type { AnswerOpening } from '../generated/AnswerOpening'
import type { AttachmentView } from '../generated/AttachmentView'
import type { MessageView } from '../generated/MessageView'
import type { PatientView } from '../generated/PatientView'
import type { PrescriptionDueView } from '../generated/PrescriptionDueView'
import type { Priority } from '../generated/Priority'
import type { TeleconsultDraftView } from '../generated/TeleconsultDraftView'
import type { TeleconsultForm } from '../generated/TeleconsultForm'
import type { TeleconsultState } from '../generated/TeleconsultState'
import type { TeleconsultView } from '../generated/TeleconsultView'
import type { TemplateItemView } from '../generated/TemplateItemView'
import { at, dayOf } from './day'
import { PATIENTS, STAFF } from './people'
import { type HandlersOf, now, patientOf, refuse, spoken, type World } from './world'

const SPECIALIST = spoken(STAFF.irene)
const COLLEAGUE = spoken(STAFF.sandro)
const SPECIALITIES: [string, string][] = [
  ['08', 'Cardiologia'],
  ['09', 'Cardiologia pediatrica'],
  ['19', 'Endocrinologia'],
  ['68', 'Pneumologia'],
]

const PLAIN = { opening: null, to: null, disagrees: false, queue: null }
const NO_OPENING: AnswerOpening = { what: '', by_when: '', worry: '', control_visit: false }
const COLLEAGUES: [string, string, string][] = [
  ['role-sandro', spoken(STAFF.sandro), 'Nefrologia'],
  ['role-elena', 'TREMONTINI Elena', 'Pneumologia'],
]

type Made = {
  patient: PatientView
  question: string
  priority: Priority
  state: TeleconsultState
  due?: string
  owner?: string
  child?: boolean
  answer?: string
  opening?: AnswerOpening
  opinion?: string
  conflict?: boolean
  opinionDue?: boolean
  number: number
  long?: boolean
}

function file(id: string, name: string, media_type: string, size: number): AttachmentView {
  return { id, name, media_type, size, on_this_pc: true }
}

function make(made: Made, world: World): TeleconsultView {
  const requester = made.child ? spoken(STAFF.ugo) : spoken(STAFF.guido)
  const requesterRole = made.child ? 'Pediatra di libera scelta' : 'Medico di medicina generale'
  const asked = world.role !== 'specialist'
  const owner = made.owner ?? null
  const mineToAnswer = !asked && owner === SPECIALIST && made.state === 'claimed'
  const turn =
    made.state === 'answered' || made.state === 'needs_information'
      ? requester
      : made.state === 'claimed'
        ? owner
        : made.state === 'requested'
          ? 'Cardiologia'
          : null
  const id = `tc-${made.patient.id}`
  const messages: MessageView[] = [
    {
      id: `${id}-q`,
      author: requester,
      author_role: requesterRole,
      mine: asked,
      at: at('09:14', -1),
      kind: 'question',
      text: made.question,
      ...PLAIN,
    },
  ]
  if (made.long) {
    messages.push(
      {
        id: `${id}-i`,
        author: SPECIALIST,
        author_role: 'Cardiologia',
        mine: !asked,
        at: at('11:40', -1),
        kind: 'information_request',
        text: 'Mi servono peso attuale e due creatinine degli ultimi sei mesi.',
        ...PLAIN,
      },
      {
        id: `${id}-r`,
        author: requester,
        author_role: requesterRole,
        mine: asked,
        at: at('07:51'),
        kind: 'reply',
        text: 'Peso 71 kg, misurato stamattina. Creatinina 1,9 il 12 novembre e 1,8 il 3 luglio. Allegato il referto.',
        ...PLAIN,
      },
    )
  }
  if (made.state === 'needs_information')
    messages.push({
      id: `${id}-i`,
      author: SPECIALIST,
      author_role: 'Cardiologia',
      mine: !asked,
      at: at('08:20'),
      kind: 'information_request',
      text: 'Può allegare l’ultimo Holter?',
      ...PLAIN,
    })
  if (made.answer)
    messages.push({
      id: `${id}-a`,
      author: owner ?? SPECIALIST,
      author_role: 'Cardiologia',
      mine: !asked && owner === SPECIALIST,
      at: at('08:40'),
      kind: 'answer',
      text: made.answer,
      ...PLAIN,
      opening: made.opening ?? null,
    })
  if (made.opinion)
    messages.splice(
      -1,
      0,
      {
        id: `${id}-v`,
        author: SPECIALIST,
        author_role: 'Cardiologia',
        mine: !asked,
        at: at('08:05'),
        kind: 'involvement',
        text: 'Con questo filtrato si può raddoppiare la dose?',
        ...PLAIN,
        to: COLLEAGUE,
      },
      {
        id: `${id}-o`,
        author: COLLEAGUE,
        author_role: 'Nefrologia',
        mine: false,
        at: at('08:25'),
        kind: 'opinion',
        text: made.opinion,
        ...PLAIN,
        disagrees: true,
      },
    )
  return {
    row: {
      id,
      number: String(made.number),
      patient: made.patient,
      question: made.question.split('\n')[0]?.slice(0, 120) ?? '',
      priority: made.priority,
      state: made.state,
      turn_of: turn,
      turn_unit: made.state === 'claimed' ? (owner === COLLEAGUE ? 'Nefrologia' : 'Cardiologia') : null,
      opinion_due: made.opinionDue ?? false,
      my_turn: made.opinionDue
        ? true
        : asked
          ? made.state === 'answered' || made.state === 'needs_information'
          : mineToAnswer || made.state === 'requested',
      due:
        made.state === 'answered' || made.state === 'acknowledged' || made.state === 'needs_information'
          ? null
          : (made.due ?? null),
      asked_at: at('09:14', -1),
      queue: made.conflict ? 'conflict' : null,
      speciality: made.child ? 'Cardiologia pediatrica' : 'Cardiologia',
    },
    mode: 'asynchronous',
    messages,
    attachments: made.long
      ? [
          file('f1', 'ECG 12 derivazioni.png', 'image/png', 1_100_000),
          file('f2', 'Esami ematici.pdf', 'application/pdf', 240_000),
          file('f3', 'Creatinina.pdf', 'application/pdf', 180_000),
        ]
      : [file('f1', 'ECG.png', 'image/png', 1_100_000)],
    requester,
    owner,
    representative: made.child
      ? {
          family: 'Ottaviani',
          given: 'Chiara',
          title: 'parent',
          document: 'Carta d’identità CA00000XX',
          phone: '333 5550 902',
          both_parents: false,
          minor_opinion: null,
        }
      : null,
    can_claim: !asked && made.state === 'requested',
    can_answer: mineToAnswer,
    can_acknowledge: asked && made.state === 'answered',
    answer_draft:
      made.long && !asked
        ? 'Con questi valori il passaggio è indicato. Propongo di sospendere il warfarin e iniziare quando INR è inferiore a 2; ricontrollo della funzione renale tra tre mesi.'
        : '',
    answer_opening: { ...NO_OPENING },
    particulars: made.long
      ? [
          ['Sintomi e da quando', 'Nessun sanguinamento; palpitazioni saltuarie da settembre'],
          ['Terapia in atto', 'Warfarin secondo INR; bisoprololo 2,5 mg, 1 al mattino'],
        ]
      : [],
    can_ask_information: mineToAnswer,
    can_reply: asked && made.state === 'needs_information',
    can_involve: mineToAnswer,
    can_give_opinion: made.opinionDue ?? false,
    colleagues: mineToAnswer ? COLLEAGUES : [],
    clock:
      made.state === 'queued'
        ? null
        : {
            limit_s: 8 * 3600,
            used_s: made.long ? 5 * 3600 + 22 * 60 : 3 * 3600,
            paused_s: made.long ? 20 * 3600 + 11 * 60 : 0,
            standing: made.state === 'needs_information',
          },
    obscured: false,
    versions: made.conflict
      ? {
          mine: {
            id: `${id}-m`,
            author: SPECIALIST,
            author_role: 'Cardiologia',
            mine: true,
            at: at('08:50'),
            kind: 'answer',
            text: 'La dose attuale basta; rivaluterei con un ECG tra una settimana.',
            ...PLAIN,
            opening: {
              what: 'Sospendere il betabloccante',
              by_when: 'oggi',
              worry: 'nuova sincope, frequenza sotto 40',
              control_visit: false,
            },
          },
          state: 'claimed',
          owner: COLLEAGUE,
          last: {
            id: `${id}-l`,
            author: COLLEAGUE,
            author_role: 'Nefrologia',
            mine: false,
            at: at('09:02'),
            kind: 'information_request',
            text: 'Potassio e creatinina degli ultimi sette giorni?',
            ...PLAIN,
          },
        }
      : null,
  }
}

function newCases(world: World): TeleconsultView[] {
  if (/empty/.test(world.scene)) return []
  const ANSWER =
    'Sì, il passaggio è indicato. Propongo il controllo della funzione renale tra tre mesi e l’invio degli esami con un nuovo teleconsulto.'
  const made: Made[] =
    world.role === 'paediatrician'
      ? [
          {
            patient: PATIENTS.child,
            question: 'Soffio sistolico dolce, rilevato a 12 e 14 mesi: serve una valutazione in presenza?',
            priority: 'B',
            state: 'answered',
            owner: SPECIALIST,
            child: true,
            answer:
              'Soffio con caratteri innocenti. Basta il controllo ai 18 mesi; se compare affaticamento, in presenza.',
            number: 44830,
          },
          {
            patient: PATIENTS.teen,
            question: 'Palpitazioni durante lo sport: sospendere l’attività?',
            priority: 'D',
            state: 'requested',
            due: at('18:00', 3),
            child: true,
            number: 44836,
          },
        ]
      : [
          {
            patient: PATIENTS.quarantelli,
            question: 'Dispnea ingravescente in scompenso noto: quale aggiustamento del diuretico?',
            priority: 'U',
            state: 'claimed',
            owner: SPECIALIST,
            due: new Date(Date.now() - 2.1 * 3_600_000).toISOString(),
            number: 44822,
          },
          {
            patient: PATIENTS.delvecchiati,
            question:
              'Quale anticoagulante con filtrato 34?\nFibrillazione atriale dal 2021, in warfarin con INR instabile. Filtrato 34 ml/min il 12 novembre. Propone il passaggio a un anticoagulante diretto? Allego esami ed ECG.',
            priority: 'B',
            state: 'claimed',
            owner: SPECIALIST,
            due: new Date(Date.now() + 2.65 * 3_600_000).toISOString(),
            number: 44831,
            long: true,
          },
          {
            patient: PATIENTS.petracchi,
            question: 'ECG con nuovo blocco di branca sinistra: serve una valutazione urgente?',
            priority: 'B',
            state: 'requested',
            due: at('16:00', 1),
            number: 44833,
          },
          {
            patient: PATIENTS.lombardesi,
            question: 'Palpitazioni, esito Holter: indicazione a terapia?',
            priority: 'D',
            state: 'requested',
            due: at('12:00', 3),
            number: 44834,
          },
          {
            patient: PATIENTS.child,
            question: 'Soffio sistolico, richiesta del pediatra: controllo o valutazione in presenza?',
            priority: 'D',
            state: 'claimed',
            owner: SPECIALIST,
            due: at('12:00', 3),
            child: true,
            number: 44835,
          },
          {
            patient: PATIENTS.corvelli,
            question: 'Ipertensione resistente, sette giorni di misure: quale associazione?',
            priority: 'D',
            state: 'needs_information',
            owner: SPECIALIST,
            due: at('12:00', 4),
            number: 44829,
          },
          {
            patient: PATIENTS.ruggerini,
            question: 'Sincope in bradicardia: sospendere il betabloccante?',
            priority: 'B',
            state: 'claimed',
            owner: COLLEAGUE,
            conflict: world.role === 'specialist' && /conflict/.test(world.scene),
            due: at('17:30'),
            number: 44832,
          },
          {
            patient: PATIENTS.santoviti,
            question: 'Terapia anticoagulante prima di un intervento odontoiatrico',
            priority: 'D',
            state: 'answered',
            owner: SPECIALIST,
            answer: ANSWER,
            opening: {
              what: 'Passare all’anticoagulante diretto quando l’INR è sotto 2',
              by_when: 'entro 7 giorni',
              worry: 'sanguinamento, creatinina in aumento, INR oltre 4',
              control_visit: true,
            },
            opinion: 'Con filtrato 34 inizierei dalla dose ridotta.',
            number: 44815,
          },
        ]
  return made.map((each) => make(each, world))
}

const EMPTY: TeleconsultForm = {
  question: '',
  speciality: '',
  priority: null,
  mode: 'asynchronous',
  scheduled: false,
  range: 'region',
  diagnosis: '',
  consent: false,
  representative: null,
  particulars: {},
  obscured_to_parent: false,
}

const TEMPLATE: TemplateItemView[] = [
  {
    id: 'symptoms',
    ask: 'Sintomi e da quando',
    hint: 'Dispnea, dolore, palpitazioni, sincope',
    wanted: true,
    filled: null,
  },
  {
    id: 'pressure',
    ask: 'Pressione e frequenza',
    hint: 'Valori e data della misura',
    wanted: true,
    filled: null,
  },
  {
    id: 'therapy',
    ask: 'Terapia in atto',
    hint: '',
    wanted: true,
    filled: 'Bisoprololo 2,5 mg, 1 al mattino; furosemide 25 mg, 1 al mattino (referto del 19/08/2026)',
  },
  { id: 'renal', ask: 'Funzione renale', hint: 'Creatinina o filtrato, con data', wanted: false, filled: null },
]

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

/** Earlier documents of a patient, for the pages that list them. */
export const documentsOf = (patient: PatientView) =>
  patient.id === 'petracchi'
    ? []
    : [
        {
          id: `${patient.id}-1`,
          patient_id: patient.id,
          title: 'Lettera di dimissione',
          date: dayOf(-94),
          author: 'Ospedale del Golfo, Cardiologia',
          media_type: 'application/pdf',
          size: 84_000,
          on_this_pc: true,
        },
        {
          id: `${patient.id}-2`,
          patient_id: patient.id,
          title: 'Visita cardiologica con ECG',
          date: dayOf(-143),
          author: 'Ospedale del Golfo, Cardiologia',
          media_type: 'application/pdf',
          size: 84_000,
          on_this_pc: true,
        },
        {
          id: `${patient.id}-3`,
          patient_id: patient.id,
          title: 'Ecocardiogramma',
          date: dayOf(-193),
          author: 'Ospedale del Golfo, Cardiologia',
          media_type: 'application/pdf',
          size: 84_000,
          on_this_pc: false,
        },
      ]
