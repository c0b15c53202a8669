import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog, Select, TextArea } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useShowCase } from './update'

type Props = { view: TeleconsultView; onClose: () => void }

/** *Chiedi altre informazioni*: the clock stands still until the asker replies. */
export function AskDialog({ view, onClose }: Props) {
  const { t } = useTranslation(['teleconsult', 'frame'])
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const [text, setText] = useState('')
  useEffect(() => document.getElementById('ask-text')?.focus(), [])
  const send = () => {
    if (text.trim() === '') return
    return run(
      () => call('teleconsult_ask_information', { teleconsult_id: view.row.id, text }),
      (asked) => {
        show(asked)
        onClose()
      },
    )
  }
  return (
    <Dialog
      title={t('askInformation')}
      size="s"
      onClose={onClose}
      closable={!busy}
      onSubmit={send}
      testId="ask-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={text.trim() === ''} busy={busy} testId="ask-send">
            {t('askSend')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t('askText', { name: view.requester })}</p>
        <TextArea id="ask-text" label={t('askLabel')} value={text} onChange={setText} rows={4} testId="ask-text" />
      </div>
    </Dialog>
  )
}

/** *Coinvolgi specialista*: a colleague writes an opinion beside this one. */
export function InvolveDialog({ view, onClose }: Props) {
  const { t } = useTranslation(['teleconsult', 'frame'])
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const [role, setRole] = useState('')
  const [text, setText] = useState('')
  const lacks = role === '' || text.trim() === ''
  const send = () => {
    if (lacks) return
    return run(
      () => call('teleconsult_involve', { teleconsult_id: view.row.id, role, text }),
      (asked) => {
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
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={lacks} busy={busy} testId="involve-send">
            {t('involveSend')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t('involveText')}</p>
        <Select
          label={t('involveWho')}
          placeholder={t('involveChoose')}
          firstFocus
          value={role}
          hint={view.colleagues.length === 0 ? t('involveNone') : undefined}
          onChange={setRole}
          options={view.colleagues.map(([value, name, speciality]) => ({
            value,
            label: speciality ? `${name}, ${speciality}` : name,
          }))}
          testId="involve-role"
        />
        <TextArea label={t('involveLabel')} value={text} onChange={setText} rows={3} testId="involve-text" />
      </div>
    </Dialog>
  )
}
