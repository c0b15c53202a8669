/**
 * The teleconsults that the mock host begins with, for who answers and for who asks, and what a new request is made of.
 * Data alone: what happens to a case after is in `teleconsults.ts`.
 */
import type { AnswerOpening } from '../generated/AnswerOpening'
import type { AttachmentView } from '../generated/AttachmentView'
import type { MessageView } from '../generated/MessageView'
import type { PatientView } from '../generated/PatientView'
import type { Priority } from '../generated/Priority'
import type { TeleconsultForm } from '../generated/TeleconsultForm'
import type { TeleconsultState } from '../generated/TeleconsultState'
import type { TeleconsultView } from '../generated/TeleconsultView'
import type { TemplateItemView } from '../generated/TemplateItemView'
import { at } from './day'
import { PATIENTS, STAFF } from './people'
import { spoken, type World } from './world'

const SPECIALIST = spoken(STAFF.irene)
const COLLEAGUE = spoken(STAFF.sandro)
export const SPECIALITIES: [string, string][] = [
  ['08', 'Cardiologia'],
  ['09', 'Cardiologia pediatrica'],
  ['19', 'Endocrinologia'],
  ['68', 'Pneumologia'],
]

export const PLAIN = { opening: null, to: null, disagrees: false, queue: null }
const NO_OPENING: AnswerOpening = { what: '', by_when: '', worry: '', control_visit: false }
export const COLLEAGUES: [string, string, string][] = [
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
  refused?: boolean
  opinionDue?: boolean
  number: number
  long?: boolean
}

export function file(id: string, name: string, media_type: string, size: number): AttachmentView {
  return { id, name, media_type, size, on_this_pc: true }
}

export function make(made: Made, world: World): TeleconsultView {
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
      queue: made.conflict ? 'conflict' : made.refused ? 'to_correct' : null,
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
    begun: [],
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
    stopped: made.refused
      ? {
          message: {
            id: `${id}-r`,
            author: requester,
            author_role: requesterRole,
            mine: true,
            at: at('08:50'),
            kind: 'reply',
            text: 'Holter di lunedì allegato: nessuna pausa oltre due secondi.',
            ...PLAIN,
          },
          detail: 'queue/unacceptable',
        }
      : null,
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

export function newCases(world: World): TeleconsultView[] {
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
            refused: world.role === 'general_practitioner' && /refused/.test(world.scene),
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

export const EMPTY: TeleconsultForm = {
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

export const TEMPLATE: TemplateItemView[] = [
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
