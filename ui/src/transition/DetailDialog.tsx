import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog, Select, TextField } from '../design'
import { day, typedDay } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionAssessment } from '../ipc/generated/TransitionAssessment'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { useShowTransition } from './update'

/** Discharge, assessment and plan of a case. */
export function DetailDialog({ view, onClose }: { view: TransitionView; onClose: () => void }) {
  const { t } = useTranslation(['transition', 'frame'])
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  const known = view.card.expected_discharge
  const [expected, setExpected] = useState(known ? day(known) : '')
  const [assessment, setAssessment] = useState<TransitionAssessment | ''>(view.assessment ?? '')
  const [pai, setPai] = useState(view.pai ?? '')
  const bad = expected.trim() !== '' && typedDay(expected) === null
  const submit = () => {
    if (bad || busy) return
    return run(
      () =>
        call('transition_detail', {
          transition_id: view.card.id,
          expected_discharge: expected.trim() === '' ? null : typedDay(expected),
          assessment: assessment === '' ? null : assessment,
          pai: pai.trim(),
        }),
      (next) => {
        show(next)
        onClose()
      },
    )
  }
  return (
    <Dialog
      title={t('detail.title')}
      size="s"
      onClose={onClose}
      onSubmit={submit}
      testId="detail-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={bad} busy={busy} testId="detail-save">
            {t('detail.save')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <TextField
          label={t('expected')}
          optional={t('referral.optional')}
          placeholder="gg/mm/aaaa"
          maxLength={10}
          firstFocus
          value={expected}
          onChange={setExpected}
          error={bad && expected.length >= 8 ? t('detail.badDay') : undefined}
          testId="detail-expected"
        />
        <Select
          label={t('assessment')}
          placeholder={t('detail.none')}
          value={assessment}
          onChange={(value) => setAssessment(value as TransitionAssessment | '')}
          options={(['simple', 'uvm'] as const).map((value) => ({ value, label: t(`assessments.${value}`) }))}
          testId="detail-assessment"
        />
        <TextField
          label={t('pai')}
          hint={t('paiHint')}
          maxLength={60}
          value={pai}
          onChange={setPai}
          testId="detail-pai"
        />
      </div>
    </Dialog>
  )
}
