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

/** *Presa visione* of who asked, with remarks where they are needed. */
export function Acknowledge({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const draft = useWords(view, 'remarks')
  const remarks = draft.written.text
  const send = async () => {
    await draft.flush()
    await run(
      () => call('teleconsult_acknowledge', { teleconsult_id: view.row.id, text: remarks.trim() }),
      (acknowledged) => {
        draft.sent()
        show(acknowledged)
      },
    )
  }
  useShortcuts({ 'Ctrl+Enter': () => void send() })
  return (
    <div className="answer" data-testid="acknowledge-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
      <TextArea
        label={t('remarks')}
        optional={t('remarksOptional')}
        value={remarks}
        onChange={(text) => draft.change({ text })}
        onBlur={() => void draft.flush()}
        rows={2}
        testId="remarks"
      />
      <div className="line wrap">
        <span className="grow">
          <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
        </span>
        <Button kind="primary" busy={busy} testId="acknowledge" onPress={send}>
          {t(remarks.trim() ? 'acknowledgeRemarks' : 'acknowledge')}
        </Button>
      </div>
    </div>
  )
}
