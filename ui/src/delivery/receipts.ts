/** Receipts in words. A step that the region has not confirmed is never done. */
import type { useTranslation } from 'react-i18next'
import type { ChainItem } from '../design'
import { clock, day, nearDay, shortWhen } from '../i18n/format'
import type { DeliveryView } from '../ipc/generated/DeliveryView'
import type { ReceiptView } from '../ipc/generated/ReceiptView'

type T = ReturnType<typeof useTranslation<'delivery'>>['t']

export function chainOf(delivery: DeliveryView, t: T): ChainItem[] {
  const next = delivery.receipts.find(({ at }) => at === null)?.step
  const toCorrect = delivery.item?.state === 'to_correct'
  return delivery.receipts.map((receipt) => {
    const waiting = receipt.step === next
    const done = receipt.at !== null
    return {
      id: receipt.step,
      state: done ? 'done' : waiting ? (toCorrect ? 'refused' : 'waiting') : 'to_do',
      name: receipt.step === 'delivered' && !done ? t('steps.deliveredWaiting') : t(`steps.${receipt.step}`),
      fact: factOf(receipt, delivery, waiting, t),
      when: receipt.at
        ? nearDay(receipt.at) === 'oggi'
          ? clock(receipt.at)
          : shortWhen(receipt.at)
        : waiting && receipt.step !== 'in_fse' && delivery.item && delivery.item.state !== 'confirmed'
          ? t('queued')
          : undefined,
    }
  })
}

function factOf({ step, at, id, foreseen }: ReceiptView, { item }: DeliveryView, waiting: boolean, t: T): string {
  const state = item ? t(`states.${item.state}`) : ''
  const capital = state.charAt(0).toLocaleUpperCase('it') + state.slice(1)
  const tries =
    waiting && item
      ? item.next_try
        ? t('stepFacts.deliveredTry', { state: capital, at: clock(item.next_try) })
        : capital
      : ''
  const unsigned = item?.state === 'awaiting_signature'
  const trace = id ? `, ${shortTrace(id)}` : ''
  switch (step) {
    case 'validated':
      if (at) return `${t('stepFacts.validated')}${trace}`
      return unsigned ? t('stepFacts.validatedBefore') : tries || t('stepFacts.validatedWaiting')
    case 'signed':
      return at ? t('stepFacts.signed') : unsigned ? capital : tries || t('stepFacts.signedWaiting')
    case 'time_stamped':
      return at ? t(id === 'B-LT' ? 'stepFacts.stampedProved' : 'stepFacts.stamped') : t('stepFacts.stampedWaiting')
    case 'delivered':
      return at ? `${t('stepFacts.deliveredDone')}${trace}` : tries
    case 'on_portal':
      return at ? t('stepFacts.onPortal') : t('stepFacts.onPortalWaiting')
    case 'in_fse':
      if (at) return t('stepFacts.inFse', { on: day(foreseen ?? at) })
      return foreseen ? t('stepFacts.inFseForeseen', { on: day(foreseen) }) : t('stepFacts.inFseWaiting')
  }
}

/** The end of a long identifier, enough to tell it apart by telephone; the whole one is in the receipt that is kept. */
function shortTrace(id: string): string {
  const [core = id] = id.split('^')
  return core.length > 12 ? `…${core.slice(-8)}` : core
}

/** The share of the five days that is gone; none while the clock does not run. */
export function clockOf(delivery: DeliveryView, now = Date.now()) {
  const delivered = delivery.receipts.find(({ step }) => step === 'delivered')?.at ?? null
  if (!delivery.publish_before) return { running: false, delivered, gone: null, left: 0, day: 0, from: null }
  const end = Date.parse(delivery.publish_before)
  const from = end - 5 * 86_400_000
  const at = delivered ? Date.parse(delivered) : now
  const gone = Math.max(0, Math.min(1, (at - from) / (end - from)))
  return {
    running: !delivered,
    delivered,
    gone,
    left: end - now,
    day: Math.min(5, Math.floor(gone * 5) + 1),
    from: new Date(from).toISOString(),
  }
}
