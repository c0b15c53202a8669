import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { SavedWord } from '../app/SavedWord'
import { useShortcuts } from '../app/shortcuts'
import { Banner, Button, Checkbox, Kbd, TextArea, TextField } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { AskDialog } from './AskDialog'
import { LINES, lacking, useAnswer } from './answer'
import { InvolveDialog } from './InvolveDialog'
import { OpinionBox } from './OpinionBox'
import { useShowCase } from './update'

/** Of who answers: claim, ask back, involve, write, answer. What was typed stays, whoever got the case. */
export function AnswerBox({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const [dialog, setDialog] = useState<'ask' | 'involve' | null>(null)
  const id = view.row.id
  const draft = useAnswer(view)
  const { text, opening } = draft.written
  const open = view.can_claim || view.can_answer
  const begun = text.trim() !== '' || LINES.some((line) => opening[line].trim() !== '')
  const missing = lacking(draft.written)
  const claim = () => run(() => call('teleconsult_claim', { teleconsult_id: id }), show)
  const answer = async () => {
    if (!view.can_answer || missing) return
    await draft.flush()
    await run(
      () => call('teleconsult_answer', { teleconsult_id: id, text, opening }),
      (answered) => {
        draft.sent()
        show(answered)
      },
    )
  }
  useShortcuts({
    'Ctrl+Enter': () => void (view.can_claim ? claim() : answer()),
    'Alt+I': () => view.can_ask_information && setDialog('ask'),
  })

  const taken = !open && !view.can_give_opinion && view.owner !== null && view.row.state === 'claimed'
  if (view.can_give_opinion && !open) return <OpinionBox view={view} />
  if (!open && !taken && !failure) return null
  return (
    <div className="answer" data-testid="answer-box">
      {failure ? <FailureBanner failure={failure} /> : null}
      {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
      {taken ? (
        <Banner boxed tone="info" title={t('takenBy', { name: view.owner ?? '' })} testId="taken">
          {begun ? t('takenText') : null}
        </Banner>
      ) : null}
      {open || begun ? (
        <>
          <div className="line answer-head">
            <span className="cap grow">{t(taken ? 'yourNote' : 'yourAnswer')}</span>
            <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
          </div>
          <div className="answer-lines">
            {LINES.map((line) => (
              <TextField
                key={line}
                label={t(`opening.${line}`)}
                placeholder={t(`opening.${HINTS[line]}`)}
                value={opening[line]}
                onChange={(words) => draft.change({ opening: { [line]: words } })}
                onBlur={() => void draft.flush()}
                readOnly={taken}
                maxLength={200}
                testId={`answer-${line}`}
              />
            ))}
          </div>
          <TextArea
            label={t('reasons')}
            optional={t('reasonsOptional')}
            value={text}
            onChange={(words) => draft.change({ text: words })}
            onBlur={() => void draft.flush()}
            rows={2}
            readOnly={taken}
            testId="answer-text"
          />
          {open ? (
            <>
              <Checkbox
                checked={opening.control_visit}
                onChange={(control_visit) => {
                  draft.change({ opening: { control_visit } })
                  void draft.flush()
                }}
                hint={t('opening.controlHint')}
                testId="answer-control-visit"
              >
                {t('opening.control')}
              </Checkbox>
              <div className="line wrap answer-foot">
                {view.can_ask_information ? (
                  <Button testId="ask-information" onPress={() => setDialog('ask')}>
                    {t('askInformation')}
                  </Button>
                ) : null}
                {view.can_involve ? (
                  <Button testId="involve" onPress={() => setDialog('involve')}>
                    {t('involve')}
                  </Button>
                ) : null}
                <span className="t-xs mut grow answer-hint" data-testid="answer-hint">
                  {view.can_claim
                    ? t('claimFirst')
                    : missing && begun
                      ? t('opening.missing', { what: t(`opening.${missing}`) })
                      : t('answerHint')}
                </span>
                {view.can_claim ? (
                  <Button kind="primary" busy={busy} testId="claim" onPress={claim}>
                    {t('claim')}
                  </Button>
                ) : (
                  <span className="line answer-go">
                    <span className="wide-only">
                      <Kbd>Ctrl Invio</Kbd>
                    </span>
                    <Button
                      kind="primary"
                      busy={busy}
                      disabled={missing !== null}
                      testId="answer-send"
                      onPress={answer}
                    >
                      {t('answerAndClose')}
                    </Button>
                  </span>
                )}
              </div>
            </>
          ) : null}
        </>
      ) : null}
      {dialog === 'ask' ? <AskDialog view={view} onClose={() => setDialog(null)} /> : null}
      {dialog === 'involve' ? <InvolveDialog view={view} onClose={() => setDialog(null)} /> : null}
    </div>
  )
}

const HINTS = { what: 'whatHint', by_when: 'byWhenHint', worry: 'worryHint' } as const
