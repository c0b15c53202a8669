import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { SavedWord } from '../app/SavedWord'
import { useShortcuts } from '../app/shortcuts'
import { Button, Checkbox, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'
import { useWords } from './words'

/** The opinion of who was involved: it stays beside the others, also when it disagrees. */
export function OpinionBox({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const draft = useWords(view, 'opinion')
  const { text, disagrees } = draft.written
  const send = async () => {
    if (text.trim() === '') return
    await draft.flush()
    await run(
      () => call('teleconsult_opinion', { teleconsult_id: view.row.id, text, disagrees }),
      (given) => {
        draft.sent()
        show(given)
      },
    )
  }
  useShortcuts({ 'Ctrl+Enter': () => void send() })
  return (
    <div className="answer" data-testid="opinion-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
      <TextArea
        label={t('opinionLabel')}
        value={text}
        onChange={(words) => draft.change({ text: words })}
        onBlur={() => void draft.flush()}
        rows={3}
        testId="opinion-text"
      />
      <Checkbox
        checked={disagrees}
        onChange={(differs) => {
          draft.change({ disagrees: differs })
          void draft.flush()
        }}
        hint={t('opinionDisagreesHint')}
        testId="opinion-disagrees"
      >
        {t('opinionDisagrees')}
      </Checkbox>
      <div className="line wrap">
        <span className="grow">
          <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
        </span>
        <Button kind="primary" busy={busy} disabled={text.trim() === ''} testId="opinion-send" onPress={send}>
          {t('opinionSend')}
        </Button>
      </div>
    </div>
  )
}
