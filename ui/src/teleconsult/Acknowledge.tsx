import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useShortcuts } from '../app/shortcuts'
import { Button, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'

/** *Presa visione* of who asked, with remarks where they are needed. */
export function Acknowledge({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const [remarks, setRemarks] = useState('')
  const send = () =>
    run(() => call('teleconsult_acknowledge', { teleconsult_id: view.row.id, text: remarks.trim() }), show)
  useShortcuts({ 'Ctrl+Enter': () => void send() })
  return (
    <div className="answer" data-testid="acknowledge-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      <TextArea
        label={t('remarks')}
        optional={t('remarksOptional')}
        value={remarks}
        onChange={setRemarks}
        rows={2}
        testId="remarks"
      />
      <div className="line wrap">
        <span className="grow" />
        <Button kind="primary" busy={busy} testId="acknowledge" onPress={send}>
          {t(remarks.trim() ? 'acknowledgeRemarks' : 'acknowledge')}
        </Button>
      </div>
    </div>
  )
}
