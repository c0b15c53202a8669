/**
 * The report of a mock televisit: draft, findings, preview, signing with a card that counts the tries of its PIN. The findings
 * are a few of those of the core, enough for every place of the page that shows one. Where a signed report goes is in `delivery.ts`.
 */
import type { ErrorCode } from '../generated/ErrorCode'
import type { FindingView } from '../generated/FindingView'
import type { ReportForm } from '../generated/ReportForm'
import type { ReportView } from '../generated/ReportView'
import type { SigningIdentityView } from '../generated/SigningIdentityView'
import type { Visit } from './day'
import { deliver, keepForSignature } from './delivery'
import { makePdf } from './pdf'
import { remoteIdentity, takeSecrets } from './signing'
import { type HandlersOf, now, refuse, stage, visitOf, type World } from './world'

const PIN = '12345'

/** What forbids the use of the card, by scene. */
const BLOCKED: Record<string, ErrorCode> = {
  'sign-expired': 'certificate_expired',
  'sign-revoked': 'certificate_revoked',
  'sign-other': 'signer_not_author',
  'sign-clock': 'clock_wrong',
}

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
  if (form.outcome === 'further_tests' && !form.further_tests.trim()) blocking('further_tests', 'missing_further_tests')
  if (form.further_tests.trim() && !form.priority) blocking('priority', 'missing_priority')
  if (form.link_suitable === null) blocking('link_suitability', 'missing_link_suitability')
  if (!form.darkening_asked)
    found.push({ field: 'darkening', severity: 'advice', code: 'darkening_not_asked', region_text: null })
  if (!visit.view.ended_at) blocking('visit', 'call_not_ended')
  return found
}

export function reportOf(world: World, televisit: string): ReportView {
  const { inside } = world
  const visit = visitOf(world, televisit)
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

/** The page of a report. */
export function previewOf(world: World, televisit_id: string) {
  const { form, patient, visit } = reportOf(world, televisit_id)
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
    ...section('Modalità e qualità', `Televisita. Partecipanti: ${visit.participants.join(', ')}. Collegamento buono.`),
    ...section('Esame e rilievi', form.examination),
    ...section('Conclusioni', form.conclusions),
    ...section('Esito', form.outcome ? 'Registrato' : 'da completare'),
    ...section('Terapia', form.therapy),
  ])
}

export function reports(world: World): HandlersOf<'report_'> {
  const { inside, scene } = world
  let pin: SigningIdentityView['pin'] =
    scene === 'sign-few'
      ? 'few_left'
      : scene === 'sign-last'
        ? 'last_try'
        : scene === 'sign-locked'
          ? 'locked'
          : 'ready'
  let tries = 0

  return {
    report_open: ({ televisit_id }) => reportOf(world, televisit_id),
    report_save: ({ televisit_id, revision, form }) => {
      const report = reportOf(world, televisit_id)
      if (report.stage !== 'draft' && report.stage !== 'to_correct') refuse('report_frozen', 'report/frozen')
      if (revision !== report.revision) refuse('conflict', 'report/revision')
      report.form = form
      report.stage = 'draft'
      report.revision += 1
      report.saved_at = now()
      report.findings = findingsOf(form, visitOf(world, televisit_id))
      return { revision: report.revision, saved_at: report.saved_at, findings: report.findings }
    },
    report_preview: ({ televisit_id }) => previewOf(world, televisit_id),
    report_image: () => refuse('not_found', 'report/image'),
    report_signing_devices: () => {
      const identities: SigningIdentityView[] = [
        {
          id: 'card',
          device: 'Carta operatore, lettore 1',
          kind: 'card',
          subject: 'VALMORI Irene',
          issuer: 'CA di prova',
          not_after: scene === 'sign-expired' ? '2026-10-31T12:00:00Z' : '2028-06-14T12:00:00Z',
          is_author: scene !== 'sign-other',
          pin,
          pin_on_device: inside.reader === 'pin_pad',
          asks_pin: inside.reader !== 'pin_pad',
          asks_otp: false,
          in_browser: false,
          signs_later: false,
          blocked_by: pin === 'locked' ? 'pin_locked' : (BLOCKED[scene] ?? null),
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
          asks_pin: true,
          asks_otp: false,
          in_browser: false,
          signs_later: false,
          blocked_by: null,
        },
      ]
      const remote = remoteIdentity(world)
      return {
        identities: [
          ...(remote ? [remote] : []),
          // With the states of a card to be seen, nothing else is there to sign with.
          ...identities.filter(({ kind }) =>
            kind === 'card' ? inside.reader !== 'empty' && !remote : !scene.startsWith('sign-'),
          ),
        ],
        remote_failure:
          remote?.blocked_by || remote?.signs_later
            ? {
                code: remote.blocked_by ?? 'signing_service_unreachable',
                detail: remote.blocked_by ? 'remote/access-expired' : 'remote/unreachable',
              }
            : null,
        time_stamp: true,
      }
    },
    report_sign_and_send: ({ televisit_id, identity_id, pin: typed, otp, revision }) => {
      const report = reportOf(world, televisit_id)
      if (revision !== report.revision) refuse('conflict', 'report/revision')
      if (report.findings.some(({ severity }) => severity === 'blocking'))
        refuse('report_incomplete', 'report/findings', { field: report.findings[0]?.field })
      if (identity_id === 'remote') {
        if (!inside.link.online) {
          const kept = keepForSignature(world, televisit_id, report)
          stage(world, visitOf(world, televisit_id), 'delivering')
          world.changed('queue', 'report')
          return kept
        }
        takeSecrets(typed, otp)
      } else if (typed !== (inside.reader === 'pin_pad' ? '' : PIN)) {
        tries += 1
        pin = tries === 1 ? 'few_left' : tries === 2 ? 'last_try' : 'locked'
        refuse(
          tries === 1 ? 'wrong_pin_few_left' : tries === 2 ? 'wrong_pin_last_try' : 'pin_locked',
          'pkcs11/CKR_PIN_INCORRECT',
        )
      }
      pin = 'ready'
      const visit = visitOf(world, televisit_id)
      const delivery = deliver(world, televisit_id, report)
      stage(world, visit, inside.link.online ? 'done' : 'delivering')
      world.changed('queue', 'report')
      return delivery
    },
    report_send_otp: () => null,
    report_sign_waiting: ({ pin: typed, otp }) => {
      takeSecrets(typed, otp)
      const waiting = world.rows.queued.filter(({ item }) => item.state === 'awaiting_signature')
      world.rows.queued = world.rows.queued.filter((row) => !waiting.includes(row))
      // The first of many is refused, so that what a refusal looks like can be seen.
      const refused = waiting.length > 1 ? waiting.slice(0, 1) : []
      world.changed('queue', 'report')
      return {
        signed: waiting.length - refused.length,
        left: 0,
        refused: refused.map(({ item }) => ({
          televisit_id: item.opens ?? '',
          failure: { code: 'report_refused', detail: 'gateway/msg/semantic' },
        })),
      }
    },
    report_withdraw: ({ televisit_id }) => {
      const report = reportOf(world, televisit_id)
      world.rows.queued = world.rows.queued.filter(({ item }) => item.opens !== televisit_id)
      report.stage = 'draft'
      report.delivery = null
      world.changed('queue', 'report')
      return { receipts: [], publish_before: null, item: null }
    },
    report_delivery: ({ televisit_id }) =>
      reportOf(world, televisit_id).delivery ?? refuse('not_found', 'report/delivery'),
  }
}
