import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Badge, Button, CheckLine, Icon } from '../design'
import { shortWhen } from '../i18n/format'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { CheckItemView } from '../ipc/generated/CheckItemView'
import type { Failure } from '../ipc/generated/Failure'
import type { StationCheckView } from '../ipc/generated/StationCheckView'
import type { StationView } from '../ipc/generated/StationView'
import { STATION_KEY } from '../ipc/query'
import { countOf, itemText } from './checks'

/** Measures the station now; the figures come from the devices and from the region, never from here. */
export function useStationCheck() {
  const client = useQueryClient()
  const [failure, setFailure] = useState<Failure | null>(null)
  const [running, setRunning] = useState(false)
  const measure = async () => {
    setFailure(null)
    setRunning(true)
    try {
      const check = await call('station_check')
      client.setQueryData<StationView>(STATION_KEY, (station) => (station ? { ...station, check } : station))
    } catch (refusal) {
      setFailure(toFailure(refusal))
    } finally {
      setRunning(false)
    }
  }
  return { measure, running, failure }
}

export function CheckMark({ item }: { item: CheckItemView }) {
  const { outcome } = item
  return (
    <span
      className={
        outcome === 'passed' ? 'c-ok' : outcome === 'warning' ? 'c-warn' : outcome === 'failed' ? 'c-danger' : 'mut'
      }
    >
      <Icon
        name={
          outcome === 'passed'
            ? 'check-circle'
            : outcome === 'warning'
              ? 'warning-circle'
              : outcome === 'failed'
                ? 'error'
                : 'minus-circle'
        }
      />
    </span>
  )
}

export function CheckList({ check }: { check: StationCheckView }) {
  const { t } = useTranslation('station')
  return (
    <ul>
      {check.items.map((item) => (
        <li key={item.item}>
          <CheckLine
            mark={<CheckMark item={item} />}
            title={t(`${item.item}.name`)}
            testId={`check-${item.item}`}
            state={item.outcome}
          >
            {itemText(item, t)}
            {item.synthetic ? <span className="c-warn"> ({t('synthetic')})</span> : null}
            {item.outcome === 'failed' && item.detail ? (
              <>
                . {t('detail', { detail: '' })}
                <span className="mono">{item.detail}</span>
              </>
            ) : null}
          </CheckLine>
        </li>
      ))}
    </ul>
  )
}

/** The state of this PC, measured: beside the login and in the dialog *Verifica postazione*. */
export function StationCard({ check }: { check: StationCheckView | null }) {
  const { t } = useTranslation('station')
  const { measure, running, failure } = useStationCheck()
  return (
    <>
      <section className="ps-card" data-testid="station-card">
        <div className="ps-card-head">
          <h2 className="grow station-title">{t('title')}</h2>
          {check ? <CheckBadge check={check} /> : null}
        </div>
        <p className="t-xs mut station-when" role="status">
          {running ? t('measuring') : check ? t('measuredAt', { at: shortWhen(check.at) }) : t('never')}
        </p>
        {check ? <CheckList check={check} /> : null}
      </section>
      {failure ? <FailureBanner failure={failure} /> : null}
      <div className="line station-again">
        <Button icon="refresh" onPress={measure} busy={running} testId="station-check">
          {t(check ? 'again' : 'check')}
        </Button>
      </div>
    </>
  )
}

export function CheckBadge({ check }: { check: StationCheckView }) {
  const { t } = useTranslation('station')
  const failed = countOf(check, 'failed')
  const warned = countOf(check, 'warning')
  if (failed > 0)
    return (
      <Badge tone="danger" icon="error">
        {t('failures', { count: failed })}
      </Badge>
    )
  if (warned > 0)
    return (
      <Badge tone="warn" icon="warning-circle">
        {t('warnings', { count: warned })}
      </Badge>
    )
  return (
    <Badge tone="ok" icon="check">
      {t('allGood')}
    </Badge>
  )
}
