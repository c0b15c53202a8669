import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Dialog, useLate } from '../design'
import { shortWhen } from '../i18n/format'
import { useView } from '../ipc/query'
import { CheckList, useStationCheck } from './StationCard'
import './station.css'

/** *Verifica postazione*: measures as it opens. */
export function StationDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['station', 'frame'])
  const station = useView('station_state', [])
  const { measure, running, failure } = useStationCheck()
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as it opens
  useEffect(() => {
    void measure()
  }, [])
  const check = station.data?.check ?? null
  return (
    <Dialog
      title={t('check')}
      size="s"
      onClose={onClose}
      testId="station-dialog"
      footer={
        <>
          <span className="t-xs mut grow">
            {check && !running ? t('measuredAt', { at: shortWhen(check.at) }) : null}
          </span>
          <Button icon="refresh" onPress={measure} busy={running} testId="station-check">
            {t('again')}
          </Button>
          <Button kind="primary" onPress={onClose} testId="station-close">
            {t('frame:close')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {running ? (
          <Measuring />
        ) : check ? (
          <>
            <Banner
              boxed
              tone={check.passed ? 'ok' : 'danger'}
              title={`${t(check.passed ? 'passed' : 'notPassed')}.`}
              testId="station-outcome"
            >
              {t(check.passed ? 'passedText' : 'notPassedText')}
            </Banner>
            <div className="ps-card">
              <CheckList check={check} />
            </div>
          </>
        ) : null}
      </div>
    </Dialog>
  )
}

function Measuring() {
  const { t } = useTranslation('station')
  const late = useLate()
  return (
    <div className="station-measuring" role="status">
      {late ? <div className="ps-sk is-84" /> : null}
      <p className="mut">{t('measuring')}</p>
    </div>
  )
}
