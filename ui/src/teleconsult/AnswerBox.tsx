import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useShortcuts } from '../app/shortcuts'
import { Banner, Button, Kbd, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useAnswer } from './answer'
import { SavedWord } from './SavedWord'
import { useShowCase } from './update'

/** Of who answers: claim, write, answer. What was typed stays, whoever got the case. */
export function AnswerBox({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const id = view.row.id
  const draft = useAnswer(id, view.answer_draft, true)
  const open = view.can_claim || view.can_answer
  const claim = () => run(() => call('teleconsult_claim', { teleconsult_id: id }), show)
  const answer = async () => {
    if (!view.can_answer || draft.text.trim() === '') return
    await draft.flush()
    await run(
      () => call('teleconsult_answer', { teleconsult_id: id, text: draft.text }),
      (answered) => {
        draft.sent()
        show(answered)
      },
    )
  }
  useShortcuts({ 'Ctrl+Enter': () => void (view.can_claim ? claim() : answer()) })

  const taken = !open && view.owner !== null && view.row.state === 'claimed'
  if (!open && !taken && !failure) return null
  return (
    <div className="answer" data-testid="answer-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
      {taken ? (
        <Banner boxed tone="info" title={t('takenBy', { name: view.owner ?? '' })} testId="taken">
          {draft.text ? t('takenText') : null}
        </Banner>
      ) : null}
      {open || draft.text ? (
        <>
          <div className="line answer-head">
            <span className="cap grow" id="answer-label">
              {t(taken ? 'yourNote' : 'yourAnswer')}
            </span>
            <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
          </div>
          <TextArea
            label={<span className="hide-text">{t('yourAnswer')}</span>}
            value={draft.text}
            onChange={draft.change}
            onBlur={() => void draft.flush()}
            rows={3}
            readOnly={taken}
            testId="answer-text"
          />
          {open ? (
            <div className="line wrap">
              <span className="t-xs mut grow">{t(view.can_claim ? 'claimFirst' : 'answerHint')}</span>
              {view.can_claim ? (
                <Button kind="primary" busy={busy} testId="claim" onPress={claim}>
                  {t('claim')}
                </Button>
              ) : (
                <>
                  <span className="wide-only">
                    <Kbd>Ctrl Invio</Kbd>
                  </span>
                  <Button
                    kind="primary"
                    busy={busy}
                    disabled={draft.text.trim() === ''}
                    testId="answer-send"
                    onPress={answer}
                  >
                    {t('answerAndClose')}
                  </Button>
                </>
              )}
            </div>
          ) : null}
        </>
      ) : null}
    </div>
  )
}
