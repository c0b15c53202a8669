import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, Icon } from '../design'
import type { CallView } from '../ipc/generated/CallView'
import { useSeconds } from './state'

type Props = { view: CallView; onPhone: () => void; onOutcome: () => void }

/** S2: what stopped, what was kept, from 30 s the telephone, from 90 s the outcome; the way back needs no click. */
export function Interruption({ view, onPhone, onOutcome }: Props) {
  const { t } = useTranslation('call')
  const phase = view.phase.phase === 'interrupted' ? view.phase : null
  const seconds = useSeconds(phase?.since ?? null)
  if (!phase) return null
  const share = Math.min(1, seconds / 90)
  return (
    <div className="call-cut" role="alert" data-testid="interrupted">
      <div className="call-cut-title">
        <Icon name="offline" />
        <b>{t('interrupted')}</b>
      </div>
      <p>{t('interruptedText', { count: seconds })}</p>
      <div className="line wrap">
        {phase.offer_phone ? (
          <Button icon="phone" onPress={onPhone} testId="offer-phone">
            {t('callPhone')}
          </Button>
        ) : null}
        {phase.ask_outcome ? (
          <Button onPress={onOutcome} testId="ask-outcome">
            {t('chooseOutcome')}
          </Button>
        ) : null}
      </div>
      <div className="call-cut-time t-xs" aria-hidden="true">
        <div className="call-cut-track">
          <i style={{ transform: `scaleX(${share})` }} />
          <u />
        </div>
        <div className="call-cut-marks">
          <span>{t('second0')}</span>
          <span>{t('second30')}</span>
          <span>{t('second90')}</span>
        </div>
      </div>
      {phase.ask_outcome ? null : <p className="t-xs">{t('outcomeIn', { count: Math.max(0, 90 - seconds) })}</p>}
    </div>
  )
}

/** *Ripreso*, for a few seconds after the link is back. */
export function useResumed(view: CallView | null) {
  const [resumed, setResumed] = useState(false)
  const was = useRef<string | null>(null)
  const phase = view?.phase.phase ?? null
  useEffect(() => {
    if (was.current === 'interrupted' && phase === 'connected') {
      setResumed(true)
      const timer = setTimeout(() => setResumed(false), 6000)
      was.current = phase
      return () => clearTimeout(timer)
    }
    was.current = phase
  }, [phase])
  return resumed && phase === 'connected'
}
