import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { SavedWord } from '../app/SavedWord'
import { useShortcuts } from '../app/shortcuts'
import { Button, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'
import { useWords } from './words'

/** The asker answers an information request: the specialist's clock runs again. */
export function ReplyBox({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const draft = useWords(view, 'reply')
  const { text } = draft.written
  const send = async () => {
    if (text.trim() === '') return
    await draft.flush()
    await run(
      () => call('teleconsult_reply', { teleconsult_id: view.row.id, text }),
      (replied) => {
        draft.sent()
        show(replied)
      },
    )
  }
  useShortcuts({ 'Ctrl+Enter': () => void send() })
  return (
    <div className="answer" data-testid="reply-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
      <TextArea
        label={t('replyLabel')}
        value={text}
        onChange={(words) => draft.change({ text: words })}
        onBlur={() => void draft.flush()}
        rows={3}
        testId="reply-text"
      />
      <div className="line wrap">
        <span className="t-xs mut grow">{t('replyHint')}</span>
        <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
        <Button kind="primary" busy={busy} disabled={text.trim() === ''} testId="reply-send" onPress={send}>
          {t('replySend')}
        </Button>
      </div>
    </div>
  )
}
