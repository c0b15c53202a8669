import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useShortcuts } from '../app/shortcuts'
import { Button, Checkbox, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'

/** The opinion of who was involved: it stays beside the others, also when it disagrees. */
export function OpinionBox({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const [text, setText] = useState('')
  const [disagrees, setDisagrees] = useState(false)
  const send = () => {
    if (text.trim() === '') return
    return run(
      () => call('teleconsult_opinion', { teleconsult_id: view.row.id, text, disagrees }),
      (given) => {
        setText('')
        setDisagrees(false)
        show(given)
      },
    )
  }
  useShortcuts({ 'Ctrl+Enter': () => void send() })
  return (
    <div className="answer" data-testid="opinion-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      <TextArea label={t('opinionLabel')} value={text} onChange={setText} rows={3} testId="opinion-text" />
      <Checkbox checked={disagrees} onChange={setDisagrees} hint={t('opinionDisagreesHint')} testId="opinion-disagrees">
        {t('opinionDisagrees')}
      </Checkbox>
      <div className="line wrap">
        <span className="grow" />
        <Button kind="primary" busy={busy} disabled={text.trim() === ''} testId="opinion-send" onPress={send}>
          {t('opinionSend')}
        </Button>
      </div>
    </div>
  )
}
