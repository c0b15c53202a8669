import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog, Select } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { useShowTransition } from './update'

/** *Assegna*: at once, decided by the region. A handover asks first. */
export function AssignDialog({ view, onClose }: { view: TransitionView; onClose: () => void }) {
  const { t } = useTranslation(['transition', 'frame'])
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  const [colleague, setColleague] = useState('')
  const submit = () => {
    if (colleague === '' || busy) return
    return run(
      () => call('transition_assign', { transition_id: view.card.id, colleague_id: colleague }),
      (next) => {
        show(next)
        onClose()
      },
    )
  }
  return (
    <Dialog
      title={t('assigning.title')}
      size="s"
      onClose={onClose}
      closable={!busy}
      onSubmit={submit}
      testId="assign-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={colleague === ''} busy={busy} testId="assign-save">
            {t('assigning.submit')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t('assigning.text')}</p>
        <Select
          label={t('offer.colleague')}
          placeholder={t('offer.choose')}
          firstFocus
          value={colleague}
          hint={view.colleagues.length === 0 ? t('offer.noColleagues') : undefined}
          onChange={setColleague}
          options={view.colleagues.map(([value, label]) => ({ value, label }))}
          testId="assign-colleague"
        />
      </div>
    </Dialog>
  )
}
