/** The steps of a request, and which of the core's missing fields each one owns. */
import type { PatientView } from '../../ipc/generated/PatientView'

export type StepId = 'patient' | 'question' | 'representation' | 'attachments' | 'consent' | 'send'
export type Field =
  | 'patient'
  | 'question'
  | 'speciality'
  | 'priority'
  | 'mode'
  | 'attachments'
  | 'representative'
  | 'consent'

const OWNER: Record<Field, StepId> = {
  patient: 'patient',
  question: 'question',
  speciality: 'question',
  priority: 'question',
  mode: 'question',
  attachments: 'attachments',
  representative: 'representation',
  consent: 'consent',
}

const isField = (name: string): name is Field => name in OWNER

export const fieldsOf = (missing: string[]): Field[] => missing.filter(isField)
export const missingIn = (missing: string[], step: StepId) => fieldsOf(missing).filter((field) => OWNER[field] === step)
export const stepOf = (field: Field) => OWNER[field]

/** Somebody must speak for a minor and for who has a guardian; with a support administrator the decree says. */
export const mustBeRepresented = (patient: PatientView) =>
  patient.minor || patient.related.some(({ title }) => title === 'guardian')

export const stepsOf = (patient: PatientView): StepId[] =>
  mustBeRepresented(patient) || patient.represented
    ? ['patient', 'question', 'representation', 'attachments', 'consent', 'send']
    : ['patient', 'question', 'attachments', 'consent', 'send']

/** Moves the focus to a field, once its step is drawn. */
export function focusField(field: Field) {
  setTimeout(() => {
    const box = document.getElementById(`field-${field}`)
    box?.scrollIntoView?.({ block: 'nearest' })
    ;(box?.matches('input, textarea, select')
      ? box
      : box?.querySelector<HTMLElement>('input, textarea, select, button')
    )?.focus()
  })
}
