import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Choice, Dialog } from '../design'
import { call } from '../ipc/call'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useTelevisitAction } from './update'

const MINUTES = ['5', '10', '15', '30', '60'] as const

export function DelayDialog({ visit, onClose }: { visit: TelevisitView; onClose: () => void }) {
  const { t } = useTranslation(['televisit', 'frame'])
  const [minutes, setMinutes] = useState<(typeof MINUTES)[number]>('10')
  const { run, failure, busy } = useTelevisitAction()
  const send = () => {
    if (busy) return
    return run(() => call('televisit_notify_delay', { televisit_id: visit.id, minutes: Number(minutes) }), onClose)
  }
  return (
    <Dialog
      title={t('delay')}
      size="s"
      onClose={onClose}
      onSubmit={send}
      testId="delay-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy} testId="send-delay">
            {t('delayDialog.send')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t('delayDialog.text')}</p>
        <Choice
          layout="line"
          legend={t('delayDialog.minutes')}
          value={minutes}
          onChange={setMinutes}
          options={MINUTES.map((value) => ({
            value,
            label: t('delayDialog.n', { count: Number(value) }),
            testId: `delay-${value}`,
          }))}
        />
      </div>
    </Dialog>
  )
}
