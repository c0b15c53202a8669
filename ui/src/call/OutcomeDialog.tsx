import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { flushAll } from '../app/flush'
import { useRoute } from '../app/routes'
import { Button, Choice, Dialog } from '../design'
import { call } from '../ipc/call'
import type { CallView } from '../ipc/generated/CallView'
import type { NotDeliveredReason } from '../ipc/generated/NotDeliveredReason'
import type { OutcomeView } from '../ipc/generated/OutcomeView'
import { ReasonFields } from '../televisit/NotDeliveredDialog'
import { useTelevisitAction } from '../televisit/update'
import { clearPictures } from './frames'

type Kind = 'delivered' | 'continued_by_phone' | 'to_reschedule' | 'delivered_before_interruption' | 'not_delivered'

function outcomeOf(kind: Kind, reason: NotDeliveredReason | '', note: string): OutcomeView | null {
  switch (kind) {
    case 'continued_by_phone':
    case 'to_reschedule':
      // biome-ignore lint/suspicious/noThenProperty: the contract's word for what follows; nobody awaits it
      return { kind: 'interrupted', then: kind }
    case 'not_delivered':
      return reason === '' ? null : { kind, reason, note: note.trim() }
    default:
      return { kind }
  }
}

/** *Termina* asks the outcome; until it is chosen the call goes on, or keeps trying. */
export function OutcomeDialog({
  televisitId,
  view,
  onClose,
}: {
  televisitId: string
  view: CallView | null
  onClose: () => void
}) {
  const { t } = useTranslation(['call', 'televisit', 'frame'])
  const { go } = useRoute()
  const phase = view?.phase.phase
  const interrupted = phase === 'interrupted'
  const ended = phase === 'ended' || view === null
  const [kind, setKind] = useState<Kind | null>(interrupted ? null : view?.started_at ? 'delivered' : null)
  const [reason, setReason] = useState<NotDeliveredReason | ''>('')
  const [note, setNote] = useState('')
  const { run, failure, busy } = useTelevisitAction()
  const complete =
    kind !== null && (kind !== 'not_delivered' || (reason !== '' && (reason !== 'other' || note.trim() !== '')))

  const confirm = () => {
    if (!kind || !complete || busy) return
    const outcome = outcomeOf(kind, reason, note)
    if (!outcome) return
    return run(
      async () => {
        await flushAll()
        if (!ended) await call('call_hang_up')
        return call('televisit_choose_outcome', { televisit_id: televisitId, outcome })
      },
      () => {
        clearPictures()
        onClose()
        go(
          kind === 'not_delivered'
            ? { place: 'today', id: televisitId }
            : { place: 'today', id: televisitId, view: 'report' },
        )
      },
    )
  }

  const options: { value: Kind; label: string; hint: string; testId: string }[] = (
    ['delivered', 'continued_by_phone', 'to_reschedule', 'delivered_before_interruption', 'not_delivered'] as const
  ).map((value) => ({
    value,
    label: t(`outcomes.${value}`),
    hint: t(`outcomes.${value}_hint`),
    testId: `outcome-${value}`,
  }))

  return (
    <Dialog
      title={t(interrupted ? 'outcomeInterruptedTitle' : 'outcomeTitle')}
      size="s"
      onClose={onClose}
      onSubmit={confirm}
      testId="outcome-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose} testId="continue-call">
            {ended ? t('frame:cancel') : t(interrupted ? 'keepTrying' : 'continueCall')}
          </Button>
          <Button
            kind={kind === 'not_delivered' ? 'danger' : 'primary'}
            type="submit"
            disabled={!complete}
            busy={busy}
            testId="confirm-outcome"
          >
            {t(kind === 'not_delivered' ? 'confirmNotDelivered' : 'confirmEnd')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t(interrupted ? 'outcomeInterruptedText' : 'outcomeText')}</p>
        <Choice<Kind> legend={t('outcomeTitle')} hideLegend value={kind} onChange={setKind} options={options} />
        {kind === 'not_delivered' ? (
          <ReasonFields reason={reason} note={note} onReason={setReason} onNote={setNote} />
        ) : null}
      </div>
    </Dialog>
  )
}
