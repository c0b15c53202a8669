/** Teleconsults of the mock host, seen by who answers and by who asks. */
import type { AttachmentView } from '../generated/AttachmentView'
import type { MessageView } from '../generated/MessageView'
import type { PatientView } from '../generated/PatientView'
import type { Priority } from '../generated/Priority'
import type { TeleconsultDraftView } from '../generated/TeleconsultDraftView'
import type { TeleconsultForm } from '../generated/TeleconsultForm'
import type { TeleconsultState } from '../generated/TeleconsultState'
import type { TeleconsultView } from '../generated/TeleconsultView'
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

type Made = {
  patient: PatientView
  question: string
  priority: Priority
  state: TeleconsultState
  due?: string
  owner?: string
  child?: boolean
  answer?: string
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
      queue: null,
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
        queue: null,
      },
      {
        id: `${id}-r`,
        author: requester,
        author_role: requesterRole,
        mine: asked,
        at: at('07:51'),
        kind: 'reply',
        text: 'Peso 71 kg, misurato stamattina. Creatinina 1,9 il 12 novembre e 1,8 il 3 luglio. Allegato il referto.',
        queue: null,
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
      queue: null,
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
      queue: null,
    })
  return {
    row: {
      id,
      number: String(made.number),
      patient: made.patient,
      question: made.question.split('\n')[0]?.slice(0, 120) ?? '',
      priority: made.priority,
      state: made.state,
      turn_of: turn,
      my_turn: asked
        ? made.state === 'answered' || made.state === 'needs_information'
        : mineToAnswer || made.state === 'requested',
      due:
        made.state === 'answered' || made.state === 'acknowledged' || made.state === 'needs_information'
          ? null
          : (made.due ?? null),
      asked_at: at('09:14', -1),
      queue: null,
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
  const say = (view: TeleconsultView, kind: MessageView['kind'], text: string) => {
    const waiting = world.online() ? null : ('waiting' as const)
    view.messages.push({
      id: `${view.row.id}-${view.messages.length}`,
      author: me,
      author_role: '',
      mine: true,
      at: now(),
      kind,
      text,
      queue: waiting,
    })
    view.row.queue = waiting
    view.row.due = null
    view.row.my_turn = false
    if (waiting)
      world.queue(kind === 'answer' ? 'teleconsult_answer' : 'teleconsult_message', view.row.patient, view.row.id)
    world.changed('teleconsult', 'queue')
  }

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
            my_turn: true,
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
    teleconsult_answer_save: ({ teleconsult_id, text }) => {
      caseOf(teleconsult_id).answer_draft = text
      return null
    },
    teleconsult_answer: ({ teleconsult_id, text }) => {
      const view = caseOf(teleconsult_id)
      if (!text.trim()) refuse('request_incomplete', 'teleconsult/text', { field: 'text' })
      say(view, 'answer', text)
      view.row.state = 'answered'
      view.row.turn_of = view.requester
      view.can_answer = false
      view.answer_draft = ''
      return view
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
