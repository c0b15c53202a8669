/**
 * *Firma massiva* of the mock host: the reports to sign, and a batch that goes on by a timer. The card is the one of `report.ts` in
 * name only: here every PIN but one is wrong, and one report always fails, so that its sentence can be seen.
 */
import type { BatchDocumentView } from '../generated/BatchDocumentView'
import type { BatchObstacle } from '../generated/BatchObstacle'
import type { BatchRowView } from '../generated/BatchRowView'
import type { BatchView } from '../generated/BatchView'
import type { PatientView } from '../generated/PatientView'
import { at, type Visit } from './day'
import { deliver } from './delivery'
import { PATIENTS } from './people'
import { previewOf, reportOf } from './report'
import { type HandlersOf, refuse, stage, visitOf, type World } from './world'

const PIN = '12345'
/** A step of the device. */
const STEP_MS = 120
const FAMILIES = ['Abbadessa', 'Bonocore', 'Cantalupo', 'Dragonetti', 'Esposti', 'Fontanarosa', 'Galatolo', 'Irpinati']
const GIVEN = ['Agnese', 'Bruno', 'Clelia', 'Donato']
const REASONS = ['Controllo ipertensione', 'Controllo scompenso', 'Controllo dopo ablazione', 'Controllo aritmia']

const invented = (n: number): PatientView => {
  const family = FAMILIES[n % FAMILIES.length] ?? ''
  const given = GIVEN[Math.floor(n / FAMILIES.length) % GIVEN.length] ?? ''
  const year = 1938 + ((n * 7) % 45)
  const day = String(1 + (n % 27)).padStart(2, '0')
  return {
    ...PATIENTS.marottoli,
    id: `batch-${n}`,
    family,
    given,
    sex: given.endsWith('o') ? 'male' : 'female',
    birth_date: `${year}-04-${day}`,
    age_years: 2026 - year,
    fiscal_code: `${consonants(family)}${consonants(given)}${String(year).slice(2)}D${day}X000${'ABCDEFGHJK'[n % 10]}`,
    related: [],
  }
}

const consonants = (text: string) => `${text.toUpperCase().replace(/[^BCDFGHJKLMNPQRSTVWXYZ]/g, '')}XXX`.slice(0, 3)

/** A day with so many televisits held, all reports written but the last three. */
export function heldDay(world: World, count: number) {
  const like = visitOf(world, 'tv-marottoli')
  for (let n = 0; n < count; n += 1) {
    const patient = invented(n)
    const start = at(`${String(8 + Math.floor(n / 5)).padStart(2, '0')}:${String((n % 5) * 12).padStart(2, '0')}`)
    const visit: Visit = structuredClone(like)
    visit.reason = REASONS[n % REASONS.length] ?? ''
    visit.view = { ...visit.view, id: `tv-batch-${n}`, patient, start, report_id: `rp-batch-${n}` }
    visit.view.identity = { method: 'document_shown', at: start }
    visit.view.consent = { to_service: true, to_image: false, representative: null, at: start }
    visit.view.started_at = start
    visit.view.ended_at = start
    visit.view.outcome = { kind: 'delivered' }
    world.inside.visits.push(visit)
    stage(world, visit, 'to_report')
    const report = reportOf(world, visit.view.id)
    report.saved_at = at('12:40')
    report.revision = 4
    report.form = {
      ...report.form,
      history: 'Condizioni stabili dall’ultimo controllo.',
      examination: 'Vigile, eupnoica a riposo. Pressione 130/80, misurata a domicilio.',
      conclusions: n < count - 3 ? 'Compenso stabile. Si conferma la terapia in atto.' : '',
      outcome: n < count - 2 ? 'stable' : null,
      next_control: 'Tra 6 mesi, in televisita',
      link_suitable: true,
      darkening_asked: true,
    }
  }
}

export function batches(world: World): HandlersOf<'batch_'> {
  const { inside } = world
  const read = new Set<string>()
  let batch: BatchView | null = null
  let typed = ''
  let next = 0

  const rowOf = (visit: Visit): BatchRowView => {
    const { view } = visit
    const report = reportOf(world, view.id)
    const missing = report.findings.filter(({ severity }) => severity === 'blocking').length
    const obstacle: BatchObstacle | null =
      report.saved_at === null ? 'not_written' : view.outcome === null ? 'outcome_first' : missing ? 'incomplete' : null
    return {
      televisit_id: view.id,
      patient: view.patient,
      start: view.start,
      reason: visit.reason,
      revision: report.revision,
      saved_at: report.saved_at,
      obstacle,
      missing,
      read: read.has(`${view.id}@${report.revision}`),
      publish_before: visit.deadline,
    }
  }

  const rows = () =>
    inside.visits
      .filter(({ view }) => view.stage === 'to_report')
      .map(rowOf)
      .sort(
        (a, b) =>
          Number(a.obstacle !== null) - Number(b.obstacle !== null) || Date.parse(a.start) - Date.parse(b.start),
      )

  const moved = () => world.changed('batch')
  const settle = (document: BatchDocumentView, state: BatchDocumentView['state']) => {
    document.state = state
  }

  /** One step by the timer: makes ready, asks, signs. */
  const work = () => {
    const going = batch
    if (!going || going.phase === 'ended' || going.phase === 'asking') return
    if (going.cancelled) return end(going)
    const document = going.documents[next]
    if (going.phase === 'preparing') {
      if (document) {
        settle(document, 'ready')
        next += 1
      } else if (typed === PIN) {
        going.phase = 'signing'
        next = 0
      } else {
        going.phase = 'asking'
        going.question = {
          number: (going.question?.number ?? 0) + 1,
          documents: going.documents.length,
          after: 0,
          refused: { code: 'wrong_pin_few_left', detail: 'pkcs11/CKR_PIN_INCORRECT' },
        }
      }
    } else if (document) {
      if (next === 4) {
        settle(document, 'failed')
        document.failure = { code: 'conflict', detail: 'report/changed' }
      } else sign(document)
      next += 1
    } else return end(going)
    moved()
    setTimeout(work, STEP_MS)
  }

  const sign = (document: BatchDocumentView) => {
    settle(document, 'signed')
    deliver(world, document.televisit_id, reportOf(world, document.televisit_id))
    stage(world, visitOf(world, document.televisit_id), inside.link.online ? 'done' : 'delivering')
  }

  const end = (going: BatchView) => {
    going.phase = 'ended'
    for (const document of going.documents)
      if (document.state === 'ready' || document.state === 'waiting') settle(document, 'not_tried')
    moved()
    world.changed('report', 'queue')
  }

  return {
    batch_list: () => ({ rows: rows() }),
    batch_preview: ({ televisit_id, revision }) => {
      if (reportOf(world, televisit_id).revision !== revision) refuse('conflict', 'report/revision')
      read.add(`${televisit_id}@${revision}`)
      return previewOf(world, televisit_id)
    },
    batch_device: ({ identity_id }) => ({ documents: identity_id === 'file' ? 1 : null }),
    batch_start: ({ identity_id, pin, documents }) => {
      if (batch && batch.phase !== 'ended') return batch
      typed = pin
      next = 0
      batch = {
        phase: 'preparing',
        identity_id,
        question: null,
        cancelled: false,
        stopped: null,
        documents: documents.map(({ televisit_id }) => {
          const { patient } = visitOf(world, televisit_id).view
          return { televisit_id, family: patient.family, given: patient.given, state: 'waiting', failure: null }
        }),
      }
      setTimeout(work, STEP_MS)
      return batch
    },
    batch_state: () => batch,
    batch_authorise: ({ question, pin }) => {
      if (batch?.question?.number === question) {
        typed = pin
        batch.phase = 'preparing'
        next = batch.documents.length
        if (pin === PIN) batch.question = null
        setTimeout(work, STEP_MS)
        moved()
      }
      return batch
    },
    batch_cancel: () => {
      if (batch && batch.phase !== 'ended') {
        batch.cancelled = true
        batch.question = null
        end(batch)
      }
      return batch
    },
    batch_close: () => {
      batch = null
      moved()
      return null
    },
  }
}
