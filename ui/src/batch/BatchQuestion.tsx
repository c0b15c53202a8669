import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { BatchQuestionView } from '../ipc/generated/BatchQuestionView'
import { useView } from '../ipc/query'
import { isTyped, NOTHING, type Secrets, SigningSecrets } from '../report/SigningSecrets'

/** The device asks again, or for the next reports. One answer, used once: nothing is tried twice by itself. */
export function BatchQuestion({ question, identityId }: { question: BatchQuestionView; identityId: string }) {
  const { t } = useTranslation('batch')
  const devices = useView('report_signing_devices', [])
  const identity = devices.data?.identities.find(({ id }) => id === identityId)
  const [secrets, setSecrets] = useState<Secrets>(NOTHING)
  const { run, failure, busy } = useAction()
  const ready = identity !== undefined && isTyped(identity, secrets)
  const stop = () => run(() => call('batch_cancel'))
  const answer = () => {
    if (!ready) return
    void run(() => call('batch_authorise', { question: question.number, ...secrets }))
    setSecrets(NOTHING)
  }
  return (
    <Dialog
      title={t('question.title', { count: question.documents })}
      size="s"
      onClose={() => void stop()}
      closable={false}
      onSubmit={answer}
      testId="batch-question"
      footer={
        <>
          <span className="grow" />
          <Button testId="batch-question-stop" disabled={busy} onPress={stop}>
            {t('question.stop')}
          </Button>
          <Button kind="primary" type="submit" disabled={!ready} busy={busy} testId="batch-answer">
            {t('question.go')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {question.refused ? <FailureBanner failure={question.refused} /> : null}
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>
          {question.after > 0 ? `${t('question.after', { count: question.after })} ` : null}
          {t('question.untouched')}
        </p>
        {identity?.pin_on_device ? <p>{t('question.onDevice')}</p> : null}
        {identity ? (
          <SigningSecrets identity={identity} secrets={secrets} onChange={setSecrets} disabled={busy} />
        ) : null}
      </div>
    </Dialog>
  )
}
