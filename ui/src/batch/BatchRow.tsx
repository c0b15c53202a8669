import { useTranslation } from 'react-i18next'
import { Icon } from '../design'
import { age, clock, dayMonth, isoDay, nearDay, personName, weekdayName } from '../i18n/format'
import type { BatchRowView } from '../ipc/generated/BatchRowView'

type Props = {
  row: BatchRowView
  selected: boolean
  read: boolean
  chosen: boolean
  onOpen: () => void
  onChoose: () => void
}

/** Who, what for, by when, read or not; and the tick, for one that can be signed. */
export function BatchRow({ row, selected, read, chosen, onOpen, onChoose }: Props) {
  const { t } = useTranslation('batch')
  const name = personName(row.patient)
  const missing = row.obstacle === 'incomplete' && row.missing > 0
  const status =
    row.obstacle === null
      ? t(read ? 'read' : 'toRead')
      : missing
        ? t('missing', { count: row.missing })
        : t(`obstacle.${row.obstacle}`)
  const otherDay = isoDay(new Date(row.start)) !== isoDay()
  return (
    <li className={`ps-row batch-row${selected ? ' is-on' : ''}`} data-testid={`batch-row-${row.televisit_id}`}>
      <button
        type="button"
        className="ps-row-open"
        data-row
        data-row-of={row.televisit_id}
        data-testid={`batch-open-${row.televisit_id}`}
        data-read={read}
        aria-label={t('rowLabel', { at: clock(row.start), name, what: row.reason, status })}
        aria-current={selected || undefined}
        onClick={onOpen}
      />
      <span className="ps-row-lead">
        {otherDay ? (
          <>
            <small>{weekdayName(row.start)}</small>
            {dayMonth(row.start)}
          </>
        ) : (
          clock(row.start)
        )}
      </span>
      <div className="ps-row-text">
        <div className="ps-row-who">
          <b className="cut">{name}</b>
          <span className="mut t-xs nw">{age(row.patient)}</span>
        </div>
        <div className="mut t-xs cut">{row.reason}</div>
        <div className="ps-row-status t-xs">
          {row.obstacle === null ? (
            <span className={`line tight nw ${read ? 'c-ok' : 'c-info'}`}>
              <Icon size="s" name={read ? 'check' : 'password-visible'} />
              {status}
            </span>
          ) : (
            <span className="line tight c-warn">
              <Icon size="s" name="warning-circle" />
              {status}
            </span>
          )}
          {row.publish_before ? <span className="mut cut">{t('due', { on: nearDay(row.publish_before) })}</span> : null}
        </div>
      </div>
      {row.obstacle === null ? (
        <label className="ps-row-action ps-check batch-tick">
          <input
            type="checkbox"
            checked={chosen}
            tabIndex={selected ? 0 : -1}
            data-testid={`batch-tick-${row.televisit_id}`}
            aria-label={t('choose', { name })}
            onChange={onChoose}
          />
        </label>
      ) : null}
    </li>
  )
}
