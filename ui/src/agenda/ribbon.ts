/** The six steps in words, for the detail and for the rows. */
import type { useTranslation } from 'react-i18next'
import type { RibbonItem } from '../design'
import { clock, dayMonth, weekday } from '../i18n/format'
import type { RibbonStepView } from '../ipc/generated/RibbonStepView'

type T = ReturnType<typeof useTranslation<'agenda'>>['t']

export const ribbonItems = (steps: RibbonStepView[], t: T): RibbonItem[] =>
  steps.map((step) => ({ id: step.step, state: step.state, name: t(`steps.${step.step}`), fact: factOf(step, t) }))

function factOf({ step, state, at, note }: RibbonStepView, t: T): string {
  switch (step) {
    case 'prescription':
      if (state === 'failed') return t('facts.refused')
      return at ? t('facts.prescription', { on: weekday(at) }) : t('facts.prescriptionBare')
    case 'eligibility':
      if (state === 'failed') return t('facts.testFailed')
      return state === 'done' && at ? t('facts.passed', { on: dayMonth(at) }) : t('facts.testMissing')
    case 'booking':
      return note === 'paid'
        ? t('facts.paid')
        : note === 'exempt'
          ? t('facts.exempt')
          : note === 'due'
            ? t('facts.due')
            : t('facts.booked')
    case 'access':
      if (state === 'done' && at) return t('facts.joined', { at: clock(at) })
      return at ? t('facts.waitingSince', { at: clock(at) }) : t('facts.notYet')
    case 'delivery':
      if (state === 'failed') return t('facts.notHeld')
      if (state === 'done' && at) return t('facts.delivered', { on: dayMonth(at) })
      return note === 'queued' ? t('facts.queued') : t('facts.toWrite')
    case 'consultation':
      return state === 'done' && at ? t('facts.onPortal', { on: dayMonth(at) }) : t('facts.afterSigning')
  }
}

/** Which of the six is the current one, from 1. */
export const currentStep = (steps: RibbonStepView[]) => {
  const index = steps.findIndex(({ state }) => state === 'current' || state === 'failed')
  return index < 0 ? steps.filter(({ state }) => state === 'done').length : index + 1
}
