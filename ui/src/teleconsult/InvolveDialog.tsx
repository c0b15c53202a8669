import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { SavedWord } from '../app/SavedWord'
import { Button, Dialog, Select, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'
import { useWords } from './words'

type Props = { view: TeleconsultView; onClose: () => void }

/** *Coinvolgi specialista*: a colleague writes an opinion beside this one. */
export function InvolveDialog({ view, onClose }: Props) {
  const { t } = useTranslation(['teleconsult', 'frame'])
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const draft = useWords(view, 'involvement')
  const { role, text } = draft.written
  const lacks = role === '' || text.trim() === ''
  const send = async () => {
    if (lacks) return
    await draft.flush()
    await run(
      () => call('teleconsult_involve', { teleconsult_id: view.row.id, role, text }),
      (asked) => {
        draft.sent()
        show(asked)
        onClose()
      },
    )
  }
  return (
    <Dialog
      title={t('involve')}
      size="s"
      onClose={onClose}
      closable={!busy}
      onSubmit={send}
      testId="involve-dialog"
      footer={
        <>
          <span className="grow">
            <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
          </span>
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={lacks} busy={busy} testId="involve-send">
            {t('involveSend')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.flush} /> : null}
        <p>{t('involveText')}</p>
        <Select
          label={t('involveWho')}
          placeholder={t('involveChoose')}
          firstFocus
          value={role}
          hint={view.colleagues.length === 0 ? t('involveNone') : undefined}
          onChange={(chosen) => draft.change({ role: chosen })}
          options={view.colleagues.map(([value, name, speciality]) => ({
            value,
            label: speciality ? `${name}, ${speciality}` : name,
          }))}
          testId="involve-role"
        />
        <TextArea
          label={t('involveLabel')}
          value={text}
          onChange={(words) => draft.change({ text: words })}
          rows={3}
          testId="involve-text"
        />
      </div>
    </Dialog>
  )
}
