import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { SavedWord } from '../app/SavedWord'
import { Button, Dialog, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'
import { useWords } from './words'

type Props = { view: TeleconsultView; onClose: () => void }

/** *Chiedi altre informazioni*: the clock stands still until the asker replies. */
export function AskDialog({ view, onClose }: Props) {
  const { t } = useTranslation(['teleconsult', 'frame'])
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const draft = useWords(view, 'information_request')
  const { text } = draft.written
  useEffect(() => document.getElementById('ask-text')?.focus(), [])
  const send = async () => {
    if (text.trim() === '') return
    await draft.flush()
    await run(
      () => call('teleconsult_ask_information', { teleconsult_id: view.row.id, text }),
      (asked) => {
        draft.sent()
        show(asked)
        onClose()
      },
    )
  }
  return (
    <Dialog
      title={t('askInformation')}
      size="s"
      onClose={onClose}
      closable={!busy}
      onSubmit={send}
      testId="ask-dialog"
      footer={
        <>
          <span className="grow">
            <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
          </span>
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={text.trim() === ''} busy={busy} testId="ask-send">
            {t('askSend')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
        <p>{t('askText', { name: view.requester })}</p>
        <TextArea
          id="ask-text"
          label={t('askLabel')}
          value={text}
          onChange={(words) => draft.change({ text: words })}
          rows={4}
          testId="ask-text"
        />
      </div>
    </Dialog>
  )
}
