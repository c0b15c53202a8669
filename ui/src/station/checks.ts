/** How the measured items of the station read. */
import type { useTranslation } from 'react-i18next'
import { figure } from '../i18n/format'
import type { CheckItem } from '../ipc/generated/CheckItem'
import type { CheckItemView } from '../ipc/generated/CheckItemView'
import type { StationCheckView } from '../ipc/generated/StationCheckView'

type T = ReturnType<typeof useTranslation<'station'>>['t']

const DIGITS: Record<CheckItem, number> = {
  region: 0,
  clock: 1,
  archive: 0,
  camera: 0,
  microphone: 0,
  relay: 0,
  signing_device: 0,
}

export function itemText(item: CheckItemView, t: T) {
  const value = item.value === null ? null : figure(item.value, DIGITS[item.item])
  const words =
    item.outcome === 'absent'
      ? t('absent')
      : item.outcome === 'failed'
        ? item.item === 'clock' && value !== null
          ? t('clock.bad', { value })
          : t(`${item.item}.bad`, { value: value ?? '' })
        : value === null
          ? t('unmeasured')
          : t(`${item.item}.ok`, { value })
  return [item.device, words].filter(Boolean).join(', ')
}

export const countOf = (check: StationCheckView, outcome: CheckItemView['outcome']) =>
  check.items.filter((item) => item.outcome === outcome).length
