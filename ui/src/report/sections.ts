/** The sections of the form, in the order of the document, and the fields of each. */
import type { FindingView } from '../ipc/generated/FindingView'
import type { ReportField } from '../ipc/generated/ReportField'

export type SectionId =
  | 'question'
  | 'history'
  | 'examination'
  | 'images'
  | 'diagnosis'
  | 'conclusions'
  | 'outcomeAndPlan'
  | 'modality'
  | 'darkening'

export const SECTIONS: { id: SectionId; fields: ReportField[] }[] = [
  { id: 'question', fields: ['question'] },
  { id: 'history', fields: ['history', 'allergies', 'current_therapy'] },
  { id: 'examination', fields: ['examination', 'measurement_source'] },
  { id: 'images', fields: ['image_caption'] },
  { id: 'diagnosis', fields: ['diagnosis'] },
  { id: 'conclusions', fields: ['conclusions'] },
  { id: 'outcomeAndPlan', fields: ['outcome', 'further_tests', 'priority', 'next_control', 'therapy', 'suggestions'] },
  { id: 'modality', fields: ['visit', 'link_suitability'] },
  { id: 'darkening', fields: ['darkening'] },
]

/** Where a field is on screen. */
export const anchorOf = (field: ReportField) => `field-${field}`

export type SectionState = 'ok' | 'advice' | 'blocking'

export function stateOf(fields: ReportField[], findings: FindingView[]): SectionState {
  const mine = findings.filter(({ field }) => fields.includes(field))
  if (mine.some(({ severity }) => severity === 'blocking')) return 'blocking'
  return mine.length > 0 ? 'advice' : 'ok'
}

/** Brings a field into view and puts the cursor in it: one click from wherever it is named. */
export function jumpTo(field: ReportField) {
  const place = document.getElementById(anchorOf(field))
  place?.scrollIntoView({ block: 'center' })
  place?.querySelector<HTMLElement>('input, textarea, select, button')?.focus({ preventScroll: true })
}
