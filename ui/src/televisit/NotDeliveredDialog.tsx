import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog, Select, TextField } from '../design'
import { call } from '../ipc/call'
import type { NotDeliveredReason } from '../ipc/generated/NotDeliveredReason'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useTelevisitAction } from './update'

export const REASONS: NotDeliveredReason[] = [
  'patient_absent',
  'technical',
  'identity_not_confirmed',
  'consent_refused',
  'not_suitable',
  'other',
]

export function NotDeliveredDialog({ visit, onClose }: { visit: TelevisitView; onClose: () => void }) {
  const { t } = useTranslation(['televisit', 'frame'])
  const [reason, setReason] = useState<NotDeliveredReason | ''>('')
  const [note, setNote] = useState('')
  const { run, failure, busy } = useTelevisitAction()
  const complete = reason !== '' && (reason !== 'other' || note.trim() !== '')
  const record = () => {
    if (reason === '' || !complete || busy) return
    return run(
      () =>
        call('televisit_not_delivered', {
          televisit_id: visit.id,
          outcome: { kind: 'not_delivered', reason, note: note.trim() },
        }),
      onClose,
    )
  }
  return (
    <Dialog
      title={t('notDelivered')}
      size="s"
      onClose={onClose}
      onSubmit={record}
      testId="not-delivered-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="danger" type="submit" disabled={!complete} busy={busy} testId="confirm-not-delivered">
            {t('notDeliveredDialog.confirm')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t('notDeliveredDialog.text')}</p>
        <ReasonFields reason={reason} note={note} onReason={setReason} onNote={setNote} />
      </div>
    </Dialog>
  )
}

type ReasonProps = {
  reason: NotDeliveredReason | ''
  note: string
  onReason: (reason: NotDeliveredReason) => void
  onNote: (note: string) => void
}

export function ReasonFields({ reason, note, onReason, onNote }: ReasonProps) {
  const { t } = useTranslation('televisit')
  return (
    <>
      <Select
        label={t('notDeliveredDialog.reason')}
        value={reason}
        placeholder={t('notDeliveredDialog.reason')}
        firstFocus
        onChange={(value) => onReason(value as NotDeliveredReason)}
        options={REASONS.map((value) => ({ value, label: t(`reasons.${value}`) }))}
        testId="reason"
      />
      <TextField
        label={t(reason === 'other' ? 'notDeliveredDialog.noteOther' : 'notDeliveredDialog.note')}
        value={note}
        onChange={onNote}
        testId="reason-note"
      />
    </>
  )
}
