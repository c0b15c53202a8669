import { useTranslation } from 'react-i18next'
import { Badge, FiveDayClock } from '../design'
import { isoDay, shiftDay, span, weekday, weekdayName } from '../i18n/format'
import type { DeliveryView } from '../ipc/generated/DeliveryView'
import { clockOf } from './receipts'
import './delivery.css'

/** Five days from validation: gone, left, and what happens at the end. */
export function ClockCard({ delivery, title }: { delivery: DeliveryView; title: string }) {
  const { t } = useTranslation('delivery')
  const { t: tr } = useTranslation('report')
  const clock = clockOf(delivery)
  const first = clock.from ? isoDay(new Date(clock.from)) : null
  return (
    <section className="ps-card" data-testid="five-day-clock">
      <div className="ps-card-head">
        <h2 className="grow">{title}</h2>
        {clock.running ? (
          <Badge tone={clock.day >= 4 ? 'danger' : clock.day === 3 ? 'warn' : 'ok'} icon="due">
            {t('day', { n: clock.day })}
          </Badge>
        ) : null}
      </div>
      <div className="ps-card-body">
        <FiveDayClock
          gone={clock.gone}
          label={clock.gone === null ? tr('notStarted') : tr('dayOf', { n: clock.day })}
        />
        {first ? (
          <div className="clock-days t-xs" aria-hidden="true">
            <span>{weekday(first).replace(/ \S+$/, '')}</span>
            {[1, 2, 3, 4].map((n) => (
              <span key={n}>{weekdayName(shiftDay(first, n))}</span>
            ))}
            <span>{weekday(shiftDay(first, 5)).replace(/ \S+$/, '')}</span>
          </div>
        ) : null}
        <p className="t-xs">
          {clock.delivered ? (
            t('clockDone')
          ) : clock.gone === null ? (
            t('clockNotYet')
          ) : (
            <>
              <b>{clock.left > 0 ? t('left', { left: span(clock.left) }) : t('over')}.</b> {t('clockText')}
            </>
          )}
        </p>
      </div>
    </section>
  )
}
