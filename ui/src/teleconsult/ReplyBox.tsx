import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useShortcuts } from '../app/shortcuts'
import { Button, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'

/** The asker answers an information request: the specialist's clock runs again. */
export function ReplyBox({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const [text, setText] = useState('')
  const send = () => {
    if (text.trim() === '') return
    return run(() => call('teleconsult_reply', { teleconsult_id: view.row.id, text }), show)
  }
  useShortcuts({ 'Ctrl+Enter': () => void send() })
  return (
    <div className="answer" data-testid="reply-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      <TextArea label={t('replyLabel')} value={text} onChange={setText} rows={3} testId="reply-text" />
      <div className="line wrap">
        <span className="t-xs mut grow">{t('replyHint')}</span>
        <Button kind="primary" busy={busy} disabled={text.trim() === ''} testId="reply-send" onPress={send}>
          {t('replySend')}
        </Button>
      </div>
    </div>
  )
}
